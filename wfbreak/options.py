"""What an operator sets in Mistral's configuration: the section ``[wfbreak]``.

The engine's processes and its executors read the same file, so what concerns them alone (which
cloud, for how long) stands there, and not with whoever translates a template. Outside of Mistral
every option has its default.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from wfbreak import keys

GROUP: Final = keys.OPTION_GROUP


def listed() -> list[tuple[str, list[Any]]]:
    """All options of the section, as oslo.config's sample generator wants them."""
    return [*keys.options(), (GROUP, _options())]


def _options() -> list[Any]:
    from oslo_config import cfg

    return [
        cfg.StrOpt(
            "cloud",
            help="The cloud of the executor's clouds.yaml whose rights resources are made with, "
            "where Mistral has no Keystone ([pecan] auth_enable = false). Unset: OS_CLOUD and "
            "OS_* of the executor's environment. Never used for a caller with a token.",
        ),
        cfg.StrOpt(
            "region_name",
            help="The region in which resources are made, unless a request to Mistral names one "
            "(X-Region-Name). Unset: the first of the catalogue.",
        ),
        cfg.StrOpt(
            "interface",
            default="public",
            choices=["public", "internal", "admin"],
            help="Which of the services' endpoints the executors talk to.",
        ),
        cfg.IntOpt(
            "credential_days",
            default=30,
            min=1,
            help="After so many days an execution's application credential expires, if nothing "
            "has deleted it before.",
        ),
    ]


@functools.cache
def configuration() -> Any:
    """oslo.config's global object, which Mistral fills, with the section ``wfbreak`` in it."""
    from oslo_config import cfg

    cfg.CONF.register_opts(_options(), group=GROUP)
    return cfg.CONF


def section() -> Any:
    """The section's values as they are now."""
    return configuration()[GROUP]


def has_keystone() -> bool:
    """Whether Mistral checks its callers; also true where that cannot be told.

    Not every message of the engine's carries its caller's token (an action that it repeats for a
    missed heartbeat has none), so that a missing token alone does not say that there is no caller.
    """
    from oslo_config import cfg

    try:
        return bool(configuration().pecan.auth_enable)
    except cfg.NoSuchOptError:
        return True
