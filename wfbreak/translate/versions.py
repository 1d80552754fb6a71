"""Which template versions there are, and what each of them brought.

Source: the template classes of heat/engine/hot/template.py and heat/engine/cfn/template.py
(27.0.1). A HOT template's version is a date or the name of an OpenStack release; the two
CloudFormation formats are older, and count as the versions before the first.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Version(enum.IntEnum):
    """The versions in their order; compare them with ``<``."""

    CFN_2010_09_09 = 20100909
    CFN_2012_12_12 = 20121212
    V2013_05_23 = 20130523
    V2014_10_16 = 20141016
    V2015_04_30 = 20150430
    V2015_10_15 = 20151015
    V2016_04_08 = 20160408
    V2016_10_14 = 20161014
    V2017_02_24 = 20170224
    V2017_09_01 = 20170901
    V2018_03_02 = 20180302
    V2018_08_31 = 20180831
    V2021_04_16 = 20210416

    def __str__(self) -> str:
        digits = str(self.value)
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


NAMES = {str(version): version for version in Version if version >= Version.V2013_05_23} | {
    "newton": Version.V2016_10_14,
    "ocata": Version.V2017_02_24,
    "pike": Version.V2017_09_01,
    "queens": Version.V2018_03_02,
    "rocky": Version.V2018_08_31,
    "wallaby": Version.V2021_04_16,
}

CONDITIONS_SINCE = Version.V2016_10_14
"""Conditions, and a resource's ``condition`` and ``external_id``, in HOT."""


PARAMETER_KEYS = {"tags": Version.V2018_03_02}
"""What a parameter's declaration may have since which version (heat/engine/hot/parameters.py)."""

CONSTRAINTS = {"modulo": Version.V2017_02_24}
"""Which constraints there are since which version."""


def has_conditions(version: Version) -> bool:
    """Whether templates of the version have conditions."""
    return version >= CONDITIONS_SINCE or version is Version.CFN_2010_09_09


@dataclass(frozen=True, slots=True)
class Span:
    """The versions that have a function: ``since`` and, if it was removed, before ``until``."""

    since: Version
    until: Version | None = None

    def __contains__(self, version: Version) -> bool:
        return self.since <= version and (self.until is None or version < self.until)

    def __str__(self) -> str:
        if self.until is None:
            return f"{self.since} and later"
        if self.since < _FIRST:
            hot = [str(version) for version in NAMES.values() if version in self]
            return " and ".join(["CloudFormation templates", *dict.fromkeys(hot)])
        return f"{self.since} up to before {self.until}"


_FIRST = Version.V2013_05_23
_CFN = Version.CFN_2010_09_09

FUNCTIONS: dict[str, Span] = {
    "get_attr": Span(_FIRST),
    "get_file": Span(_FIRST),
    "get_param": Span(_FIRST),
    "get_resource": Span(_FIRST),
    "list_join": Span(_FIRST),
    "resource_facade": Span(_FIRST),
    "str_replace": Span(_FIRST),
    "Fn::FindInMap": Span(_CFN, _FIRST),
    "Fn::GetAtt": Span(_CFN, _FIRST),
    "Fn::If": Span(_CFN, Version.CFN_2012_12_12),
    "Ref": Span(_CFN, Version.V2014_10_16),
    "Fn::Base64": Span(_CFN, Version.V2014_10_16),
    "Fn::GetAZs": Span(_CFN, Version.V2014_10_16),
    "Fn::Join": Span(_CFN, Version.V2014_10_16),
    "Fn::MemberListToMap": Span(_CFN, Version.V2014_10_16),
    "Fn::Replace": Span(_CFN, Version.V2014_10_16),
    "Fn::ResourceFacade": Span(_CFN, Version.V2014_10_16),
    "Fn::Split": Span(_CFN, Version.V2014_10_16),
    "Fn::Select": Span(_CFN, Version.V2015_10_15),
    "digest": Span(Version.V2015_04_30),
    "repeat": Span(Version.V2015_04_30),
    "str_split": Span(Version.V2015_10_15),
    "map_merge": Span(Version.V2016_04_08),
    "if": Span(Version.V2016_10_14),
    "map_replace": Span(Version.V2016_10_14),
    "yaql": Span(Version.V2016_10_14),
    "filter": Span(Version.V2017_02_24),
    "str_replace_strict": Span(Version.V2017_02_24),
    "contains": Span(Version.V2017_09_01),
    "list_concat": Span(Version.V2017_09_01),
    "list_concat_unique": Span(Version.V2017_09_01),
    "make_url": Span(Version.V2017_09_01),
    "str_replace_vstrict": Span(Version.V2017_09_01),
}
"""What may stand in properties, metadata and outputs."""

CONDITION_FUNCTIONS: dict[str, Span] = {
    "and": Span(Version.V2016_10_14),
    "equals": Span(Version.V2016_10_14),
    "get_param": Span(Version.V2016_10_14),
    "not": Span(Version.V2016_10_14),
    "or": Span(Version.V2016_10_14),
    "contains": Span(Version.V2017_09_01),
    "yaql": Span(Version.V2017_09_01),
    "Fn::And": Span(_CFN, Version.CFN_2012_12_12),
    "Fn::Equals": Span(_CFN, Version.CFN_2012_12_12),
    "Fn::FindInMap": Span(_CFN, Version.CFN_2012_12_12),
    "Fn::Not": Span(_CFN, Version.CFN_2012_12_12),
    "Fn::Or": Span(_CFN, Version.CFN_2012_12_12),
    "Ref": Span(_CFN, Version.CFN_2012_12_12),
}
"""What may stand in conditions."""
