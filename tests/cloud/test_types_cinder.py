"""The types of Cinder, beside Heat's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cloud.twins import Twins


@pytest.fixture(scope="module")
def project(admin: Any) -> Iterator[Any]:
    """A project of nobody, for quotas and access."""
    made = admin.identity.create_project(name="compute-twin-volumes", domain_id="default")
    yield made
    admin.identity.delete_project(made.id)


@pytest.fixture(scope="module")
def volume_type(admin: Any) -> Iterator[Any]:
    """One that is there already: a type shows what is done to it."""
    made = admin.block_storage.create_type(name="compute-twin-there")
    yield made
    admin.block_storage.delete_type(made.id)


TYPES = """
type:
  type: OS::Cinder::VolumeType
  properties:
    name: compute-twin
    description: of twins
    metadata: {"volume_backend_name": fake, "capabilities:one": "1"}
private:
  type: OS::Cinder::VolumeType
  properties: {name: compute-twin-private, is_public: false, projects: [compute-twin-volumes]}
encrypted:
  type: OS::Cinder::EncryptedVolumeType
  properties:
    volume_type: compute-twin-there
    provider: luks
    cipher: aes-xts-plain64
    key_size: 256
specs:
  type: OS::Cinder::QoSSpecs
  properties: {specs: {consumer: front-end, read_iops_sec: "10"}}
named:
  type: OS::Cinder::QoSSpecs
  properties: {name: compute-twin, specs: {one: "1"}}
association:
  type: OS::Cinder::QoSAssociation
  properties: {qos_specs: {get_resource: specs}, volume_types: [compute-twin-there]}
"""


def test_types_and_qos(admin: Any, project: Any, volume_type: Any) -> None:
    Twins(admin).check(TYPES)


QUOTAS = """
quota:
  type: OS::Cinder::Quota
  properties:
    project: compute-twin-volumes
    gigabytes: 5
    volumes: 2
    backups: 1
    backup_gigabytes: 3
    snapshots: -1
"""


def test_quotas(admin: Any, project: Any) -> None:
    # Heat shows the quotas of a project that is called like the resource: the defaults.
    Twins(admin, hidden=frozenset({"quota.show"})).check(QUOTAS)


VOLUMES = """
volume:
  type: OS::Cinder::Volume
  properties:
    size: 1
    description: of twins
    metadata: {one: "1"}
    scheduler_hints: {different_host: [11111111-2222-3333-4444-555555555555]}
read_only:
  type: OS::Cinder::Volume
  properties: {name: compute-twin, size: 1, read_only: true, availability_zone: nova}
copy:
  type: OS::Cinder::Volume
  properties: {source_volid: {get_resource: volume}}
"""


def test_volumes(member: Any) -> None:
    Twins(member).check(VOLUMES)
