"""Breakpoints for Heat stacks: a template and its hooks, compiled into a Mistral workflow."""

__version__ = "0.1.0"
