from __future__ import annotations

import dataclasses
import warnings

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.errors import EvidenceError, EvidenceWarning

Z90 = 1.645
SUPPLY = pd.DataFrame({"node": ["s"], "best_kg": [1000.0]})


def evidence(*, strict=False, **tables):
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return opr.Evidence.from_tables(**{"supply": SUPPLY, **frames}, strict=strict)


def failures_of(*, strict=False, **tables):
    with pytest.raises(EvidenceError) as raised:
        evidence(strict=strict, **tables)
    return raised.value.failures


@pytest.mark.parametrize("alias", ["best_kg", "value_kg", "kg", "quantity_kg"])
def test_weights_are_read_under_every_usual_name(alias):
    assert evidence(supply={"node": ["a"], alias: [5]}).supply["best_kg"].tolist() == [5.0]


def test_best_kg_goes_before_its_aliases():
    rows = evidence(supply={"node": ["a"], "kg": [1], "best_kg": [2]}).supply
    assert rows["best_kg"].tolist() == [2.0]


@pytest.mark.parametrize("table", ["supply", "demand", "seizures"])
def test_rows_are_named_by_table_and_node_and_sorted(table):
    found = getattr(evidence(**{table: {"node": [2, 1], "kg": [5, 6]}}), table)
    kind = {"seizures": "seizure"}.get(table, table)
    assert found.index.tolist() == [f"{kind}:1", f"{kind}:2"]
    assert found["node"].tolist() == ["1", "2"]
    assert found.index.name == "row"


def test_the_node_may_be_the_index():
    rows = pd.DataFrame({"kg": [5.0]}, index=pd.Index(["a"], name="node"))
    assert evidence(supply=rows).supply["node"].tolist() == ["a"]


def test_checked_tables_may_be_given_back():
    first = evidence(demand={"node": ["a"], "low_kg": [1], "high_kg": [3]})
    second = evidence(demand=first.demand)
    pd.testing.assert_frame_equal(first.demand, second.demand)


@pytest.mark.parametrize(
    ("row", "best", "sd"),
    [
        ({"best_kg": 10, "low_kg": 8, "high_kg": 14}, 10, 6 / (2 * Z90)),
        ({"low_kg": 8, "high_kg": 14}, 11, 6 / (2 * Z90)),
        ({"best_kg": 10, "high_kg": 14}, 10, 4 / Z90),
        ({"best_kg": 10, "low_kg": 7}, 10, 3 / Z90),
        ({"best_kg": 10, "sd_kg": 1, "low_kg": 8, "high_kg": 14}, 10, 1),
        ({"best_kg": 10, "low_kg": 10, "high_kg": 10}, 10, 0),
        ({"best_kg": 10}, 10, 5),
        ({"best_kg": 10, "confidence": "low"}, 10, 5),
        ({"best_kg": 10, "confidence": "medium"}, 10, 2.5),
        ({"best_kg": 10, "confidence": "high"}, 10, 1.5),
    ],
)
def test_the_spread_comes_from_what_was_published(row, best, sd):
    found = evidence(demand=[{"node": "a", **row}]).demand.loc["demand:a"]
    assert found["best_kg"] == best
    assert found["sd_kg"] == pytest.approx(sd, rel=1e-3)


@given(low=st.floats(0, 1e6), width=st.floats(1e-3, 1e6), share=st.floats(0, 1))
@settings(max_examples=12, deadline=None)
def test_bounds_are_a_90_percent_interval_wherever_the_best_estimate_lies(low, width, share):
    high = low + width
    best = min(max(low + share * width, low), high)
    row = {"node": "a", "low_kg": low, "best_kg": best, "high_kg": high}
    found = evidence(demand=[row]).demand.loc["demand:a"]
    assert found["sd_kg"] * 2 * 1.6448536 == pytest.approx(high - low, rel=1e-6)


@pytest.mark.parametrize(
    ("note", "said"),
    [("as quoted", "as quoted [middle of the bounds]"), (None, "[middle of the bounds]")],
)
def test_the_middle_of_bounds_is_flagged(note, said):
    row = {"node": "a", "low_kg": 1, "high_kg": 3, "note": note}
    assert evidence(demand=[row]).demand["note"].tolist() == [said]


def test_a_published_best_estimate_is_not_flagged():
    row = {"node": "a", "low_kg": 1, "best_kg": 2, "high_kg": 3, "note": "x"}
    assert evidence(demand=[row]).demand["note"].tolist() == ["x"]


OUTSIDE = [{"node": "MEX", "low_kg": 20, "best_kg": 19, "high_kg": 30}]


def test_a_best_estimate_outside_of_its_bounds_warns_the_caller_and_is_kept():
    with pytest.warns(EvidenceWarning, match="demand:MEX") as caught:
        found = evidence(demand=OUTSIDE)
    assert found.demand["best_kg"].tolist() == [19.0]
    assert found.demand["sd_kg"].tolist() == [pytest.approx(10 / (2 * Z90), rel=1e-3)]
    assert caught[0].filename == __file__


def test_a_best_estimate_outside_of_its_bounds_is_an_error_when_strict():
    found = failures_of(demand=OUTSIDE, strict=True)
    assert found[["table", "row", "column", "value"]].to_numpy().tolist() == [
        ["demand", "demand:MEX", "best_kg", 19.0]
    ]


def test_a_best_estimate_on_its_bounds_is_silent():
    rows = [{"node": "a", "low_kg": 2, "best_kg": 2, "high_kg": 3}]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert evidence(demand=rows, strict=True).demand["best_kg"].tolist() == [2.0]


BAD = {
    "negative": ({"best_kg": -1}, "best_kg", -1, "at least 0"),
    "minus infinity": ({"best_kg": float("-inf")}, "best_kg", float("-inf"), "at least 0"),
    "infinite": ({"best_kg": float("inf")}, "best_kg", float("inf"), "finite"),
    "missing": ({"best_kg": float("nan")}, "best_kg", None, "no figure"),
    "one bound only": ({"low_kg": 3}, "best_kg", None, "no figure"),
    "text": ({"best_kg": "12,5"}, "best_kg", "12,5", "number"),
    "text in a bound": ({"best_kg": 1, "low_kg": "?"}, "low_kg", "?", "number"),
    "negative sd": ({"best_kg": 1, "sd_kg": -1}, "sd_kg", -1, "at least 0"),
    "crossed": ({"best_kg": 4, "low_kg": 5, "high_kg": 3}, "low_kg", 5, "above"),
    "confidence": ({"best_kg": 4, "confidence": "hgih"}, "confidence", "hgih", "one of high"),
}


@pytest.mark.parametrize("table", ["supply", "demand", "seizures", "flows"])
@pytest.mark.parametrize("case", BAD)
def test_a_bad_figure_is_refused_with_table_row_and_column(table, case):
    cells, column, value, rule = BAD[case]
    ends = {"from_node": "a", "to_node": "b"} if table == "flows" else {"node": "a"}
    found = failures_of(**{table: [{**ends, **cells}]})
    kind = {"seizures": "seizure:a", "flows": "flow:a>b"}.get(table, f"{table}:a")
    assert found[["table", "row", "column"]].to_numpy().tolist() == [[table, kind, column]]
    assert found["value"].tolist() == [value]
    assert rule in found["rule"].iloc[0]


def test_a_missing_node_is_called_by_its_position():
    found = failures_of(demand={"node": ["a", None], "kg": [1, 2]})
    assert found[["row", "column"]].to_numpy().tolist() == [["demand:1", "node"]]


@pytest.mark.parametrize(
    ("table", "rows", "columns"),
    [
        ("supply", {"country": ["a"], "kg": [1]}, ["node"]),
        ("flows", {"kg": [1]}, ["from_node", "to_node"]),
        ("demand", {"node": ["a"], "amount": [1]}, ["best_kg"]),
    ],
)
def test_missing_columns_are_named(table, rows, columns):
    assert failures_of(**{table: rows})["column"].tolist() == columns


def test_a_node_twice_and_a_flow_twice_are_refused():
    found = failures_of(
        seizures={"node": [1, "1"], "kg": [1, 2]},
        flows={"row": ["x", "x"], "from_node": ["a", "b"], "to_node": ["b", "a"], "kg": [1, 1]},
    )
    assert found[["table", "value"]].to_numpy().tolist() == [["seizures", "1"], ["flows", "x"]]


def test_failures_of_all_tables_are_collected():
    found = failures_of(
        supply={"node": ["a", "a"], "kg": [-1, "many"]},
        demand={"node": ["a"], "low_kg": [2], "high_kg": [1]},
        seizures={"place": ["a"]},
        flows={"from_node": ["a"], "to_node": ["b"], "kg": [None]},
    )
    assert {(f.table, f.column) for f in found.itertuples()} == {
        ("supply", "node"),
        ("supply", "best_kg"),
        ("demand", "low_kg"),
        ("seizures", "node"),
        ("flows", "best_kg"),
    }
    assert len(found) == 6


def test_groups_lists_and_stars_in_flows():
    rows = {
        "row": ["in", "list", "any"],
        "from_node": ["s", "b;a", "*"],
        "to_node": ["East", "s", "7"],
        "kg": [1, 2, 3],
    }
    groups = {"East": ["z", 3, "y"]}
    flows = opr.Evidence.from_tables(supply=SUPPLY, flows=pd.DataFrame(rows), groups=groups).flows
    assert flows.loc["flow:in", ["from_nodes", "to_nodes"]].tolist() == ["s", "3;y;z"]
    assert flows.loc["flow:list", ["from_nodes", "to_nodes"]].tolist() == ["b;a", "s"]
    assert flows.loc["flow:any", ["from_nodes", "to_nodes"]].tolist() == ["*", "7"]


def test_flows_without_a_name_are_called_by_their_ends_whatever_the_ids():
    flows = evidence(flows={"from_node": [1, 2], "to_node": [2, 1], "kg": [1, 1]}).flows
    assert flows.index.tolist() == ["flow:1>2", "flow:2>1"]


@pytest.mark.parametrize("empty", [None, pd.DataFrame(), pd.DataFrame({"node": []})])
def test_no_table_is_an_empty_table(empty):
    found = opr.Evidence.from_tables(supply=SUPPLY, demand=empty, flows=empty)
    assert len(found.demand) == len(found.flows) == 0
    assert found.demand["best_kg"].dtype == "float64"
    assert found.flows.columns[:2].tolist() == ["from_nodes", "to_nodes"]


def test_an_unknown_way_with_outside_rows_is_refused():
    with pytest.raises(EvidenceError, match="'error' or 'skip'"):
        opr.Evidence.from_tables(supply=SUPPLY, outside="drop")


def test_priors_are_general_unless_given():
    priors = evidence().priors
    assert priors.index.tolist() == ["*"]
    assert {"interception", "consumption_weight", "unaccounted_weight"} <= set(priors.columns)
    assert priors.gt(0).all(axis=None)
    given_priors = priors.assign(interception=0.5)
    found = opr.Evidence.from_tables(supply=SUPPLY, priors=given_priors)
    assert found.priors["interception"].tolist() == [0.5]


def test_evidence_is_frozen_and_its_inputs_stay_as_they_were():
    rows = pd.DataFrame({"node": [1], "kg": ["5"]})
    before = rows.copy()
    found = evidence(supply=rows)
    pd.testing.assert_frame_equal(rows, before)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.year = 2000


def test_the_card_and_the_repr_count_and_escape():
    found = dataclasses.replace(evidence(), year="<script>")
    assert "<script" not in found._repr_html_()
    assert "<td>1 rows</td><td>1.0 t</td>" in found._repr_html_()
    assert repr(evidence()) == "<Evidence: 1 supply, 0 demand, 0 seizures, 0 flows>"
