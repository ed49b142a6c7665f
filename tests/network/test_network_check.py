from __future__ import annotations

import warnings

import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import NetworkError, NetworkWarning

PLACED = {"node": ["a", "b"], "lon": [0, 1], "lat": [0, 0]}


def network(nodes, legs):
    return opr.RouteNetwork.from_tables(pd.DataFrame(nodes), pd.DataFrame(legs))


CASES = {
    "part": (({"node": ["a", "b", "c"]}, {"u": ["a"], "v": ["b"]}), ("nodes", "c", "")),
    "loop": (({"node": ["a"]}, {"u": ["a"], "v": ["a"]}), ("legs", "a>a:leg", "to_node")),
    "short": (
        (PLACED, {"u": ["a"], "v": ["b"], "distance_km": [100]}),
        ("legs", "a>b:leg", "distance_km"),
    ),
    "silent": (
        ({"node": ["a", "b"]}, {"u": ["a"], "v": ["b"], "why": [None]}),
        ("legs", "a>b:leg", "why"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_doubtful_network_warns_and_the_finding_says_where(case):
    tables, where = CASES[case]
    with pytest.warns(NetworkWarning, match=where[1]) as caught:
        found = network(*tables).check()
    assert [tuple(row) for row in found[["table", "row", "column"]].to_numpy()] == [where]
    assert caught[0].filename == __file__


@pytest.mark.parametrize("case", CASES)
def test_strict_raises_with_the_same_findings(case):
    tables, where = CASES[case]
    with pytest.raises(NetworkError) as raised:
        network(*tables).check(strict=True)
    assert raised.value.failures["row"].tolist() == [where[1]]


@pytest.mark.parametrize(
    ("nodes", "legs"),
    [
        (PLACED, {"u": ["a"], "v": ["b"], "distance_km": [111.3]}),
        (PLACED, {"u": ["a"], "v": ["b"], "distance_km": [None]}),
        ({"node": ["a", "b"]}, {"u": ["a"], "v": ["b"], "distance_km": [1]}),
        ({**PLACED, "lat": [None, 0]}, {"u": ["a"], "v": ["b"], "distance_km": [1]}),
        ({"node": ["a", "b"]}, {"u": ["a"], "v": ["b"], "why": ["a bridge"]}),
    ],
)
def test_a_clean_network_is_silent(nodes, legs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert network(nodes, legs).check(strict=True).empty


def test_the_largest_part_is_not_a_finding():
    net = network({"node": list("abcde")}, {"u": ["e", "d", "a"], "v": ["d", "c", "b"]})
    with pytest.warns(NetworkWarning):
        found = net.check()
    assert found[["row", "value"]].to_numpy().tolist() == [["a", 2]]
