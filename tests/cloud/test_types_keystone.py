"""The types of Keystone, beside Heat's, as the cloud's administrator."""

from __future__ import annotations

from typing import Any

from cloud.twins import Twins

PEOPLE = """
domain:
  type: OS::Keystone::Domain
  properties: {description: for a moment, enabled: false}
shop:
  type: OS::Keystone::Project
  properties:
    description: where it is sold
    tags: [one, two]
closed:
  type: OS::Keystone::Project
  properties: {enabled: false}
till:
  type: OS::Keystone::Project
  properties: {name: wfb-till, parent: {get_resource: shop}}
role:
  type: OS::Keystone::Role
other_role:
  type: OS::Keystone::Role
  properties: {name: wfb-role}
local_role:
  type: OS::Keystone::Role
  properties: {name: wfb-local, domain: default}
staff:
  type: OS::Keystone::Group
  properties:
    description: everybody
    roles:
      - {role: {get_resource: role}, project: {get_resource: till}}
      - {role: {get_resource: other_role}, domain: Default}
guests:
  type: OS::Keystone::Group
clerk:
  type: OS::Keystone::User
  properties:
    name: wfb-clerk
    domain: Default
    description: sells
    enabled: false
    email: clerk@example.org
    password: not to be shown
    default_project: {get_resource: till}
    groups: [{get_resource: staff}, {get_resource: guests}]
    roles:
      - {role: {get_resource: role}, project: {get_resource: shop}}
plain:
  type: OS::Keystone::User
plain_grants:
  type: OS::Keystone::UserRoleAssignment
  properties:
    user: {get_resource: plain}
    roles:
      - {role: wfb-role, project: "wfb-till{default}"}
      - {role: {get_resource: role}, domain: default}
  depends_on: [other_role, till]
guests_grants:
  type: OS::Keystone::GroupRoleAssignment
  properties:
    group: {get_resource: guests}
    roles:
      - {role: {get_resource: role}, project: {get_resource: shop}}
"""

CATALOGUE = """
region:
  type: OS::Keystone::Region
  properties: {id: wfb-region, description: far away}
below:
  type: OS::Keystone::Region
  properties: {parent_region: {get_resource: region}, enabled: false}
service:
  type: OS::Keystone::Service
  properties: {type: wfb-type, description: nothing}
named:
  type: OS::Keystone::Service
  properties: {name: wfb-named, type: wfb-type, enabled: false}
endpoint:
  type: OS::Keystone::Endpoint
  properties:
    service: {get_resource: service}
    interface: public
    region: {get_resource: region}
    url: http://203.0.113.1/public
other_endpoint:
  type: OS::Keystone::Endpoint
  properties:
    name: wfb-endpoint
    service: {get_resource: named}
    interface: internal
    url: http://203.0.113.1/$(tenant_id)s
    enabled: false
"""


def test_people(admin: Any) -> None:
    Twins(admin).check(PEOPLE)


def test_the_catalogue(admin: Any) -> None:
    Twins(admin).check(CATALOGUE)
