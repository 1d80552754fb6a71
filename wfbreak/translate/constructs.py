"""What each construct of a template becomes: the same as in Heat, or something near to it.

A construct that is not named here is exact. What is refused is refused by a diagnostic at its
place; here stands only what is translated, and how.
"""

from __future__ import annotations

APPROXIMATED = {
    "function:Fn::GetAZs": "Heat asks the cloud; here it is always ['nova']",
    "function:get_attr of all attributes": "those that the provider reports",
    "parameter:OS::stack_id": "the id of the workflow's execution, or one made from it for a "
    "nested stack",
    "parameter:AWS::StackId": "the id of the workflow's execution, not an ARN",
    "type:OS::Heat::AutoScalingGroup": "the members are called 0, 1, ...; Heat gives random names",
    "type:OS::Heat::InstanceGroup": "the members are called 0, 1, ...; Heat gives random names, "
    "and tells the group's load balancers",
    "type:AWS::AutoScaling::AutoScalingGroup": "the members are called 0, 1, ...; Heat gives "
    "random names, and tells the group's load balancers",
    "type:AWS::CloudFormation::Stack": "made as a whole by the provider, without stops inside",
    "type:AWS::ElasticLoadBalancing::LoadBalancer": "made as a whole by the provider, without "
    "stops inside",
    "type:OS::Heat::Stack with a context": "made as a whole by the provider, without stops inside",
    "property:concurrent of OS::Heat::ResourceChain": "all members at once; Heat makes as many at "
    "once as it has engines",
    "section:event_sinks": "not used: the engine's own notifier tells of events",
    "registry:pattern for many types": "used unless an exact name fits; Heat uses it first if the "
    "type that it makes exists",
}
"""What is near to Heat's meaning and not the same, and how it differs."""

CUSTOM_CONSTRAINT = "not checked before the resource is made: it needs the cloud"
"""What holds of a custom constraint that only a cloud can check."""

UNKNOWN_TYPE = "Heat 27 has no such type: unless an environment maps it, nothing of it is checked"
"""What holds of a type that is named like one of OpenStack's."""

_TEXT = "in earnest a server's user_data and a MultipartMime get its text, as Heat would find it"

NOTES = {
    "type:OS::Heat::CloudConfig": _TEXT,
    "type:OS::Heat::MultipartMime": _TEXT,
    "type:OS::Heat::SoftwareConfig": _TEXT,
    "type:OS::Heat::WaitConditionHandle": "in earnest signalled by wfbreak signal, or over "
    "Mistral's API with the execution's token, by the command in curl_cli",
    "type:OS::Heat::UpdateWaitConditionHandle": "in earnest signalled by wfbreak signal alone: its "
    "reference is no URL",
    "key:update_policy": "batch_create counts while a group is created, rolling_update in an "
    "update; there min_in_service makes batches smaller, and never the group larger",
    "key:deletion_policy": "recorded for the day of deletion",
    "section:parameter_groups": "no effect on the stack",
    "section:encrypted_param_names": "these travel sealed, like hidden parameters",
    "registry:restricted_actions": "no effect while creating",
    "hook:pre-update": "does not fire while creating",
    "hook:post-update": "does not fire while creating",
    "hook:pre-delete": "does not fire while creating",
    "hook:post-delete": "does not fire while creating",
}
"""What a person may want to know of a construct that is exact."""
