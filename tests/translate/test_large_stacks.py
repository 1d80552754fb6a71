"""Large stacks: what a translation does grows as the stack does, and nothing ends at a depth."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from translate.support import HEAD_OF_TESTS, made, write
from wfbreak.existing import Existing, Stock
from wfbreak.translate import Mode
from wfbreak.translate.limits import NONE

LARGEST = 10_000


def chain(number: int, _: int) -> Iterable[int]:
    return (number - 1,) if number else ()


def backwards(number: int, size: int) -> Iterable[int]:
    """A chain in which everything stands before what it needs."""
    return (number + 1,) if number + 1 < size else ()


def layered(number: int, _: int) -> Iterable[int]:
    return (number - 3, number - 7, number - 11) if number >= 11 else ()


def fan_in(number: int, size: int) -> Iterable[int]:
    return range(size - 1) if number == size - 1 else ()


SHAPES: dict[str, Callable[[int, int], Iterable[int]]] = {
    "independent": lambda _number, _size: (),
    "chain": chain,
    "backwards": backwards,
    "layered": layered,
    "fan-in": fan_in,
}
"""Which resources one needs, by its number and how many there are."""

EXISTS = "existing"
"""The mode of an update that finds everything there."""


def template(shape: str, size: int) -> str:
    needs = (", ".join(f"r{n}" for n in SHAPES[shape](number, size)) for number in range(size))
    resources = (f"  r{number}: {{type: T, depends_on: [{n}]}}\n" for number, n in enumerate(needs))
    return HEAD_OF_TESTS + "resources:\n" + "".join(resources)


def stock(shape: str, size: int) -> Stock:
    """Every resource, and as many that the template has no more."""
    resources = {}
    for kind in ("r", "old"):
        for number in range(size):
            needs = tuple(f"{kind}{n}" for n in SHAPES[shape](number, size))
            name = f"{kind}{number}"
            resources[name] = Existing(name, "T", "E1", physical_id=f"id-{name}", needs=needs)
    return Stock(resources)


def steps(action: Callable[[], object]) -> int:
    """How many calls of functions something makes, which no clock and no other process changes."""
    count = 0

    def counting(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("mode", [Mode.NON_STOP, Mode.ALL_STOP, Mode.STEP, EXISTS])
@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_resources_take_twice_the_steps(
    tmp_path: Path, shape: str, mode: Mode | str
) -> None:
    def taken(size: int) -> int:
        write(tmp_path, template=template(shape, size))
        if isinstance(mode, Mode):
            return steps(lambda: made(tmp_path, breaks=("*",), mode=mode).text())
        exists = stock(shape, size)
        return steps(lambda: made(tmp_path, breaks=("*",), stock=exists).text())

    taken(1)  # what is read and kept once
    assert taken(300) / taken(150) < 2.1


@pytest.mark.parametrize("shape", ["chain", "backwards", "layered"])
def test_the_largest(tmp_path: Path, shape: str) -> None:
    write(tmp_path, template=template(shape, LARGEST))
    translation = made(tmp_path, breaks=("r*0",), limits=NONE)
    tasks = translation.document["stack"]["tasks"]
    assert sum(task["action"] == "wfbreak.create" for task in tasks.values()) == LARGEST
    assert sum(task["action"] == "wfbreak.breakpoint" for task in tasks.values()) == LARGEST // 10
