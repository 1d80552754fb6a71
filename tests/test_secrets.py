"""What is sealed comes back, shows nowhere, and is found again in what was computed of it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfbreak import secrets

KEY = b"fC4k4EQTf6Zx_1S1GH1kYMSpYbUcbnpIDl2yS5xJj5U="
OTHER_KEY = b"cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(plain)
def test_a_sealed_value_comes_back(value: Any) -> None:
    sealed = secrets.seal(value, KEY)
    assert secrets.is_sealed(sealed)
    assert secrets.unseal_deep({"a": [sealed]}, KEY)[0] == {"a": [value]}
    assert secrets.mask({"a": [sealed, "x"]}) == {"a": ["******", "x"]}


@given(plain)
def test_plain_data_passes_through(value: Any) -> None:
    assert secrets.unseal_deep(value, None) == (value, frozenset())
    assert secrets.reseal_deep(value, frozenset(), None) == value
    assert secrets.mask(value) == value


@given(st.text(alphabet="qxz", min_size=4, max_size=12), plain)
def test_no_secret_is_left_in_what_is_computed_of_it(secret: str, other: Any) -> None:
    opened, texts = secrets.unseal_deep(
        {"user_data": {"in": [secrets.seal({"password": secret}, KEY), other]}}, KEY
    )
    result = {"a": f"before {secret} after", "b": [opened, other], f"key {secret}": 1, "n": 5}
    closed = secrets.reseal_deep({"deep": [result, {"free": "text"}]}, texts, KEY)
    assert secret not in json.dumps(closed, ensure_ascii=False)
    assert closed["deep"][1] == {"free": "text"}
    assert secrets.unseal_deep(closed, KEY)[0] == {"deep": [result, {"free": "text"}]}


def test_a_short_secret_is_only_the_whole_text() -> None:
    _, texts = secrets.unseal_deep(secrets.seal("ab", KEY), KEY)
    closed = secrets.reseal_deep(["ab", "cab"], texts, KEY)
    assert secrets.is_sealed(closed[0])
    assert closed[1] == "cab"


def test_numbers_are_secrets_too() -> None:
    _, texts = secrets.unseal_deep(secrets.seal(12345, KEY), KEY)
    closed = secrets.reseal_deep({"pin": 12345, "n": 7, "text": "pin 12345"}, texts, KEY)
    assert secrets.mask(closed) == {"pin": "******", "n": 7, "text": "******"}


def test_a_message_shows_no_secret() -> None:
    assert secrets.mask_text("no user hunter2!", frozenset({"hunter2", "no"})) == (
        "no user ******!"
    )


def test_another_key_or_none_opens_nothing() -> None:
    sealed = secrets.seal("x", KEY)
    with pytest.raises(secrets.SealError, match="another key"):
        secrets.unseal_deep(sealed, OTHER_KEY)
    with pytest.raises(secrets.SealError, match="WFBREAK_SEAL_KEY_FILE"):
        secrets.unseal_deep(sealed, None)
    with pytest.raises(secrets.SealError, match="not a Fernet key"):
        secrets.seal("x", b"short")
    with pytest.raises(secrets.SealError, match="plain data"):
        secrets.seal({1, 2}, KEY)


def test_the_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(secrets.KEY_FILE_VARIABLE, raising=False)
    assert secrets.load_key() is None
    assert secrets.load_key(create=True) is None
    path = tmp_path / "state" / "key"
    monkeypatch.setenv(secrets.KEY_FILE_VARIABLE, str(path))
    with pytest.raises(secrets.SealError, match="cannot be used"):
        secrets.load_key()
    key = secrets.load_key(create=True)
    assert key is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secrets.load_key() == secrets.load_key(create=True) == key
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]
    path.chmod(0o640)
    with pytest.raises(secrets.SealError, match="owner only"):
        secrets.load_key()
    path.chmod(0o600)
    path.write_text("nonsense")
    with pytest.raises(secrets.SealError, match="not a Fernet key"):
        secrets.load_key()


def test_all_who_create_the_key_get_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(secrets.KEY_FILE_VARIABLE, str(tmp_path / "key"))
    keys: list[bytes | None] = []
    threads = [
        threading.Thread(target=lambda: keys.append(secrets.load_key(create=True)))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16
    assert len(set(keys)) == 1


def test_importing_it_loads_no_cryptography() -> None:
    program = "import sys, wfbreak.secrets; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
