"""Who is let in, by which names."""

from __future__ import annotations

import pytest

from wfbreak.ui.safety import Names, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", "localhost.evil", ""])
def test_what_others_reach(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("127.0.0.1", "127.0.0.1:8080"),
        ("127.0.0.1", "localhost:8080"),
        ("127.0.0.1", "localhost"),
        ("127.0.0.1", "LOCALHOST:1"),
        ("127.0.0.1", "[::1]:9000"),
        ("127.0.0.1", "jump.example.org:80"),
        ("0.0.0.0", "10.1.2.3:8080"),
        ("10.1.2.3", "10.1.2.3"),
    ],
)
def test_own_names(host: str, asked: str) -> None:
    assert Names(host, ("jump.example.org",)).have(asked)


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("127.0.0.1", "evil.example.org"),
        ("127.0.0.1", "127.0.0.1.evil.example.org:8080"),
        ("127.0.0.1", "10.0.0.1:8080"),
        ("127.0.0.1", "user@evil.example.org"),
        ("127.0.0.1", ""),
        ("127.0.0.1", "[::1"),
        ("0.0.0.0", "evil.example.org:8080"),
        ("10.1.2.3", "localhost"),
    ],
)
def test_strangers_names(host: str, asked: str) -> None:
    assert not Names(host).have(asked)
