"""Shares, interception rates and price gaps: read, checked and counted like kilograms."""

import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import EvidenceError, EvidenceWarning

Z90 = 1.6448536
SUPPLY = pd.DataFrame({"node": ["s"], "best_kg": [1000.0]})
ENDS = {"from_node": "a", "to_node": "b"}
TABLES = {
    "shares": (ENDS, "share", "share:a>b"),
    "interception": ({"node": "a"}, "rate", "interception:a"),
    "price_gaps": (ENDS, "log_ratio", "price_gap:a>b"),
}
ABOUT = ["source", "edition", "confidence", "note"]


def evidence(*, groups=None, strict=False, **tables):
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return opr.Evidence.from_tables(supply=SUPPLY, groups=groups, strict=strict, **frames)


def failures_of(**tables):
    with pytest.raises(EvidenceError) as raised:
        evidence(**tables)
    return raised.value.failures


def row_of(table, **cells):
    keys, _, name = TABLES[table]
    return getattr(evidence(**{table: [{**keys, **cells}]}), table).loc[name]


def test_without_such_rows_the_tables_are_empty_and_nothing_counts_them():
    found = evidence()
    assert [len(getattr(found, table)) for table in TABLES] == [0, 0, 0]
    assert found.shares.columns.tolist() == [
        *("from_nodes", "to_nodes", "of_from_nodes", "of_to_nodes"),
        *("best_share", "low_share", "high_share", "sd_share", *ABOUT),
    ]
    assert found.interception.columns.tolist() == [
        *("node", "best_rate", "low_rate", "high_rate", "sd_rate", *ABOUT)
    ]
    assert found.price_gaps.columns.tolist() == [
        *("from_nodes", "to_nodes", "best_log_ratio", "low_log_ratio", "high_log_ratio"),
        *("sd_log_ratio", *ABOUT),
    ]
    assert repr(found) == "<Evidence: 1 supply, 0 demand, 0 seizures, 0 flows>"


def test_such_rows_are_counted_where_they_exist():
    found = evidence(shares=[{**ENDS, "share": 0.4}], interception=[{"node": "a", "rate": 0.1}])
    assert repr(found).endswith("0 flows, 1 shares, 1 interception rates>")
    assert "interception rates</th><td>1 rows" in found._repr_html_()
    assert "price gaps" not in found._repr_html_()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("prefix", ["", "value_", "best_"])
def test_figures_are_read_under_every_usual_name(table, prefix):
    _, unit, _ = TABLES[table]
    row = row_of(table, **{f"{prefix}{unit}": 0.4, f"sd_{unit}": 0.1})
    assert row[f"best_{unit}"] == 0.4
    assert row[f"sd_{unit}"] == 0.1


@pytest.mark.parametrize("table", TABLES)
def test_bounds_are_a_90_percent_interval(table):
    _, unit, _ = TABLES[table]
    row = row_of(table, **{f"low_{unit}": 0.2, f"high_{unit}": 0.4})
    assert row[f"best_{unit}"] == pytest.approx(0.3)
    assert row[f"sd_{unit}"] == pytest.approx(0.2 / (2 * Z90))
    assert row["note"] == "[middle of the bounds]"


@pytest.mark.parametrize("table", ["shares", "interception"])
@pytest.mark.parametrize(("confidence", "spread"), [("high", 0.15), ("medium", 0.25), (None, 0.5)])
def test_without_bounds_a_share_spreads_by_confidence(table, confidence, spread):
    _, unit, _ = TABLES[table]
    row = row_of(table, **{unit: 0.4, "confidence": confidence})
    assert row[f"sd_{unit}"] == pytest.approx(spread * 0.4)


@pytest.mark.parametrize("ratio", [-1.0, 0.0, 2.0])
def test_without_bounds_a_price_gap_spreads_like_two_prices(ratio):
    row = row_of("price_gaps", log_ratio=ratio, confidence="high")
    assert row["sd_log_ratio"] == pytest.approx(0.15 * 2**0.5)


def test_a_share_is_one_of_all_that_enters_unless_it_says_of_what():
    found = evidence(
        shares=[
            {"from_node": "a", "to_node": "East", "share": 0.4},
            {"from_node": "a", "to_node": "c", "of_from": "a", "of_to": "*", "share": 0.2},
        ],
        groups={"East": ["y", "x"]},
    ).shares
    ends = found[["from_nodes", "to_nodes", "of_from_nodes", "of_to_nodes"]]
    assert ends.loc["share:a>East"].tolist() == ["a", "x;y", "*", "x;y"]
    assert ends.loc["share:a>c"].tolist() == ["a", "c", "a", "*"]


@pytest.mark.parametrize("table", TABLES)
def test_checked_tables_may_be_given_back(table):
    keys, unit, _ = TABLES[table]
    first = evidence(**{table: [{**keys, unit: 0.3}]})
    second = evidence(**{table: getattr(first, table)})
    pd.testing.assert_frame_equal(getattr(first, table), getattr(second, table))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"": "a third"}, "best_", "number"),
        ({"": float("inf")}, "best_", "at most 1"),
        ({"": 0.2, "sd_": -1}, "sd_", "at least 0"),
        ({"": 0.2, "low_": 0.3, "high_": 0.1}, "low_", "above"),
        ({"": None}, "best_", "no figure"),
    ],
)
def test_a_bad_figure_is_refused_with_table_row_and_column(table, cells, column, rule):
    keys, unit, name = TABLES[table]
    row = {**keys, **{f"{prefix}{unit}": value for prefix, value in cells.items()}}
    found = failures_of(**{table: [row]})
    assert found[["table", "row", "column"]].to_numpy().tolist() == [[table, name, column + unit]]
    if table == "price_gaps":
        rule = rule.replace("at most 1", "finite")
    assert rule in found["rule"].iloc[0]


@pytest.mark.parametrize("table", ["shares", "interception"])
@pytest.mark.parametrize(("figure", "rule"), [(1.2, "at most 1"), (-0.1, "at least 0")])
def test_a_share_lies_between_0_and_1(table, figure, rule):
    keys, unit, _ = TABLES[table]
    assert failures_of(**{table: [{**keys, unit: figure}]})["rule"].tolist() == [f"must be {rule}"]


def test_a_price_may_fall_along_a_route():
    assert row_of("price_gaps", log_ratio=-0.7)["best_log_ratio"] == -0.7


def test_a_price_stands_at_a_place():
    found = failures_of(price_gaps=[{"from_node": "*", "to_node": "b", "log_ratio": 1.0}])
    assert found[["column", "rule"]].to_numpy().tolist() == [
        ["from_node", "a price stands at a place"]
    ]


def test_failures_of_all_tables_are_collected():
    found = failures_of(
        shares=[{**ENDS, "row": "x", "share": 0.1}, {**ENDS, "row": "x", "share": 0.2}],
        interception=[{"place": "a", "rate": 0.1}],
        price_gaps=[{"from_node": "a", "log_ratio": 0.1}],
    )
    assert found[["table", "column"]].to_numpy().tolist() == [
        ["shares", "row"],
        ["interception", "node"],
        ["price_gaps", "to_node"],
    ]
    assert "share its own name" in found["hint"].iloc[0]


def test_a_best_share_outside_of_its_bounds_warns():
    row = {**ENDS, "share": 0.1, "low_share": 0.2, "high_share": 0.4}
    with pytest.warns(EvidenceWarning, match="share:a>b"):
        found = evidence(shares=[row])
    assert found.shares["best_share"].tolist() == [0.1]
