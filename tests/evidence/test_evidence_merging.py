"""Shipped and own figures put together: who goes before whom, and that nothing is lost unseen."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opiateroutes.evidence.merging import merged


def seizures(*rows):
    columns = ["node", "year", "commodity", "best_kg", "edition"]
    return pd.DataFrame(rows, columns=columns)


def test_a_folder_goes_before_what_ships_whatever_the_edition():
    shipped = seizures(("IRN", 2010, "heroin", 1.0, 2025), ("TUR", 2010, "heroin", 5.0, 2025))
    own = seizures(("IRN", 2010, "heroin", 2.0, 2012))
    rows, replaced = merged("seizures", [("shipped", shipped), ("mine", own)])
    assert dict(zip(rows["node"], rows["best_kg"], strict=True)) == {"TUR": 5.0, "IRN": 2.0}
    assert replaced.to_dict("records") == [
        {
            "table": "seizures",
            "cell": "IRN | 2010 | heroin",
            "kept_from": "mine",
            "kept": 2.0,
            "replaced_from": "shipped",
            "replaced": 1.0,
        }
    ]


def test_a_later_folder_goes_before_an_earlier_one():
    frames = [
        (name, seizures(("IRN", 2010, "heroin", kg, 2025)))
        for name, kg in (("shipped", 1.0), ("first", 2.0), ("second", 3.0))
    ]
    rows, replaced = merged("seizures", frames)
    assert rows["best_kg"].tolist() == [3.0]
    assert sorted(replaced["replaced_from"]) == ["first", "shipped"]
    assert set(replaced["kept"]) == {3.0}


def test_all_editions_of_a_replaced_cell_give_way():
    shipped = seizures(("IRN", 2010, "heroin", 1.0, 2024), ("IRN", 2010, "heroin", 1.5, 2025))
    own = seizures(("IRN", 2010, "heroin", 2.0, 2026))
    rows, replaced = merged("seizures", [("shipped", shipped), ("mine", own)])
    assert len(rows) == 1
    assert replaced["replaced"].tolist() == [1.0, 1.5]


def test_without_folders_nothing_changes():
    shipped = seizures(("IRN", 2010, "heroin", 1.0, 2025))
    rows, replaced = merged("seizures", [("shipped", shipped)])
    pd.testing.assert_frame_equal(rows, shipped)
    assert replaced.empty
    assert "kept_from" in replaced


cells = st.tuples(st.sampled_from("ABC"), st.sampled_from([2010, 2011]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, unique=True, max_size=6), min_size=2, max_size=4))
def test_every_cell_has_the_figure_of_its_last_origin(origins):
    frames = []
    expected = {}
    for number, here in enumerate(origins):
        rows = [
            (node, year, "heroin", float(100 * number + k), 2025)
            for k, (node, year) in enumerate(here)
        ]
        frames.append(
            (f"origin {number}", seizures(*rows).astype({"year": "int64", "best_kg": float}))
        )
        expected |= {(node, year): kg for node, year, _, kg, _ in rows}
    rows, replaced = merged("seizures", frames)
    found = {(r.node, r.year): r.best_kg for r in rows.itertuples()}
    assert found == expected
    assert len(rows) == len(expected)
    assert len(rows) + len(replaced) == sum(map(len, origins))


@pytest.mark.parametrize("table", ["consumption", "flows", "population", "prevalence", "supply"])
def test_every_table_that_an_estimate_reads_can_be_merged(table):
    from opiateroutes.data import read_evidence_table

    shipped = read_evidence_table(table)
    rows, replaced = merged(table, [("shipped", shipped), ("again", shipped)])
    assert len(rows) == len(replaced) == len(shipped)
    assert rows.dtypes.to_dict() == shipped.dtypes.to_dict()
