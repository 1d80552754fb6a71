"""What a cloud offers to its members: a way out, images and flavors, made by the administrator."""

from __future__ import annotations

from cloud.lab.identity import ADMIN, connect
from cloud.lab.settings import Settings
from cloud.lab.steps import Step

PUBLIC_NETWORK = "public"
PUBLIC_CIDR = "203.0.113.0/24"
IMAGE = "debian-12"
FLAVORS = {"m1.tiny": 64, "m1.small": 128, "m1.medium": 256}
"""Names, and megabytes of memory."""


def offer_steps(settings: Settings) -> list[Step]:
    """``network``, ``flavors``, ``image``: there for everyone, by the names above."""
    return [
        Step("network", lambda: _network(settings), ("neutron", "identity")),
        Step("flavors", lambda: _flavors(settings), ("nova", "identity")),
        Step("image", lambda: _image(settings), ("glance", "identity")),
    ]


def _network(settings: Settings) -> None:
    network = connect(settings, ADMIN).network
    public = network.create_network(
        name=PUBLIC_NETWORK,
        is_router_external=True,
        provider_network_type="flat",
        provider_physical_network="external",
    )
    network.create_subnet(
        network_id=public.id, ip_version=4, cidr=PUBLIC_CIDR, is_dhcp_enabled=False
    )


def _flavors(settings: Settings) -> None:
    compute = connect(settings, ADMIN).compute
    for name, memory in FLAVORS.items():
        compute.create_flavor(name=name, ram=memory, vcpus=1, disk=1)


def _image(settings: Settings) -> None:
    # Nothing will boot from it.
    connect(settings, ADMIN).image.create_image(
        name=IMAGE,
        data=b"wfbreak" * 100,
        disk_format="raw",
        container_format="bare",
        visibility="public",
    )
