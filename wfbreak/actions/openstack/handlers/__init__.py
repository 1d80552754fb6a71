"""How the types are made for which a row of the table is not enough, by the handlers' names."""

from __future__ import annotations

from wfbreak.actions.openstack.handlers import barbican, keystone
from wfbreak.actions.openstack.handlers.address_scope import AddressScope
from wfbreak.actions.openstack.handlers.alarm import (
    AlarmMaker,
    CompositeAlarmMaker,
    EventAlarmMaker,
    ThresholdAlarmMaker,
)
from wfbreak.actions.openstack.handlers.container import ContainerMaker
from wfbreak.actions.openstack.handlers.designate import RecordSetMaker, ZoneMaker
from wfbreak.actions.openstack.handlers.extra_routes import ExtraRoute, ExtraRouteSet
from wfbreak.actions.openstack.handlers.flavor import FlavorMaker
from wfbreak.actions.openstack.handlers.floating_ip import (
    FloatingIP,
    FloatingIPAssociation,
    PortForward,
)
from wfbreak.actions.openstack.handlers.host_aggregate import HostAggregateMaker
from wfbreak.actions.openstack.handlers.key_pair import KeyPairMaker
from wfbreak.actions.openstack.handlers.magnum import ClusterMaker, ClusterTemplateMaker
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.handlers.net import Net
from wfbreak.actions.openstack.handlers.network_quota import NetworkQuota
from wfbreak.actions.openstack.handlers.octavia import L7PolicyMaker, OctaviaMaker
from wfbreak.actions.openstack.handlers.own import OwnMaker
from wfbreak.actions.openstack.handlers.port import Port
from wfbreak.actions.openstack.handlers.qos_policy import QoSPolicy
from wfbreak.actions.openstack.handlers.quota import QuotaMaker
from wfbreak.actions.openstack.handlers.rbac_policy import RBACPolicy
from wfbreak.actions.openstack.handlers.router import Router
from wfbreak.actions.openstack.handlers.router_gateway import RouterGateway
from wfbreak.actions.openstack.handlers.router_interface import RouterInterface
from wfbreak.actions.openstack.handlers.security_group import SecurityGroup, SecurityGroupRule
from wfbreak.actions.openstack.handlers.segment import Segment
from wfbreak.actions.openstack.handlers.server import ServerMaker
from wfbreak.actions.openstack.handlers.server_group import ServerGroupMaker
from wfbreak.actions.openstack.handlers.share import ShareMaker
from wfbreak.actions.openstack.handlers.share_network import ShareNetworkMaker
from wfbreak.actions.openstack.handlers.share_type import ShareTypeMaker
from wfbreak.actions.openstack.handlers.subnet import Subnet
from wfbreak.actions.openstack.handlers.subnet_pool import SubnetPool
from wfbreak.actions.openstack.handlers.subscription import (
    MistralTriggerMaker,
    SubscriptionMaker,
)
from wfbreak.actions.openstack.handlers.trunk import Trunk
from wfbreak.actions.openstack.handlers.volume import VolumeMaker
from wfbreak.actions.openstack.handlers.volume_attachment import VolumeAttachmentMaker
from wfbreak.actions.openstack.handlers.volume_qos import QoSAssociationMaker, QoSSpecsMaker
from wfbreak.actions.openstack.handlers.volume_type import VolumeEncryptionMaker, VolumeTypeMaker
from wfbreak.actions.openstack.handlers.web_image import WebImageMaker
from wfbreak.actions.openstack.handlers.zaqar import QueueMaker, SignedQueueURLMaker
from wfbreak.actions.openstack.maker import Maker

HANDLERS: dict[str, type[Maker]] = {
    "address_scope": AddressScope,
    "alarm": AlarmMaker,
    "cluster": ClusterMaker,
    "cluster_template": ClusterTemplateMaker,
    "composite_alarm": CompositeAlarmMaker,
    "container": ContainerMaker,
    "event_alarm": EventAlarmMaker,
    "extra_route": ExtraRoute,
    "extra_route_set": ExtraRouteSet,
    "flavor": FlavorMaker,
    "floating_ip": FloatingIP,
    "floating_ip_association": FloatingIPAssociation,
    "host_aggregate": HostAggregateMaker,
    "key_pair": KeyPairMaker,
    "keystone": keystone.KeystoneMaker,
    "keystone_grants": keystone.GrantsMaker,
    "keystone_group": keystone.GranteeMaker,
    "keystone_project": keystone.ProjectMaker,
    "keystone_region": keystone.RegionMaker,
    "keystone_user": keystone.UserMaker,
    "keystone_user_grants": keystone.UserGrantsMaker,
    "mistral_trigger": MistralTriggerMaker,
    "named": Named,
    "net": Net,
    "network_quota": NetworkQuota,
    "octavia": OctaviaMaker,
    "octavia_policy": L7PolicyMaker,
    "own": OwnMaker,
    "port": Port,
    "port_forward": PortForward,
    "qos_association": QoSAssociationMaker,
    "qos_policy": QoSPolicy,
    "qos_specs": QoSSpecsMaker,
    "queue": QueueMaker,
    "quota": QuotaMaker,
    "rbac_policy": RBACPolicy,
    "record_set": RecordSetMaker,
    "router": Router,
    "router_gateway": RouterGateway,
    "router_interface": RouterInterface,
    "secret": barbican.SecretMaker,
    "secret_container": barbican.ContainerMaker,
    "secret_order": barbican.OrderMaker,
    "security_group": SecurityGroup,
    "security_group_rule": SecurityGroupRule,
    "segment": Segment,
    "server": ServerMaker,
    "server_group": ServerGroupMaker,
    "share": ShareMaker,
    "share_network": ShareNetworkMaker,
    "share_type": ShareTypeMaker,
    "signed_queue_url": SignedQueueURLMaker,
    "subnet": Subnet,
    "subnet_pool": SubnetPool,
    "subscription": SubscriptionMaker,
    "threshold_alarm": ThresholdAlarmMaker,
    "trunk": Trunk,
    "volume": VolumeMaker,
    "volume_attachment": VolumeAttachmentMaker,
    "volume_encryption": VolumeEncryptionMaker,
    "volume_type": VolumeTypeMaker,
    "web_image": WebImageMaker,
    "zone": ZoneMaker,
}
