#!/bin/bash

# heat-cfntools are looked for in /opt/aws/bin; a package may not have put them there.
cfn-create-aws-symlinks

# Without the tools the boot goes on all the same.
exit 0
