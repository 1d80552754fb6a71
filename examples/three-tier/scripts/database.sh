#!/bin/sh
# Jinja text such as {{ ansible_host }} must reach the server as it stands.
createuser app --password "$PASSWORD"
echo "listen_addresses = '$ADDRESS'" >> /etc/postgresql/postgresql.conf
systemctl restart postgresql
