"""CloudFormation's functions give Heat's results, and fail where Heat fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wfbreak.hot import cfn_functions as cfn
from wfbreak.hot.functions import FunctionError

MAPPINGS = {"m": {"k": {"f": [1], "n": None}}}
MEMBERS = [".member.1.K=c", ".member.0.K=a", ".member.0.V=b=1", ".member.1.V=d", ".member.2.K=e"]


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        (cfn.base64, ["text"], "text"),
        (cfn.split, [",", "a,,b"], ["a", "", "b"]),
        (cfn.find_in_map, [MAPPINGS, "m", "k", "f"], [1]),
        (cfn.find_in_map, [MAPPINGS, "m", "k", "n"], None),
        (cfn.member_list_to_map, ["K", "V", MEMBERS], {"a": "b=1", "c": "d"}),
        (cfn.member_list_to_map, ["K", "V", []], {}),
    ],
)
def test_results(function: Callable[..., Any], arguments: list[Any], expected: Any) -> None:
    assert function(*arguments) == expected


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (cfn.base64, [5]),
        (cfn.split, [",", ["a"]]),
        (cfn.split, ["", "a"]),
        (cfn.split, [None, "a"]),
        (cfn.find_in_map, [MAPPINGS, "m", "k", "x"]),
        (cfn.find_in_map, [MAPPINGS, "m", ["k"], "f"]),
        (cfn.member_list_to_map, ["K", "V", 5]),
        (cfn.member_list_to_map, ["K", "V", ["no equals sign"]]),
        (cfn.member_list_to_map, [1, "V", []]),
    ],
)
def test_failures(function: Callable[..., Any], arguments: list[Any]) -> None:
    with pytest.raises(FunctionError):
        function(*arguments)
