"""A real OpenStack on one machine, which the tests bring up, use, break and end.

Keystone, Neutron, Placement, Glance, Nova, Cinder, Barbican, Heat and Mistral with MariaDB and
RabbitMQ below them: everything real but the hypervisor, the volumes' store and the network's
agents. It listens on loopback only, at ports that are free when it starts, and keeps all of its
state in one folder; so several may run side by side.
"""
