"""The report's page live in a browser, with what a person can decide: ``wfbreak ui``.

``reaching`` has the engine, ``memory`` what never changes of it, ``watching`` tells when something
else has; ``listing`` and ``controls`` say as data what the pages show beside the report, ``pages``
writes them, ``deeds`` does what a form asks for, ``safety`` lets nobody else in; ``app`` puts them
together and ``server`` serves it.
"""
