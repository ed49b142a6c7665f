"""Route shares of seizures: the published ones, and small tables by hand."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.errors import EvidenceError, UnknownNameError


def table(*rows, **columns):
    frame = pd.DataFrame(rows, columns=["node", "commodity", "best_kg"])
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("year", "route", "published", "ours"),
    [
        (2008, "Northern", 0.10, 0.106),
        (2017, "Northern", 0.01, 0.009),
        (2017, "Balkan", 0.47, 0.465),
    ],
)
def test_published_shares_come_out_of_the_shipped_table(year, route, published, ours):
    share = opr.route_shares(year).loc[route, "share"]
    assert share == pytest.approx(ours, abs=0.0005)
    assert share == pytest.approx(published, abs=0.006)


@pytest.mark.parametrize("year", range(2005, 2024))
def test_every_year_is_shared_out_completely(year):
    shares = opr.route_shares(year)
    assert shares["share"].sum() == pytest.approx(1)
    assert shares.index[:2].tolist() == ["Balkan", "Northern"]
    assert "TUR" in shares.loc["Balkan", "members"].split(";")
    assert "IRN" in shares.loc["Balkan", "members"].split(";")
    named = [node for members in shares["members"] for node in members.split(";") if node]
    assert len(named) == len(set(named))
    assert not {"AFG"} & set(named)
    assert shares.loc["Pakistan", ["kind", "members"]].tolist() == ["rest", "PAK"]
    known = set(opr.load_sources().index)
    assert {s for cell in shares["sources"] for s in cell.split("; ") if s} <= known


def test_by_hand():
    shares = opr.route_shares(
        2010,
        seizures=table(
            ("AFG", "heroin", 1000), ("IRN", "heroin", 30), ("TUR", "morphine", 10),
            ("BGR", "opium", 500), ("TJK", "heroin", 8), ("GEO", "heroin", 1),
            ("RUS", "heroin", 1), ("PAK", "heroin", 40), ("DEU", "heroin", 9), ("XYZ", "heroin", 1),
        ),
    )  # fmt: skip
    assert shares["seized_kg"].dropna().to_dict() == {
        "Balkan": 40, "Northern": 10, "Pakistan": 40, "Western and Central Europe": 9,
        "not classified": 1,
    }  # fmt: skip
    assert shares["share"].dropna().tolist() == [0.4, 0.1, 0.4, 0.09, 0.01]
    assert shares.loc["Balkan", "members"] == "IRN;TUR"
    assert "BGR" in shares.loc["Balkan", "no_figure"].split(";")
    assert shares.loc["Northern", "members"] == "GEO;RUS;TJK"
    # No figure is not a zero.
    assert pd.isna(shares.loc["South Asia", "seized_kg"])
    assert shares.loc["South Asia", "no_figure"] == "BGD;BTN;IND;LKA;MDV;NPL"
    assert shares.loc["Balkan", "definition"].startswith("Iran and South-Eastern Europe")
    assert set(shares["year"]) == {2010}


def test_the_newest_edition_counts_and_its_rows_add_up():
    seizures = table(
        ("TUR", "heroin", 5.0), ("TUR", "heroin", 6), ("TUR", "heroin", 1), ("IRN", "heroin", 1),
        edition=[2024, 2025, 2025, 2024], source=["a", "b", "b", "a"], year=2020,
    )  # fmt: skip
    shares = opr.route_shares(2020, seizures=seizures)
    assert shares.loc["Balkan", ["seized_kg", "editions", "sources"]].tolist() == [
        8.0, "2024; 2025", "a; b"
    ]  # fmt: skip


def test_other_names_of_the_weight_and_other_years():
    seizures = pd.DataFrame(
        {"node": ["RUS", "RUS"], "commodity": "heroin", "kg": [1.0, 2.0], "year": [2024, 2025]}
    )
    assert opr.route_shares(2025, seizures=seizures).loc["Northern", "seized_kg"] == 2.0
    with pytest.raises(UnknownNameError, match="2024 to 2025"):
        opr.route_shares(2020, seizures=seizures)


def test_two_sources_of_one_edition_are_not_added_up():
    seizures = table(("TUR", "heroin", 5), ("TUR", "heroin", 6), edition=2025, source=["a", "b"])
    with pytest.raises(EvidenceError, match="several sources of one edition") as caught:
        opr.route_shares(2020, seizures=seizures)
    assert caught.value.failures["row"].tolist() == ["TUR, heroin"]


def test_all_failures_are_collected():
    seizures = table(
        ("TUR", "heroin", "about 5"), (None, "heroin", 1),
        ("IRN", "heroin", -1), ("RUS", "heroin", None),
    )  # fmt: skip
    with pytest.raises(EvidenceError, match="4 place") as caught:
        opr.route_shares(2020, seizures=seizures)
    assert sorted(caught.value.failures["row"]) == [0, 1, 2, 3]
    with pytest.raises(EvidenceError, match="commodity"):
        opr.route_shares(2020, seizures=pd.DataFrame({"node": ["TUR"], "kg": [1]}))


def test_nothing_seized_has_no_shares():
    shares = opr.route_shares(2020, seizures=table(("TUR", "heroin", 0)))
    assert shares.loc["Balkan", "seized_kg"] == 0
    assert shares["share"].isna().all()


def test_a_year_without_figures():
    with pytest.raises(UnknownNameError, match="no seizures of 1950"):
        opr.route_shares(1950)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["IRN", "TUR", "PAK", "TJK", "DEU", "AFG", "ZZZ"]),
            st.sampled_from(["heroin", "morphine", "opium"]),
            st.floats(0.001, 1e6),
        ),
        min_size=1,
        max_size=12,
    ),
    st.floats(0.001, 1000),
)
def test_shares_add_up_and_do_not_depend_on_the_unit(rows, factor):
    one = opr.route_shares(2010, seizures=table(*rows))
    two = opr.route_shares(2010, seizures=table(*((n, c, kg * factor) for n, c, kg in rows[::-1])))
    counted = sum(kg for n, c, kg in rows if n != "AFG" and c != "opium")
    assert one["seized_kg"].sum() == pytest.approx(counted)
    assert one["share"].sum() == pytest.approx(1 if counted else 0)
    pd.testing.assert_series_equal(one["share"].sort_index(), two["share"].sort_index())
