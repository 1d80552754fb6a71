"""The executors' key file: made once, rotated, read by its owner alone."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from wfbreak import keys


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    named = tmp_path / "state" / "key"
    monkeypatch.setenv(keys.KEY_FILE_VARIABLE, str(named))
    return named


def test_no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.KEY_FILE_VARIABLE, raising=False)
    assert keys.key_file() is None
    assert keys.load_keys() is None
    assert keys.load_keys(create=True) is None


def test_the_file_is_made_when_it_is_missing(path: Path) -> None:
    with pytest.raises(keys.SealError, match="cannot be used"):
        keys.load_keys()
    made = keys.load_keys(create=True)
    assert made is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load_keys() == keys.load_keys(create=True) == made
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]
    with pytest.raises(FileExistsError):
        keys.create_keys(path)
    assert keys.load_keys() == made


def test_a_file_that_is_not_fit_is_refused(path: Path) -> None:
    keys.create_keys(path)
    path.chmod(0o640)
    with pytest.raises(keys.SealError, match="owner only"):
        keys.load_keys()
    path.chmod(0o600)
    whole = path.read_text()
    for text, words in (
        ("nonsense", "there is no key in it"),
        (whole.replace("\nMC4C", "\nMC4D"), "cannot be read"),
    ):
        path.write_text(text)
        with pytest.raises(keys.SealError, match=words):
            keys.load_keys()
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(keys.SealError, match="no key file"):
        keys.load_keys()


def test_a_rotation(path: Path) -> None:
    first = keys.create_keys(path)
    assert [first.role(pair) for pair in first.pairs] == ["seals", "next"]
    second = keys.rotate_keys(path)
    assert [second.role(pair) for pair in second.pairs] == ["opens", "seals", "next"]
    assert second.pairs[:2] == first.pairs
    assert second.sealing == first.pairs[1].public
    assert keys.load_keys() == second
    assert all(pair.made for pair in second.pairs)
    third = keys.rotate_keys(path, keep=1)
    assert third.pairs[:1] == second.pairs[2:]
    assert len(third.pairs) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]
    with pytest.raises(keys.SealError, match="cannot be used"):
        keys.rotate_keys(path.with_name("other"))


def test_nothing_shows_the_private_half(path: Path) -> None:
    made = keys.create_keys(path)
    secret = path.read_text().splitlines()[2]
    assert secret not in repr(made)
    assert made.pairs[0].private.private_bytes_raw().hex() not in repr(made)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")
def test_openssl_makes_and_reads_it(path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o600)
    for count in (1, 2):
        with path.open("a") as file:
            make = ["openssl", "genpkey", "-algorithm", "X25519"]
            subprocess.run(make, stdout=file, check=True)
        ring = keys.load_keys()
        assert ring is not None
        assert len(ring.pairs) == count
        first = ["openssl", "pkey", "-in", str(path), "-pubout", "-outform", "DER"]
        public = subprocess.run(first, capture_output=True, check=True).stdout
        assert public.endswith(ring.pairs[0].public.raw)
    assert keys.rotate_keys(path).pairs[:2] == ring.pairs


def test_a_single_key_seals_until_the_second_rotation(path: Path) -> None:
    made = keys.create_keys(path)
    block = path.read_text().split("# made")[1]
    path.write_text(f"# made{block}")
    alone = keys.load_keys()
    assert alone is not None
    assert alone.sealing == made.pairs[0].public
    assert keys.rotate_keys(path).sealing == alone.sealing
    assert keys.rotate_keys(path).sealing != alone.sealing


def test_another_kind_of_key_is_refused(path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = Ed25519PrivateKey.generate().private_bytes(
        s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()
    )
    path.parent.mkdir()
    path.touch(0o600)
    path.write_bytes(pem)
    with pytest.raises(keys.SealError, match="not of the kind X25519"):
        keys.load_keys()


def test_all_who_create_the_file_get_the_same(path: Path) -> None:
    found: list[keys.KeyRing | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(keys.load_keys(create=True)))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len({ring.sealing for ring in found if ring}) == 1


def test_mistrals_configuration_names_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oslo_config import cfg

    made = keys.create_keys(path)
    monkeypatch.delenv(keys.KEY_FILE_VARIABLE)
    assert keys.key_file() is None
    cfg.CONF.set_override(keys.OPTION, str(path), keys.OPTION_GROUP)
    try:
        assert keys.load_keys() == made
        monkeypatch.setenv(keys.KEY_FILE_VARIABLE, str(tmp_path / "other"))
        assert keys.key_file() == tmp_path / "other"
    finally:
        cfg.CONF.clear_override(keys.OPTION, keys.OPTION_GROUP)


def test_a_rotation_by_root_leaves_the_file_its_owner(path: Path) -> None:
    keys.create_keys(path)
    owner = (12345, 54321) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(path, *owner)
    keys.rotate_keys(path)
    assert (path.stat().st_uid, path.stat().st_gid) == owner
