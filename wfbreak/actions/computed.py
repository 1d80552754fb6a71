"""The ``OS::Heat::*`` types that need no cloud, computed as Heat computes them.

Heat carries these out itself, so every provider can: a random string has its length and its
character classes, a delay takes its time, a test resource fails when it is told to. The rules are
those of ``heat/engine/resources/openstack/heat`` in openstack-heat 27.0.1; what is random there
follows here from the execution and the resource, so that a second run gives the same. Whether
anybody else can tell it is the provider's affair: it says how a secret is drawn.
"""

from __future__ import annotations

import os.path
import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wfbreak.actions.identity import Identity
from wfbreak.actions.provider import ProviderError
from wfbreak.hot.plain import describe

_CLASSES = {
    "lettersdigits": string.ascii_letters + string.digits,
    "letters": string.ascii_letters,
    "lowercase": string.ascii_lowercase,
    "uppercase": string.ascii_uppercase,
    "digits": string.digits,
    "hexdigits": string.digits + "ABCDEF",
    "octdigits": string.octdigits,
}


@dataclass(frozen=True, slots=True)
class Computed:
    """What such a type does: its attributes, the seconds it takes, and whether it then fails."""

    attributes: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Chance:
    """What is random for one resource. ``draw`` gives what draws its secrets, when there is one."""

    identity: Identity
    draw: Callable[[], random.Random]


def compute(kind: str, properties: Mapping[str, Any], chance: Chance) -> Computed | None:
    """What Heat computes for a resource; None for a type that it does not compute.

    :raises ProviderError: if Heat refuses the properties.
    """
    handler = _TYPES.get(kind)
    if handler is None:
        return None
    try:
        return handler(properties, chance)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ProviderError(f"bad properties: {error}") from None


def _number(value: Any, default: float = 0.0) -> float:
    return default if value is None else float(value)


def _random_string(properties: Mapping[str, Any], chance: Chance) -> Computed:
    length = int(properties.get("length") or 32)
    classes = properties.get("character_classes")
    if classes is None:
        classes = [{"class": properties.get("sequence") or "lettersdigits"}]
    pools: list[tuple[str, int]] = []
    for item in properties.get("character_sequences") or []:
        pools.append((str(item["sequence"]), int(item.get("min", 1))))
    for item in classes:
        name = item.get("class", "lettersdigits")
        if name not in _CLASSES:
            raise ProviderError(f"bad properties: there is no character class {name!r}")
        pools.append((_CLASSES[name], int(item.get("min", 1))))
    if not 1 <= length <= 512:
        raise ProviderError("bad properties: the length must be between 1 and 512")
    if sum(least for _, least in pools) > length:
        raise ProviderError("bad properties: the length is smaller than the sum of the minimums")
    drawn = chance.draw()
    everything = sorted(set("".join(pool for pool, _ in pools)))
    if not everything:
        raise ProviderError("bad properties: there are no characters to choose from")
    letters = [drawn.choice(sorted(set(pool))) for pool, least in pools for _ in range(least)]
    letters += [drawn.choice(everything) for _ in range(length - len(letters))]
    drawn.shuffle(letters)
    return Computed({"value": "".join(letters)})


def _value(properties: Mapping[str, Any], _chance: Chance) -> Computed:
    """The attribute is the value as it was given: its type is only checked (``Value`` in
    heat/engine/resources/openstack/heat/value.py reads it by the schema of any type)."""
    kind, value = properties.get("type"), properties.get("value")
    if value is not None and not _is_like(kind, value):
        raise ProviderError(f"bad properties: {describe(value)} cannot become a {kind}")
    return Computed({"value": value})


def _is_like(kind: Any, value: Any) -> bool:
    """Whether ``Property.get_value`` of heat/engine/properties.py takes the value for the type."""
    match kind:
        case None:
            return True
        case "string":
            return isinstance(value, (str, int))
        case "number":
            if isinstance(value, str):
                float(value)
            return isinstance(value, (int, float, str))
        case "boolean":
            _truth(value)
            return True
        case "comma_delimited_list":
            return isinstance(value, (list, tuple))
        case "json":
            return isinstance(value, Mapping)
        case _:
            raise ProviderError(f"bad properties: there is no type {kind!r}")


def _truth(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ProviderError(f"bad properties: {describe(value)} cannot become a boolean")


def _test_resource(properties: Mapping[str, Any], _chance: Chance) -> Computed:
    waits = properties.get("action_wait_secs") or {}
    seconds = waits.get("create")
    if seconds is None:
        seconds = properties.get("wait_secs")
    waited = _number(seconds)
    value = properties.get("value", "test_string")
    return Computed(
        {"output": None if value is None else str(value)},
        seconds=float("inf") if waited < 0 else waited,
        failure="the property fail is true" if _truth(properties.get("fail")) else None,
    )


def _delay(properties: Mapping[str, Any], chance: Chance) -> Computed:
    if "CREATE" not in properties.get("actions", ["CREATE"]):
        return Computed()
    jitter = _number(properties.get("max_jitter")) * _number(properties.get("jitter_multiplier"), 1)
    least = _number(properties.get("min_wait"))
    if least < 0 or jitter < 0:
        raise ProviderError("bad properties: a delay cannot be negative")
    return Computed(seconds=least + jitter * chance.identity.random("jitter").random())


def _config(properties: Mapping[str, Any], _chance: Chance) -> Computed:
    return Computed({"config": properties.get("config")})


def _component(_properties: Mapping[str, Any], _chance: Chance) -> Computed:
    # Heat lists the attribute, and gives nothing for it: what it would give is called "configs".
    return Computed({"config": None})


def _cloud_config(properties: Mapping[str, Any], _chance: Chance) -> Computed:
    import yaml

    text = yaml.safe_dump(properties.get("cloud_config")).removesuffix("...\n")
    return Computed({"config": f"#cloud-config\n{text}"})


def _multipart(properties: Mapping[str, Any], chance: Chance) -> Computed:
    import email
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText

    def attach(text: str, subtype: str, filename: str) -> None:
        charset = "us-ascii" if text.isascii() else "utf-8"
        part = MIMEText(text, subtype or os.path.splitext(filename)[0] or "plain", charset)
        if filename:
            part.add_header("Content-Disposition", "attachment", filename=filename)
        message.attach(part)

    # Python chooses a boundary at random; the same every time is what a second run needs.
    message = MIMEMultipart(
        boundary=f"==============={chance.identity.number('boundary', 10**19):019}=="
    )
    for item in properties.get("parts") or []:
        text = str(item["config"])
        if item.get("type", "text") == "multipart":
            inner = email.message_from_string(text).get_payload()
            for part in inner if isinstance(inner, list) else ():
                if isinstance(part, email.message.Message):
                    attach(
                        str(part.get_payload()),
                        part.get_content_subtype(),
                        part.get_filename() or "",
                    )
        else:
            # Where it is the id of another config, a rehearsal knows no more; the translation has
            # put that config's text there for what is made in earnest.
            attach(text, str(item.get("subtype") or ""), str(item.get("filename") or ""))
    return Computed({"config": message.as_string()})


_TYPES: dict[str, Callable[[Mapping[str, Any], Chance], Computed]] = {
    "OS::Heat::CloudConfig": _cloud_config,
    "OS::Heat::Delay": _delay,
    "OS::Heat::MultipartMime": _multipart,
    "OS::Heat::None": lambda _properties, _chance: Computed(),
    "OS::Heat::RandomString": _random_string,
    "OS::Heat::SoftwareComponent": _component,
    "OS::Heat::SoftwareConfig": _config,
    "OS::Heat::StructuredConfig": _config,
    "OS::Heat::TestResource": _test_resource,
    "OS::Heat::Value": _value,
}
