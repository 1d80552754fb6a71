"""A Mistral of several machines' kind on this one, what happens to it, and what its stacks become.

Two APIs, two engines, two executors, each a process of its own, with RabbitMQ and PostgreSQL or
MariaDB below them. The programs, folders and ports are those of the cloud's lab (``cloud.lab``).
"""
