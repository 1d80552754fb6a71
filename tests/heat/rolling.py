"""In which batches Heat's own groups update their members.

Runs under Heat's own Python, as ``judge``: a JSON request per line, a JSON answer per line. The
groups' own code runs; what exists of them is given by the request.

Request: ``there`` (the members' names, oldest first), ``size``, ``batch``, ``in_service`` and
``scaling`` (whether it is a scaling group, or a ``ResourceGroup``). Answer: ``batches``, for each
the names that get the new definition and those that go.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from unittest import mock

import judge


def batches(request: dict[str, Any]) -> dict[str, Any]:
    from heat.engine.resources.openstack.heat import autoscaling_group, resource_group

    there = dict.fromkeys(request["there"], "old")
    numbers = (request["size"], request["batch"], request["in_service"])
    if request["scaling"]:
        group = autoscaling_group.AutoScalingResourceGroup
        return {"batches": _scaling(group, there, *numbers)}
    return {"batches": _numbered(resource_group, there, *numbers)}


def _numbered(
    module: Any, there: dict[str, str], size: int, batch: int, in_service: int
) -> list[Any]:
    group = mock.Mock(spec=module.ResourceGroup)
    group._name_skiplist.return_value = set()
    group.get_size.return_value = size
    group.get_resource_def.return_value = "new"
    group.build_resource_definition = lambda _name, definition: definition
    group._resource_names = lambda total: module.ResourceGroup._resource_names(group, total)
    found = []
    steps = list(module.ResourceGroup._get_batches(size, len(there), batch, in_service))
    for capacity, most in steps:
        with (
            mock.patch.object(
                module.grouputils, "get_member_definitions", return_value=list(there.items())
            ),
            mock.patch.object(module.scl_template, "make_template") as made,
        ):
            module.ResourceGroup._assemble_for_rolling_update(group, capacity, most)
            after = dict(list(made.call_args.args[0]))
        found.append(_step(there, after))
        there = after
    return found


def _scaling(
    group: Any, there: dict[str, str], size: int, batch: int, in_service: int
) -> list[Any]:
    from heat.scaling import template

    target = min(size or len(there), len(there))
    numbers = iter(range(100, 200))
    found = []
    steps = list(group._get_batches(target, len(there), batch, in_service))
    for capacity, most in [*steps, (size, 0)]:
        after = dict(
            template.member_definitions(
                list(there.items()), "new", capacity, most, lambda: str(next(numbers))
            )
        )
        found.append(_step(there, after))
        there = after
    return found


def _step(before: dict[str, str], after: dict[str, str]) -> list[list[str]]:
    changed = [name for name in after if after[name] != before.get(name)]
    return [changed, [name for name in before if name not in after]]


def main() -> None:
    judge.boot()
    for line in sys.stdin:
        print(json.dumps(batches(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
