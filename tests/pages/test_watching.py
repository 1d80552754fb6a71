"""Whoever waits hears of a change; nobody looks when nobody waits."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from wfbreak.engine.client import EngineUnreachable
from wfbreak.ui import watching
from wfbreak.ui.watching import Look, Watching

LONG = 60.0


class Thing:
    """What is looked at: a version that a test changes."""

    def __init__(self) -> None:
        self.version = "1"
        self.looks = 0
        self.looked = threading.Event()
        self.error: EngineUnreachable | None = None
        self.news = threading.Event()

    def look(self, name: str) -> Look:
        self.looks += 1
        self.looked.set()
        if self.error is not None:
            raise self.error
        return Look(f"{name}{self.version}", self.news.wait)


def test_whoever_knows_less_is_told_at_once() -> None:
    assert Watching(Thing().look).changed("a", "", LONG) == "a1"


def test_all_that_wait_are_told() -> None:
    thing = Thing()
    watch = Watching(thing.look)
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(watch.changed, "a", "a1", LONG) for _ in range(5)]
        assert thing.looked.wait(LONG)
        thing.version = "2"
        thing.news.set()
        assert {each.result() for each in waiting} == {"a2"}


def test_a_page_that_knows_more_than_was_seen_waits() -> None:
    thing = Thing()
    watch = Watching(thing.look)
    assert watch.changed("a", "", LONG) == "a1"
    thing.version = "2"  # and a page is written, before anybody looks
    assert watch.changed("a", "a2", 0.01) == "a2"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(watch.changed, "a", "a2", LONG)
        thing.version = "3"
        thing.news.set()
        assert waiting.result() == "a3"


def test_who_has_waited_for_nothing_is_told_so() -> None:
    assert Watching(Thing().look).changed("a", "a1", 0.01) == "a1"


def test_what_cannot_be_asked_is_told_and_asked_anew() -> None:
    thing = Thing()
    watch = Watching(thing.look)
    thing.error = EngineUnreachable("gone")
    with pytest.raises(EngineUnreachable, match="gone"):
        watch.changed("a", "a1", LONG)
    thing.error = None
    thing.version = "2"
    assert watch.changed("a", "a1", LONG) == "a2"


def test_at_the_end_nobody_waits() -> None:
    thing = Thing()
    watch = Watching(thing.look)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(watch.changed, "a", "a1", LONG)
        assert thing.looked.wait(LONG)
        watch.end()
        assert waiting.result() == "a1"


def test_nobody_looks_when_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_WANTED", 0.0)
    thing = Thing()
    watch = Watching(thing.look)
    others = set(threading.enumerate())
    watch.changed("a", "a1", 0.0)
    own = set(threading.enumerate()) - others
    thing.news.set()
    for thread in own:
        thread.join(LONG)
        assert not thread.is_alive()
    looks = thing.looks
    assert watch.changed("a", "", LONG) == "a1"
    assert thing.looks > looks
