"""How large a stack may be: what Heat allows unless a cloud is set up otherwise.

Whoever translates for a cloud whose ``heat.conf`` has other numbers tells them, so that what its
Heat would take is taken, and no more.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``resources`` are as many as a stack and all inside of it may have (Heat's
    ``max_resources_per_stack``), ``template_size`` the characters of one template
    (``max_template_size``)."""

    resources: int = 1000
    template_size: int = 524_288


HEATS = Limits()
"""Those of a Heat that nobody has set up otherwise."""

NONE = Limits(resources=sys.maxsize, template_size=sys.maxsize)
