"""Coverage: every cell asked for is there, known or not, and the plot shows the same."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.errors import MapError, OutputError, UnknownNameError
from opiateroutes.maps.coverage_plot import plot_coverage

SEIZURES = pd.DataFrame(
    {
        "node": ["IRN", "IRN", "IRN", "TUR"],
        "year": [2010, 2010, 2011, 2010],
        "commodity": ["heroin", "heroin", "heroin", "opium"],
        "source": ["a", "b", "b; c", "a"],
        "edition": [2021, 2025, 2024, 2021],
    }
)


def small(**options):
    return opr.evidence_coverage(
        ["IRN", "TUR"], years=[2010, 2011], tables={"seizures": SEIZURES}, **options
    )


def test_by_hand():
    table = small().table
    assert len(table) == 2 * 2 * 2
    cells = table.set_index(["node", "year", "kind"])
    first = cells.loc[("IRN", 2010, "seizures_heroin")]
    assert first[["known", "n_figures", "n_sources", "sources", "latest_edition"]].tolist() == [
        True, 2, 2, "a; b", 2025
    ]  # fmt: skip
    assert cells.loc[("IRN", 2011, "seizures_heroin"), "n_sources"] == 2
    gap = cells.loc[("TUR", 2011, "seizures_opium")]
    assert not gap["known"]
    assert gap["n_figures"] == 0
    assert pd.isna(gap["sources"])
    assert pd.isna(gap["latest_edition"])


def test_summaries_by_hand():
    by_kind = small().summary()
    assert by_kind[["cells", "known", "gaps"]].to_numpy().tolist() == [[4, 2, 2], [4, 1, 3]]
    assert by_kind.loc["seizures_heroin", ["n_sources", "first_year", "last_year"]].tolist() == [
        3, 2010, 2011
    ]  # fmt: skip
    by_country = small().summary(by="country")
    assert by_country["name"].tolist() == ["Iran", "Türkiye"]
    assert by_country["known_share"].tolist() == [0.5, 0.25]
    with pytest.raises(UnknownNameError, match="kind, country"):
        small().summary(by="continent")


def test_spans_by_hand():
    spans = small(kinds=["seizures_opium"]).spans().set_index("node")
    assert spans.loc["TUR", ["known_years", "gap_years", "sources"]].tolist() == [
        "2010",
        "2011",
        "a",
    ]
    assert spans.loc["IRN", ["known_years", "gap_years", "sources"]].tolist() == [
        "", "2010-2011", ""
    ]  # fmt: skip


def test_flows_count_for_both_ends_and_members_of_groups():
    flows = pd.DataFrame(
        {
            "year": [2008, 2008],
            "from_group": ["AFG", "*"],
            "to_group": ["EAST", "RUS"],
            "source": "a",
            "edition": 2009,
        }
    )
    groups = pd.DataFrame({"group": ["EAST", "EAST"], "node": ["TJK", "UZB"]})
    coverage = opr.evidence_coverage(
        ["AFG", "TJK", "UZB", "RUS", "KAZ"],
        years=[2008],
        tables={"flows": flows, "groups": groups},
    )
    known = coverage.table.set_index("node")["known"]
    assert known.to_dict() == {"AFG": True, "TJK": True, "UZB": True, "RUS": True, "KAZ": False}


def test_supply_is_looked_for_where_it_is_produced():
    coverage = opr.evidence_coverage(["AFG", "DEU"], years=[2008, 2031], kinds=["supply"])
    assert coverage.table[["node", "year", "known"]].to_numpy().tolist() == [
        ["AFG", 2008, True], ["AFG", 2031, False]
    ]  # fmt: skip
    assert opr.evidence_coverage(["DEU"], kinds=["supply"]).table.empty


def test_shipped_tables_are_laid_out_for_the_countries_of_the_network():
    coverage = opr.evidence_coverage()
    table = coverage.table
    assert set(table["node"]) == set(opr.load_network("countries").nodes.index)
    assert (table["year"].min(), table["year"].max()) == (2005, 2023)
    kinds = set(table["kind"])
    assert {"seizures_heroin", "seizures_morphine", "seizures_opium", "supply"} <= kinds
    assert {"prevalence", "population", "flows"} <= kinds
    for _, cells in table[table["kind"] != "supply"].groupby("kind"):
        assert len(cells) == table["node"].nunique() * 19
    known = set(opr.load_sources().index)
    assert {s for cell in table["sources"].dropna() for s in cell.split("; ")} <= known
    assert (table["known"] == (table["n_figures"] > 0)).all()
    assert coverage.summary()["known"].sum() == table["known"].sum()
    assert coverage.summary(by="country")["gaps"].sum() == (~table["known"]).sum()
    iran = coverage.spans().set_index(["node", "kind"]).loc[("IRN", "seizures_heroin")]
    assert (iran["known_years"], iran["gap_years"]) == ("2005-2023", "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kinds": ["seizure"]}, "did you mean 'seizures'"),
        ({"nodes": ["IRNN"]}, "did you mean 'IRN'"),
    ],
)
def test_unknown_names(options, words):
    with pytest.raises(UnknownNameError, match=words):
        opr.evidence_coverage(**options)


def test_no_tables_no_cells():
    coverage = opr.evidence_coverage(["IRN"], tables={})
    assert coverage.table.empty
    assert coverage.spans().empty
    with pytest.raises(MapError, match="nothing to draw"):
        plot_coverage(coverage)


def test_a_name_alone_is_one_country_and_one_kind():
    coverage = opr.evidence_coverage("IRN", years=[2010], kinds="prevalence")
    assert len(coverage.table) == 1


def test_cards():
    coverage = small()
    assert repr(coverage) == "<Coverage: 2 countries, 2 years, 2 kinds; 3 of 8 cells known>"
    assert "seizures_heroin" in coverage._repr_html_()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.integers(2000, 2004),
            st.sampled_from(["heroin", "opium"]),
            st.sampled_from(["x", "y", "x; z"]),
        ),
        min_size=1,
    )
)
def test_the_grid_is_complete_and_known_where_a_row_is(rows):
    table = pd.DataFrame(rows, columns=["node", "year", "commodity", "source"]).assign(edition=2020)
    nodes = sorted(set(table["node"]))
    coverage = opr.evidence_coverage(nodes, years=range(2000, 2005), tables={"seizures": table})
    cells = coverage.table
    kinds = table["commodity"].nunique()
    assert len(cells) == len(cells.drop_duplicates(["node", "year", "kind"]))
    assert len(cells) == len(nodes) * 5 * kinds
    expected = {(n, y, f"seizures_{c}") for n, y, c, _ in rows}
    known = cells[cells["known"]]
    assert set(zip(known["node"], known["year"], known["kind"], strict=True)) == expected
    assert cells["n_figures"].sum() == len(rows)


def numbers_drawn(figure):
    """Rows of each panel from the mesh that it holds."""
    return {
        label.get_text(): row
        for ax in figure.axes
        for label, row in zip(
            ax.get_yticklabels(), ax.collections[0].get_array().tolist(), strict=True
        )
    }


def test_the_plot_shows_the_number_of_publications(tmp_path):
    figure = plot_coverage(small(), save=tmp_path / "coverage.png")
    assert numbers_drawn(figure) == {"Iran": [2, 2], "Türkiye": [1, 0]}
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["2010", "2011"]
    texts = [text.get_text() for text in figure.texts]
    assert texts[0] == "Evidence by country and year"
    assert "seizures of heroin, opium" in texts[1]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == [
        "gap: no figure", "1 publication", "2", "3", "4 or more"
    ]  # fmt: skip
    assert (tmp_path / "coverage.png").read_bytes()[1:4] == b"PNG"


def test_all_countries_are_drawn_once_and_nothing_leaves_the_sheet():
    coverage = opr.evidence_coverage(kinds=["seizures"])
    figure = opr.plot_coverage(coverage)
    drawn = numbers_drawn(figure)
    assert len(figure.axes) > 1
    assert len(drawn) == coverage.table["node"].nunique()
    assert all(len(row) == 19 for row in drawn.values())
    renderer = figure.canvas.get_renderer()
    sheet = figure.bbox
    for artist in (*figure.texts, *figure.legends, *figure.axes):
        box = artist.get_tightbbox(renderer)
        assert sheet.x0 <= box.x0
        assert box.x1 <= sheet.x1
        assert sheet.y0 <= box.y0
        assert box.y1 <= sheet.y1
    panels = [ax.get_tightbbox(renderer) for ax in figure.axes]
    around = (*figure.texts, *figure.legends)
    boxes = [*panels, *(artist.get_window_extent(renderer) for artist in around)]
    for k, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[k + 1 :])


def test_figures_without_a_source_are_drawn_as_one_publication():
    table = SEIZURES.assign(source=None)
    coverage = opr.evidence_coverage(["IRN"], years=[2010], tables={"seizures": table})
    assert coverage.table["n_sources"].tolist() == [0, 0]
    assert numbers_drawn(plot_coverage(coverage)) == {"Iran": [1]}


def test_a_grid_of_gaps_can_be_drawn():
    coverage = opr.evidence_coverage(["IRN", "PAK"], years=[1950], kinds=["flows"])
    assert numbers_drawn(plot_coverage(coverage)) == {"Iran": [0], "Pakistan": [0]}


def test_the_same_picture_twice_and_only_into_known_formats(tmp_path):
    pictures = []
    for name in ("one.svg", "two.svg"):
        plot_coverage(small(), save=tmp_path / name)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]
    with pytest.raises(OutputError, match=r"\.png"):
        plot_coverage(small(), save=tmp_path / "coverage.doc")
