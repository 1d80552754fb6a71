#!/bin/sh
echo "DATABASE=$DATABASE" > /etc/default/app
echo "SERVERS=$NAMES" >> /etc/default/app
systemctl restart app
