"""The cloud itself: it serves members as a real one does, and ends when its tests have ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cloud.lab.errors import LabError
from cloud.lab.folder import Folder
from cloud.lab.guardian import Guardian
from cloud.lab.offers import FLAVORS, IMAGE, PUBLIC_NETWORK
from cloud.lab.processes import Processes, Program

SLEEP = ("/bin/sh", "-c", "sleep 1000 & sleep 1000")


def test_a_member_has_a_server_with_an_address_of_the_outside(member: Any) -> None:
    network, compute = member.network, member.compute
    public = network.find_network(PUBLIC_NETWORK, ignore_missing=False)
    flavor = compute.find_flavor(next(iter(FLAVORS)), ignore_missing=False)
    image = member.image.find_image(IMAGE, ignore_missing=False)
    net = network.create_network(name="lab-net")
    subnet = network.create_subnet(network_id=net.id, ip_version=4, cidr="10.9.0.0/24")
    router = network.create_router(external_gateway_info={"network_id": public.id})
    network.add_interface_to_router(router, subnet=subnet.id)
    server = compute.create_server(
        name="lab-server", flavor_id=flavor.id, image_id=image.id, networks=[{"uuid": net.id}]
    )
    try:
        server = compute.wait_for_server(server, wait=120)
        (port,) = network.ports(device_id=server.id)
        assert (server.status, port.status) == ("ACTIVE", "ACTIVE")
        address = network.create_ip(floating_network_id=public.id, port_id=port.id)
        assert address.floating_ip_address.startswith("203.0.113.")
        network.delete_ip(address)
    finally:
        compute.delete_server(server)
        compute.wait_for_delete(server, wait=60)
        network.remove_interface_from_router(router, subnet=subnet.id)
        network.delete_router(router)
        network.delete_network(net)


def test_a_volume(member: Any) -> None:
    volume = member.block_storage.create_volume(name="lab-volume", size=1)
    try:
        ready = member.block_storage.wait_for_status(volume, "available", ["error"], wait=60)
        assert ready.size == 1
    finally:
        member.block_storage.delete_volume(volume)
        member.block_storage.wait_for_delete(volume, wait=60)


def test_a_members_secret(member: Any, other_member: Any) -> None:
    """It is for the project's members, though they have no role of Barbican's own."""
    keys = member.key_manager
    address = keys.create_secret(
        name="lab-secret", payload="word", payload_content_type="text/plain"
    ).secret_ref
    ident = address.rpartition("/")[2]
    try:
        path = f"/secrets/{ident}/payload"
        assert keys.get(path, headers={"Accept": "text/plain"}).text == "word"
        refused = other_member.key_manager.get(path, headers={"Accept": "text/plain"})
        assert refused.status_code == 403
    finally:
        keys.delete_secret(ident)


def test_a_stack_of_heats(member: Any) -> None:
    heat = member.orchestration
    template = {
        "heat_template_version": "2018-08-31",
        "resources": {"net": {"type": "OS::Neutron::Net"}},
        "outputs": {"id": {"value": {"get_resource": "net"}}},
    }
    stack = heat.create_stack(name="lab-stack", template=template)
    try:
        heat.wait_for_status(stack, "CREATE_COMPLETE", ["CREATE_FAILED"], wait=120)
        (output,) = heat.get_stack(stack.id).outputs
        assert member.network.get_network(output["output_value"]).status == "ACTIVE"
    finally:
        heat.delete_stack(stack.id)
        heat.wait_for_delete(stack, wait=60)


def test_members_are_members_only(member: Any, other_member: Any) -> None:
    accesses = [person.session.auth.get_access(person.session) for person in (member, other_member)]
    assert [set(access.role_names) for access in accesses] == [{"member", "reader"}] * 2
    assert [access.username for access in accesses] == ["ann", "ben"]
    assert accesses[0].project_id != accesses[1].project_id


def test_what_a_program_forks_ends_with_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "cloud")
    folder.make()
    processes = Processes(folder)
    processes.start(Program("sleeper", SLEEP))
    assert _running_in(folder)
    assert processes.is_alive("sleeper")
    with pytest.raises(LabError, match="sleeper is running"):
        processes.start(Program("sleeper", SLEEP))
    processes.kill("sleeper")
    assert not processes.is_alive("sleeper")
    assert not _running_in(folder)
    processes.start_again("sleeper")
    assert processes.is_alive("sleeper")
    processes.end_all()
    assert not _running_in(folder)


def test_a_cloud_ends_with_the_run_that_uses_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "cloud")
    with folder.owned() as lock:
        guardian = Guardian(folder, lock)
        folder.make()
        Processes(folder).start(Program("sleeper", SLEEP))
        guardian.dismiss()  # what the kernel does for a run that is killed: its pipe closes
        assert not _running_in(folder)


def _running_in(folder: Folder) -> bool:
    """Whether a process has its working directory in the folder, as all programs do."""
    places = (Path(entry, "cwd") for entry in Path("/proc").glob("[0-9]*"))
    return any(_target(place).is_relative_to(folder.root) for place in places)


def _target(link: Path) -> Path:
    try:
        return link.readlink()
    except OSError:  # it has ended
        return Path("/")
