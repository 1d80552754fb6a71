"""The dependency graph of a stack as a picture: of a template, or of an execution as it stands.

``reading`` makes the picture, ``collapsing`` draws many things as few, ``layout`` gives each its
place; ``svg``, ``png``, ``dot``, ``mermaid``, ``terminal`` and ``data`` write it.
"""
