"""The picture as PNG, for chats and documents that take no SVG."""

from __future__ import annotations

import functools

from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.graph.svg import FONT

_PIXELS = 100_000_000
"""The largest image: more than programs that show images take."""


class PngUnavailable(WfbreakError):
    """No PNG can be made here."""

    exit_status = ExitStatus.BAD_INPUT


def render(svg: str, width: float, height: float, scale: float = 2.0) -> bytes:
    """The image of an SVG, ``scale`` times as large in each direction.

    :raises PngUnavailable: if what draws it is not installed, or there is no font to write with.
    """
    try:
        import resvg_py
    except ImportError:
        raise PngUnavailable(
            "PNG needs the extra 'png': pip install 'wfbreak[png]'; svg needs nothing"
        ) from None
    if not _has_fonts():
        raise PngUnavailable(
            "PNG needs a font, and this machine has none: install one (Debian: fonts-dejavu-core), "
            "or take svg, which whoever looks at it writes with their own"
        )
    scale = min(scale, (_PIXELS / max(1.0, width * height)) ** 0.5)
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale))


@functools.cache
def _has_fonts() -> bool:
    """Whether a letter leaves a trace: without fonts, text is left out in silence."""
    import resvg_py

    def drawn(letters: str) -> bytes:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string='<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
                f'<text x="2" y="16" font-family="{FONT}">{letters}</text></svg>'
            )
        )

    return drawn("W") != drawn(" ")
