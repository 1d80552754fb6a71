"""Servers where Heat cannot be asked for the same: what fails, and what differs each time."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from cloud.made import wish
from wfbreak import keys
from wfbreak.actions.openstack.failures import NotFound
from wfbreak.actions.provider import ProviderError

TINY = {
    "flavor": "m1.tiny",
    "image": "debian-12",
    "user_data_format": "RAW",
    "networks": [{"allocate_network": "none"}],
}
SERVER = "OS::Nova::Server"


@pytest.fixture
def huge(admin: Any) -> Any:
    flavor = admin.compute.create_flavor(name="compute-huge", ram=10**7, vcpus=1, disk=1)
    yield flavor
    admin.compute.delete_flavor(flavor.id)


def test_a_failure_is_told_in_novas_words(member: Any, huge: Any) -> None:
    with wish(member, SERVER, {**TINY, "flavor": huge.id}) as server:
        with pytest.raises(ProviderError, match="it is ERROR: No valid host was found") as failure:
            server.made()
        assert failure.value.again is None


def test_an_image_that_is_not_there_is_named(member: Any) -> None:
    with (
        wish(member, SERVER, {**TINY, "image": "compute-nothing"}) as server,
        pytest.raises(NotFound, match="there is no 'compute-nothing' among the images"),
    ):
        server.made()


def test_what_is_wrong_with_a_request_shows_no_password(member: Any) -> None:
    # Nova answers with the name that it does not take.
    secret = "a-secret-of-the-tests"
    properties = {**TINY, "admin_pass": secret, "name": secret + "x" * 300}
    with wish(member, SERVER, properties) as server:
        with pytest.raises(ProviderError, match=r"\*{6}x+") as failure:
            server.made()
        assert secret not in str(failure.value)


def test_too_much_user_data_is_told_before_nova_is_asked(member: Any) -> None:
    with (
        wish(member, SERVER, {**TINY, "user_data": "a" * 50_000}) as server,
        pytest.raises(ProviderError, match="its user data is too long: 66668 characters"),
    ):
        server.made()


def test_without_networks_nova_chooses(member: Any) -> None:
    # Heat's client refuses it, since Nova wants to be told so.
    network = member.network.create_network(name="compute-only")
    member.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.10.0.0/24")
    properties = {name: value for name, value in TINY.items() if name != "networks"}
    try:
        with wish(member, SERVER, properties, "networks") as server:
            found = server.made().attributes["networks"]
    finally:
        member.network.delete_network(network.id)
    assert found["compute-only"]


def test_consoles_are_asked_for_by_their_kinds(member: Any) -> None:
    with wish(member, SERVER, TINY, "console_urls") as server:
        urls = server.made().attributes["console_urls"]
    kinds = {"novnc", "xvpvnc", "spice-html5", "rdp-html5", "serial", "webmks"}
    assert urls.keys() == kinds
    assert all(url.startswith(("http", "ws", "Cannot get console url: ")) for url in urls.values())


@pytest.mark.parametrize(
    ("networks", "told"),
    [
        ([{}], "networks\\[0\\] must have one of network, port, subnet"),
        ([{"allocate_network": "none"}, {"network": "a"}], "nothing else may stand beside"),
        ([{"port": "a", "fixed_ip": "10.0.0.1"}], "of 'port' and 'fixed_ip' only one"),
        ([{"network": "a", "floating_ip": "b"}], "a floating IP needs a port"),
    ],
)
def test_networks_that_make_no_sense_are_refused(
    member: Any, networks: list[Any], told: str
) -> None:
    with (
        wish(member, SERVER, {**TINY, "networks": networks}) as server,
        pytest.raises(ProviderError, match=told),
    ):
        server.made()


@pytest.mark.parametrize(
    ("devices", "told"),
    [
        ([{"device_name": "vda"}], "must have one of .* and has none"),
        ([{"volume_id": "a", "swap_size": 1}], "and has volume_id, swap_size"),
        ([{"volume_id": "a"}], "more than one source to boot from"),
    ],
)
def test_disks_that_make_no_sense_are_refused(member: Any, devices: list[Any], told: str) -> None:
    with (
        wish(member, SERVER, {**TINY, "block_device_mapping_v2": devices}) as server,
        pytest.raises(ProviderError, match=told),
    ):
        server.made()


# --- keys that are made here --------------------------------------------------------------------


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The executors' key."""
    path = tmp_path / "seal.key"
    monkeypatch.setenv(keys.KEY_FILE_VARIABLE, str(path))
    keys.create_keys(path)
    return path


def public_half(private: str, folder: Path) -> str:
    """What ``ssh-keygen`` makes of a private key."""
    file = folder / "private"
    file.write_text(private)
    file.chmod(0o600)
    done = subprocess.run(["ssh-keygen", "-y", "-f", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split()[:2])


KEY = "OS::Nova::KeyPair"
SAVED = {"name": "compute-made", "save_private_key": True}
KEY_ATTRIBUTES = ("private_key", "public_key")


def test_a_private_key_is_the_same_in_every_run(
    member: Any, key_file: Path, tmp_path: Path
) -> None:
    with wish(member, KEY, SAVED, *KEY_ATTRIBUTES) as pair:
        created = pair.made()
        assert pair.made() == created
        shown = created.attributes
        assert shown["public_key"].startswith(public_half(shown["private_key"], tmp_path))
        in_nova = member.compute.get_keypair("compute-made")
        assert in_nova.public_key == shown["public_key"]


def test_a_private_key_outlives_the_rotation_of_the_executors_keys(
    member: Any, key_file: Path
) -> None:
    with wish(member, KEY, SAVED, *KEY_ATTRIBUTES) as pair:
        created = pair.made()
        before = key_file.read_text()
        keys.rotate_keys(key_file)
        keys.rotate_keys(key_file)
        assert key_file.read_text() != before
        assert pair.made() == created


def test_a_private_key_is_another_in_each_execution(member: Any, key_file: Path) -> None:
    seen = set()
    for _ in range(2):
        with wish(member, KEY, SAVED, *KEY_ATTRIBUTES) as pair:
            seen.add(pair.made().attributes["private_key"])
    assert len(seen) == 2


def test_without_a_key_of_the_executors_no_private_key_is_made(
    member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(keys.KEY_FILE_VARIABLE, raising=False)
    with (
        wish(member, KEY, SAVED) as pair,
        pytest.raises(ProviderError, match="made from the executors' key, and there is none"),
    ):
        pair.made()


def test_a_private_key_that_is_not_saved_is_nobodys(member: Any) -> None:
    with wish(member, KEY, {"name": "compute-lost"}, *KEY_ATTRIBUTES) as pair:
        created = pair.made()
        assert created.attributes["private_key"] == ""
        assert pair.made() == created


def test_a_key_pair_of_someone_else_is_not_taken(member: Any, key_file: Path) -> None:
    with wish(member, KEY, SAVED) as theirs:
        there = theirs.made()
        with wish(member, KEY, SAVED) as ours, pytest.raises(ProviderError, match="already exists"):
            ours.made()
        assert theirs.made() == there
