"""Find the files that travel with wfbreak: from an installed wheel and from a checkout alike.

In a wheel, ``schemas/`` and ``workflows/`` lie inside the package; in a checkout (and an editable
install of one) they are the top-level folders beside it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def data_file(folder: str, name: str) -> Path:
    """The path of ``name`` (with a folder inside, maybe) in ``schemas`` or ``workflows``.

    :raises FileNotFoundError: if the installation lacks it.
    """
    for base in (_PACKAGE, _PACKAGE.parent):
        path = base / folder / name
        if path.is_file():
            return path
    raise FileNotFoundError(f"{folder}/{name} is missing from this installation of wfbreak")
