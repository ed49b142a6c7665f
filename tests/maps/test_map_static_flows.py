"""Printed maps of flows: true widths, sides and heads, what is said, the same bytes every time."""

from __future__ import annotations

import io
import itertools
import re
import string
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text
from test_map_static import DEFICIENCIES, lab

import opiateroutes as opr
from opiateroutes.data import boundary_notice
from opiateroutes.errors import MapError, OutputError, UnknownNameError
from opiateroutes.maps.families import Families
from opiateroutes.maps.static import plot_displacement, plot_flows
from opiateroutes.maps.static.bands import band_of, curve
from opiateroutes.maps.static.bundle import NEAREST_POINTS, bundled, standing_for
from opiateroutes.maps.static.elements import element_name, places_of_element
from opiateroutes.maps.static.figure import FIXED
from opiateroutes.maps.static.flow_words import NOTICE, WORDS, words_in
from opiateroutes.maps.static.frame import Frame
from opiateroutes.maps.static.home import worth_showing
from opiateroutes.maps.static.moves import Move, Places, changed, flowing, largest, places_of
from opiateroutes.maps.static.notices import notice_in
from opiateroutes.maps.static.place_names import area_names
from opiateroutes.maps.static.signs import CHOKEPOINT, Sign, spread
from opiateroutes.maps.static.widths import THINNEST_POINTS, Widths

REPORT = (17, 11)
ROUTES = pd.DataFrame({"family": ["Balkan", "Southern"], "nodes": ["AAA>BBB>CCC", "BBB>DDD"]})
FLOWS = {
    ("a", "b"): (100_000.0, 0.9),
    ("b", "a"): (60_000.0, 0.1),
    ("b", "c"): (50_000.0, 0.9),
    ("b", "d"): (25_000.0, 0.2),
    ("c", "d"): (1_000.0, 0.9),
    ("d", "a"): (10.0, 0.9),
}
PLACES = {"a": (55, 24), "b": (74, 25), "c": (76, 37), "d": (56, 36)}


@pytest.fixture(scope="module", params=["countries", "crossings"])
def fit(request):
    return opr.estimate_flows(opr.load_network(request.param), opr.load_evidence(2010))


@pytest.fixture(scope="module")
def countries():
    return opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))


def small(flows=None, places=None, **more):
    """Four cities in two synthetic countries, two of them with flows both ways."""
    flows, places = FLOWS if flows is None else flows, PLACES if places is None else places
    nodes = pd.DataFrame(
        [(k, k.upper() * 3, "hub", lon, lat) for k, (lon, lat) in places.items()],
        columns=["node", "name", "kind", "lon", "lat"],
    )
    nodes["iso3"] = [k[0].upper() * 3 for k in nodes["node"]]
    pairs = list(flows) or [("a", "b")]
    legs = pd.DataFrame(pairs, columns=["from", "to"]).assign(mode="road")
    network = opr.RouteNetwork.from_tables(nodes, legs, meta={"licence": "a licence"})
    table = pd.DataFrame(
        {
            "from_node": [start for start, _ in flows],
            "to_node": [end for _, end in flows],
            "flow_kg": [kg for kg, _ in flows.values()],
            "low_kg": [kg / 2 for kg, _ in flows.values()],
            "high_kg": [kg * 2 for kg, _ in flows.values()],
            "leverage": [leverage for _, leverage in flows.values()],
        }
    )
    given = {"unit": "kg heroin equivalent", "year": 2010, "sources": pd.DataFrame()}
    return SimpleNamespace(network=network, legs=table, **{**given, **more})


def ranking(*, stable=True, intervals=True):
    """A table in the layout of `Chokepoints.ranking`, ordered by the reaction 2."""
    table = pd.DataFrame(
        {"name": ["AAA", "DDD", "BBB"], "drop_share_2": [0.3, 0.2, 0.05], "rank_2": [1, 2, 3]},
        index=pd.Index(["a", "d", "b"], name="node"),
    )
    if intervals:
        table["drop_low_2"], table["drop_high_2"] = [0.1, 0.1, 0.01], [0.4, 0.3, 0.1]
        table["in_top_2"] = [1.0, 0.7, 0.3] if stable else [1.0, None, 0.3]
    return SimpleNamespace(
        ranking=lambda: table, ordered_by=2.0, effort=(0.5, 0.25), top=2, table=table
    )


def moved(**columns):
    table = pd.DataFrame(
        {
            "from_node": ["a", "b", "b"],
            "to_node": ["b", "c", "d"],
            "change_kg": [-40_000.0, 20_000.0, 5_000.0],
        },
        index=pd.Index(["ab", "bc", "bd"], name="leg"),
    )
    return table.assign(**columns)


@pytest.fixture
def drawn(basemap_folder):
    def draw(fit=None, **options):
        given = {"routes": ROUTES, "basemap": basemap_folder, "share": 1.0, "size": (20, 14)}
        return plot_flows(small() if fit is None else fit, **{**given, **options})

    return draw


@pytest.fixture
def shifted(basemap_folder):
    def draw(table=None, **options):
        given = {"basemap": basemap_folder, "share": 1.0, "size": (20, 14)}
        return plot_displacement(
            moved() if table is None else table, small(), **{**given, **options}
        )

    return draw


def said(figure):
    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


def everything(figure):
    return re.sub("[ \n]+", " ", " ".join(said(figure)))


def artist(figure, gid):
    [found] = [a for a in figure.axes[0].get_children() if a.get_gid() == gid]
    return found


def bands(figure, gid="flows"):
    """Polygon of each band in points on paper, with face colour and dashes of its edge."""
    collection = artist(figure, gid)
    to_points = collection.get_transform().frozen()
    # One edge and one band each.
    found = []
    for k in range(1, len(collection.get_paths()), 2):
        rings = collection.get_paths()[k].to_polygons(closed_only=True)
        shapes = [shapely.Polygon(to_points.transform(ring) * 72 / figure.dpi) for ring in rings]
        found.append(
            SimpleNamespace(
                shape=shapely.union_all([shape.buffer(0) for shape in shapes]),
                rings=shapes,
                face=to_hex(collection.get_facecolors()[k]),
                edge=collection.get_linewidths()[k],
            )
        )
    return found


def place_on_paper(figure, lon, lat):
    ax = figure.axes[0]
    x, y = ax.project(lon, lat)
    return ax.transData.transform(np.column_stack((x, y)))[0] * 72 / figure.dpi


def width_of(band):
    """Width of the body in the middle between start and head, edge included."""
    ring = np.array(band.rings[0].exterior.coords)
    count = (len(ring) - 4) // 2
    left, right = ring[:count], ring[count + 3 : -1][::-1]
    return float(np.median(np.hypot(*(left - right).T))) + band.edge


# -- bytes


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_map_is_the_same_bytes(basemap_folder, tmp_path, ending):
    pictures = []
    for name, settings in (("one", {}), ("two", {"font.size": 30, "patch.linewidth": 9})):
        with mpl.rc_context(settings):
            path = tmp_path / f"{name}.{ending}"
            options = {"routes": ROUTES, "basemap": basemap_folder, "size": (20, 14)}
            plot_flows(small(), chokepoints=ranking(), out=path, **options)
            pictures.append(path.read_bytes())
    assert pictures[0] == pictures[1]


def test_rows_in_another_order_are_the_same_map(drawn):
    turned = small()
    turned.legs = turned.legs.iloc[::-1]
    pictures = []
    for each in (small(), turned):
        stream = io.BytesIO()
        drawn(each).savefig(stream, format="svg")
        pictures.append(stream.getvalue())
    assert pictures[0] == pictures[1]


def test_outside_text_stays_text(drawn, tmp_path):
    text = "<script>$x^2$</script>"
    fit = small()
    fit.network.nodes["name"] = fit.network.nodes["label"] = text
    figure = drawn(fit, title=text, out=tmp_path / "a.svg")
    assert not ET.parse(tmp_path / "a.svg").getroot().findall(".//{*}script")  # noqa: S314
    assert artist(figure, "title").get_text() == text


# -- bands


def test_widths_are_linear_in_kg_on_the_map_and_in_the_legend(drawn):
    figure = drawn(extent=(50, 20, 80, 40))
    large, back, half, quarter, thin, thinnest = bands(figure)
    assert width_of(half) == pytest.approx(width_of(large) / 2, rel=1e-3)
    assert back.shape.area < large.shape.area
    assert quarter.shape.area < half.shape.area
    assert width_of(thin) == pytest.approx(THINNEST_POINTS, rel=1e-2)
    assert width_of(thinnest) == pytest.approx(THINNEST_POINTS, rel=1e-2)
    legend = [each for each in figure.axes[0].get_children() if each.get_gid() == "legend-band"]
    widths = []
    for collection in legend[:3]:
        ring = collection.get_paths()[1].vertices
        widths.append(np.ptp(ring[[0, -3]], axis=0).max())
    texts = said(figure)
    assert {"100\xa0t", "20\xa0t", "10\xa0t"} <= set(texts)
    per_kg = width_of(large) / 100_000
    assert widths == pytest.approx([100_000 * per_kg, 20_000 * per_kg, 10_000 * per_kg], rel=1e-3)
    least = float(f"{THINNEST_POINTS / per_kg:.2g}") / 1000
    assert f"Less than {least:g}\xa0t" in texts


@pytest.mark.parametrize("largest_kg", [0.0, 3.0, 199_999.0, 499_999.0, 1e6])
def test_three_reference_widths_at_any_amount(largest_kg):
    widths = Widths.fitted(largest_kg=largest_kg, map_width=330.0)
    assert len(widths.references_kg) == (3 if largest_kg else 0)
    assert all(widths.of(kg) == pytest.approx(kg * widths.per_kg) for kg in widths.references_kg)
    assert widths.of(0.0) == THINNEST_POINTS


def test_there_and_back_lie_on_two_sides(drawn):
    there, back, *_ = bands(drawn(labels=None))
    assert there.shape.intersection(back.shape).area == pytest.approx(0, abs=1e-6)
    # A goes east to B: its left is north.
    assert there.shape.centroid.y > back.shape.centroid.y


def test_the_head_is_at_the_target_and_wider_than_the_body(drawn):
    figure = drawn()
    band = bands(figure)[2]
    ring = np.array(band.rings[0].exterior.coords)
    neck = (len(ring) - 4) // 2
    wing, tip, other_wing = ring[neck : neck + 3]
    start, end = (place_on_paper(figure, *PLACES[k]) for k in "bc")
    assert np.hypot(*(tip - end)) < 4
    assert np.hypot(*(ring[0] - start)) < 4 + width_of(band)
    assert np.hypot(*(wing - other_wing)) > 1.3 * width_of(band)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_longer_bands_bend_more_and_to_the_left(way):
    bows = []
    for length in (20.0, 100.0, 200.0, 800.0):
        line = curve(np.array([0.0, 0.0]), np.array([way * length, 0.0]))
        bows.append(way * line[:, 1][np.abs(line[:, 1]).argmax()] / length)
    assert bows == sorted(bows)
    assert 0.05 < bows[0] < bows[-1] < 0.2


def test_dashes_cover_no_more_than_the_band():
    ends = np.array([0.0, 0.0]), np.array([120.0, 0.0])
    whole, cut = (band_of(*ends, width=4.0, radius=2.0, cut=cut) for cut in (False, True))
    dashes = shapely.union_all([shapely.Polygon(ring).buffer(0) for ring in cut.rings])
    full = shapely.Polygon(whole.rings[0])
    assert len(cut.rings) > 8
    assert 0.4 < dashes.area / full.area < 0.9
    assert dashes.difference(full.buffer(0.05)).area == pytest.approx(0, abs=0.01)


def test_flows_that_rest_on_the_model_are_dashed_and_the_legend_says_so(drawn):
    figure = drawn()
    sure, thick_model, _, model, *_ = bands(figure)
    assert sure.edge == 0
    assert sure.face == "#d55e00"
    # Pale with an edge where it is thick.
    assert thick_model.edge > 0
    assert thick_model.face not in {"#d55e00", "#7d868c"}
    assert model.edge > 0 or len(model.rings) > 1
    assert {"Rests mostly on", "evidence", "the model (dashed)"} <= set(said(figure))
    only = drawn(small({("a", "b"): (5.0, 0.9)}))
    assert "the model (dashed)" not in said(only)


def test_colours_are_those_of_the_route_families(drawn):
    figure = drawn(small({pair: (kg, 1.0) for pair, (kg, _) in FLOWS.items()}))
    colours = {g["id"]: g["colour"].lower() for g in Families.from_routes(ROUTES).payload()}
    by_pair = ["Balkan", "none", "Balkan", "Southern", "none", "none"]
    assert [band.face for band in bands(figure)] == [colours[group] for group in by_pair]
    texts = set(said(figure))
    assert {"Balkan route", "Southern route", "No named route"} <= texts
    assert "Shared by several routes" not in texts


def test_the_legend_explains_only_what_is_in_view(drawn):
    texts = said(drawn(extent=(73, 30, 79, 39), labels=None))
    assert "Balkan route" in texts
    assert "Southern route" not in texts


def test_a_family_named_like_a_word_of_the_map_is_a_route(drawn):
    routes = pd.DataFrame({"family": ["flows"], "nodes": ["AAA>BBB"]})
    assert "flows route" in said(drawn(routes=routes))


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_gain_and_loss_keep_apart_for_every_eye(shifted, deficiency):
    faces = {band.face for band in bands(shifted())}
    assert len(faces) == 2
    one, other = (lab(face, DEFICIENCIES[deficiency]) for face in faces)
    assert np.linalg.norm(one - other) > 60


# -- what is drawn


def test_only_the_largest_flows_are_drawn_and_the_map_says_so(drawn):
    figure = drawn(share=0.8)
    assert len(bands(figure)) == 3
    assert "3 of 6 flows drawn, the largest: 89% of the quantity moved" in everything(figure)
    assert "all 6 flows drawn" in everything(drawn())


@pytest.mark.parametrize("share", [0.0, -1.0, 1.01, float("nan")])
def test_a_share_out_of_range_is_an_error(drawn, share):
    with pytest.raises(MapError, match=r"share=.*above 0"):
        drawn(share=share)


def test_title_year_unit_and_intervals_are_said(drawn):
    text = everything(drawn())
    assert "Estimated opiate flows, 2010" in text
    assert "Estimates, heroin equivalent, 2010" in text
    assert "Width: heroin equivalent a year" in text
    assert "AAA → BBB 100\xa0t (50\xa0t to 200\xa0t)" in text
    assert "Boundaries do not imply endorsement." in text
    assert "Network: a licence." in text
    assert "Projection: Lambert" in text
    several = everything(drawn(small(year=None, unit="kg opium")))
    assert "Estimates, opium, several years" in several
    assert "Estimated opiate flows Estimates" in several


def test_publishers_are_named(drawn):
    publishers = ["B", "A", "A", None, "C", "D", "E", "not used", "opiateroutes"]
    sources = pd.DataFrame({"publisher": publishers}, index=[*"baxycdef", "assumption"])
    used = pd.DataFrame({"source": ["a; x; b", "a", "x; c", "d;unknown", pd.NA]})
    fit = small(sources=sources, residuals=used)
    text = everything(drawn(fit))
    assert "Figures behind the estimates: A, B, C, D." in text
    assert "not used" not in text
    assert "Figures behind" not in everything(drawn(fit, notice="brief"))
    assumed = pd.DataFrame({"source": ["a; assumption", "b; c; d; e"]})
    text = everything(drawn(small(sources=sources, residuals=assumed)))
    assert "Figures behind the estimates: A, B, C, D and 1 more, and assumptions." in text
    assert "Figures behind" not in everything(drawn(small(sources=sources)))  # not known which


def test_missing_intervals_are_said_and_not_made_up(drawn):
    fit = small()
    fit.legs = fit.legs.drop(columns=["low_kg", "high_kg", "leverage"])
    text = everything(drawn(fit))
    assert "intervals not known: AAA → BBB 100\xa0t;" in text
    assert "evidence" not in text


def test_legs_of_one_pair_are_one_band():
    legs = pd.DataFrame(
        {
            "from_node": ["a", "a", "b", "x"],
            "to_node": ["b", "b", "c", "a"],
            "flow_kg": [3.0, 5.0, 1.0, 9.0],
            "low_kg": [1.0, 2.0, None, 1.0],
            "high_kg": [6.0, 9.0, 4.0, 99.0],
            "leverage": [1.0, 0.3, None, 1.0],
        }
    )
    at = {"a": (0.0, 0.0), "b": (1.0, 0.0), "c": (2.0, 0.0)}
    places = Places({"a": "a", "b": "b", "c": "c", "x": "a"}, at)
    first, second = flowing(legs, places, Families.from_routes(ROUTES))
    assert (first.kg, first.low, first.high, first.sure) == (8.0, 3.0, 15.0, True)
    assert (second.low, second.high, second.sure) == (None, 4.0, False)


def test_a_map_without_flows_says_so(drawn, shifted):
    none = small({})
    none.legs = pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "flow_kg": [0.0]})
    figure = drawn(none)
    assert "nothing moves in this estimate" in everything(figure)
    assert "AAA" in said(figure)
    assert not [a for a in figure.axes[0].get_children() if a.get_gid() == "flows"]
    still = shifted(moved(change_kg=[0.0, None, 0.0]))
    assert "no flow changes in this estimate" in everything(still)


def test_nodes_without_positions_are_an_error(drawn):
    fit = small()
    lost = fit.network.nodes.copy()
    lost.loc["b", "geometry"] = None
    fit.network = SimpleNamespace(nodes=lost, legs=fit.network.legs, meta={})
    with pytest.raises(MapError, match=r"no position for 1 node\(s\) that flows use, first: b"):
        drawn(fit)
    lost["geometry"] = None
    with pytest.raises(MapError, match="no node of the network has a position"):
        drawn(fit)


def test_a_table_without_its_columns_is_an_error(drawn, shifted):
    fit = small()
    fit.legs = fit.legs.drop(columns="flow_kg")
    with pytest.raises(MapError, match=r"lacks the column.*flow_kg"):
        drawn(fit)
    with pytest.raises(MapError, match=r"lacks the column.*change_kg"):
        shifted(moved().drop(columns="change_kg"))


def test_an_ensemble_is_drawn_at_its_best_values(drawn):
    one = small()
    draws = SimpleNamespace(as_fit=lambda: one)
    assert said(drawn(draws)) == said(drawn(one))


@pytest.mark.parametrize("size", [(0, 10), (17,), "A4", (float("nan"), 11), (6, 20), (17, 4)])
def test_a_size_without_room_is_an_error(drawn, size):
    with pytest.raises(MapError):
        drawn(size=size)


def test_a_place_that_cannot_be_written_is_an_error(drawn, tmp_path):
    with pytest.raises(OutputError):
        drawn(out=tmp_path / "map.doc")


# -- extent


def test_a_thin_flow_to_a_far_place_does_not_shrink_the_map(drawn):
    far = {**FLOWS, ("c", "z"): (900.0, 0.9)}
    fit = small(far, {**PLACES, "z": (60, -40)})
    figure = drawn(fit)
    assert figure.axes[0].frame.half_height < 2.2e6
    assert "Ends outside the map: ZZZ" in everything(figure)
    heavy = small({**far, ("c", "z"): (90_000.0, 0.9)}, {**PLACES, "z": (60, -40)})
    assert drawn(heavy).axes[0].frame.half_height > 3.5e6


def test_little_leads_out_of_the_default_extent(fit):
    places = places_of(fit.network)
    moves = largest(flowing(fit.legs, places, Families((), {})), 0.9)
    shown = {tuple(row) for row in worth_showing(moves, places).tolist()}
    inside = [m.kg for m in moves if {places.at[m.start], places.at[m.end]} <= shown]
    assert sum(inside) >= 0.98 * sum(m.kg for m in moves)


# -- places near each other


def test_bundling_adds_up_what_flows_between_groups():
    rng = np.random.default_rng(5)
    points = {k: rng.uniform(0, 60, 2) for k in string.ascii_lowercase}
    pairs = list(itertools.permutations(points, 2))[::7]
    moves = [Move(a, b, float(rng.uniform(1, 9)), 1.0, 9.0, "none", True) for a, b in pairs]
    stands = standing_for(points, dict.fromkeys(points, 1.0))
    heads = sorted(set(stands.values()))
    assert 3 < len(heads) < len(points)
    for one, other in itertools.combinations(heads, 2):
        assert np.hypot(*(points[one] - points[other])) >= NEAREST_POINTS
    for place, head in stands.items():
        assert np.hypot(*(points[place] - points[head])) < NEAREST_POINTS
    crossing = sum(m.kg for m in moves if stands[m.start] != stands[m.end])
    together = bundled(moves, stands)
    assert sum(m.kg for m in together) == pytest.approx(crossing)
    assert len({(m.start, m.end) for m in together}) == len(together)


def test_bundled_changes_are_judged_by_their_sum():
    parts = [Move("a", "x", 5.0, 1.0, 9.0, "gain", True)]
    parts += [Move("b", "x", -7.0, -9.0, -5.0, "loss", True)]
    [both] = bundled(parts, {"a": "a", "b": "a", "x": "x"})
    assert (both.kg, both.low, both.high, both.group, both.sure) == (-2, -8, 4, "loss", False)


def test_a_bundle_has_the_family_and_the_basis_of_most_of_its_quantity():
    parts = [Move("a", "x", 5.0, None, None, "Balkan", True)]
    parts += [Move(k, "x", 3.0, None, None, "Southern", False) for k in "bc"]
    [all_three] = bundled(parts, dict.fromkeys("abc", "a"))
    assert (all_three.group, all_three.sure, all_three.low) == ("Southern", False, None)


def test_countries_are_never_bundled(drawn):
    near = {"a": (55, 24), "b": (55.15, 24), "c": (76, 37)}
    flows = {("a", "c"): (9.0, 1.0), ("b", "c"): (8.0, 1.0), ("a", "b"): (7.0, 1.0)}
    cities = drawn(small(flows, near))
    assert len(bands(cities)) == 1
    remark = "Places nearer than 3.5 mm are drawn as one, their intervals added up."
    assert remark in everything(cities)
    countries = small(flows, near)
    countries.network.nodes["kind"] = "country"
    figure = drawn(countries)
    assert len(bands(figure)) == 2
    assert "Too short to draw: 1" in said(figure)


# -- chokepoints


def test_chokepoints_are_numbered_by_rank_and_keyed_with_their_interval(drawn):
    figure = drawn(chokepoints=ranking())
    texts = said(figure)
    assert {"AAA: 30% (10% to 40%)", "DDD: 20% (10% to 30%)"} <= set(texts)
    assert not [text for text in texts if text.startswith("BBB:")]
    assert artist(figure, "number-a").get_text() == "1"
    assert artist(figure, "number-d").get_text() == "2"
    at = artist(figure, "sign-a")
    on_paper = at.get_transform().transform(at.get_xydata())[0] * 72 / figure.dpi
    assert on_paper == pytest.approx(place_on_paper(figure, *PLACES["a"]), abs=1e-6)
    assert "if 50% more is stopped there, reaction 2 (90% interval)" in everything(figure)


@pytest.mark.parametrize("options", [{"stable": False}, {"intervals": False}])
def test_without_stability_there_is_no_rank(drawn, options):
    found = ranking(**options)
    found.table["name"] = found.table.index = ["d", "a", "b"]
    figure = drawn(chokepoints=found)
    # In the order of the names, not of the ranks.
    assert artist(figure, "number-a").get_text() == "a"
    assert artist(figure, "number-d").get_text() == "b"
    assert "letters are not ranks" in everything(figure)
    assert ("(90% interval)" in everything(figure)) == ("stable" in options)


def test_legs_and_countries_can_be_chokepoints(drawn):
    found = ranking()
    leg = small().network.legs.index[0]
    found.table.index = pd.Index([leg, "AAA", "b"])
    texts = said(drawn(chokepoints=found))
    assert any(text.startswith("AAA → BBB: 30") for text in texts)
    found.table.index = pd.Index(["nowhere", "BBB", "b"])
    figure = drawn(chokepoints=found)
    # Without a place there is no diamond: the number stands in the text.
    assert any(text.startswith("(1) AAA: 30") for text in said(figure))
    assert not [a for a in figure.axes[0].get_children() if a.get_gid() == "sign-nowhere"]


def test_signs_hide_no_sign():
    signs = [Sign(str(k), CHOKEPOINT, 50.0 + k, 50.0) for k in range(8)]
    middles = spread(signs, 200.0, 200.0)
    assert middles[0] == (50.0, 50.0)
    diamonds = [
        shapely.Polygon([(x + 5.3, y), (x, y + 5.3), (x - 5.3, y), (x, y - 5.3)])
        for x, y in middles
    ]
    for one, other in itertools.combinations(diamonds, 2):
        assert one.intersection(other).area < 0.1


def test_a_border_has_its_diamond_between_its_crossings():
    crossings = opr.load_network("crossings")
    places = places_of(crossings)
    spot = places_of_element("AFG - PAK", crossings, places)
    assert len(spot) > 4
    assert {place[:7] for place in spot} == {"AFG-PAK"}
    assert places_of_element("PAK - AFG", crossings, places) != ()
    assert places_of_element("southern_asia", crossings, places) == ()


@pytest.mark.parametrize("kind", ["nodes", "borders", "routes"])
def test_every_ranking_of_the_library_can_be_drawn(countries, kind):
    found = opr.find_chokepoints(
        countries, elements=kind, closure="demand" if kind == "nodes" else "dispatch"
    )
    figure = plot_flows(countries, chokepoints=found, size=REPORT, notice="brief")
    column = f"{found.measured}_share_{found.ordered_by:g}"
    best = words_in().percent(found.ranking()[column].iloc[0])
    text = everything(figure)
    name = {"nodes": "Pakistan", "borders": "Afghanistan – Pakistan"}.get(kind)
    assert f"{name or found.ranking()['name'].iloc[0]}: {best}" in text
    assert ("extra dispatch" in text) == (kind == "nodes")
    signs = [a for a in figure.axes[0].get_children() if (a.get_gid() or "").startswith("sign-")]
    assert len(signs) == (0 if kind == "routes" else found.top)


# -- displacement


def test_gains_are_solid_and_losses_dashed(shifted):
    loss, gain, small_gain = bands(shifted())
    assert (loss.face, gain.face, small_gain.face) == ("#0072b2", "#d55e00", "#d55e00")
    assert len(loss.rings) > 4
    assert len(gain.rings) == len(small_gain.rings) == 1
    assert width_of(gain) == pytest.approx(4 * width_of(small_gain), rel=1e-3)


def test_changes_that_may_be_none_are_pale_and_the_legend_says_so(shifted):
    bounds = {"change_low_kg": [-60e3, -5e3, 1e3], "change_high_kg": [-20e3, 45e3, 9e3]}
    figure = shifted(moved(**bounds))
    loss, gain, small_gain = bands(figure)
    assert loss.face == "#0072b2"
    assert gain.face not in {"#d55e00", "#0072b2"}
    assert small_gain.face == "#d55e00"
    text = everything(figure)
    assert "Pale: 90% interval includes no change" in text
    assert "AAA → BBB −40\xa0t (−60\xa0t to −20\xa0t)" in text
    assert "not known" not in text


@pytest.mark.parametrize("bounds", [{}, {"change_low_kg": None, "change_high_kg": pd.NA}])
def test_changes_without_intervals_are_not_pale_and_the_map_says_so(shifted, bounds):
    figure = shifted(moved(**bounds))
    assert {band.face for band in bands(figure)} == {"#0072b2", "#d55e00"}
    assert "Intervals of the changes are not known" in everything(figure)
    assert "Pale" not in everything(figure)


def test_the_enforced_place_is_marked_and_named(shifted):
    figure = shifted(at="b", effort=0.5, reaction=2.0)
    text = everything(figure)
    assert "if enforcement grows: BBB, 2010" in text
    assert "50% of what passes is stopped in addition" in text
    assert "traffickers go round it (reaction 2)" in text
    assert "Enforcement grows here" in text
    assert artist(figure, "label-b").get_text() == "BBB"
    assert artist(figure, "sign-b").get_marker() == "X"
    none = everything(shifted())
    assert "if enforcement grows, 2010" in none
    assert "Enforcement grows here" not in none


def test_a_country_is_marked_at_all_its_places():
    places = {**PLACES, "a2": (60, 30), "a3": (58, 28)}
    fit = small(places=places)
    assert fit.network.nodes["iso3"].eq("AAA").sum() == 3
    figure = plot_displacement(moved(), fit, at=["AAA", "b"], size=(20, 14))
    gids = {a.get_gid() for a in figure.axes[0].get_children()}
    assert {"sign-a", "sign-a2", "sign-a3", "sign-b"} <= gids
    assert "if enforcement grows: AAA, BBB" in everything(figure)


def test_an_unknown_place_of_enforcement_is_an_error(shifted):
    with pytest.raises(MapError, match=r"at: nobody is no node"):
        shifted(at=["b", "nobody"])


def test_changes_of_a_pair_are_added_up():
    table = moved(from_node="a", to_node="b", change_low_kg=[-50e3, 10e3, 4e3])
    table["change_high_kg"] = [-30e3, 30e3, 6e3]
    at = {"a": (0.0, 0.0), "b": (1.0, 0.0)}
    [only] = changed(table, Places({"a": "a", "b": "b"}, at))
    assert (only.kg, only.low, only.high, only.group) == (-15e3, -36e3, 6e3, "loss")
    assert not only.sure


# -- words


def test_every_language_has_every_string_with_the_same_values():
    fields = {
        language: {
            key: {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            for key, text in words.items()
        }
        for language, words in WORDS.items()
    }
    assert len(fields) >= 2
    assert all(found == fields["en"] for found in fields.values())


def test_the_whole_notice_is_translated():
    paragraphs = [line for line in boundary_notice().splitlines() if line.strip()]
    for language in set(WORDS) - {"en"}:
        begins = list(NOTICE[language])
        for paragraph in paragraphs:
            assert len([b for b in begins if paragraph.startswith(b)]) == 1
        assert len(begins) == len(paragraphs)


def test_one_side_of_a_crossing_is_named_with_its_country():
    net = opr.load_network("crossings")
    sides = {
        node: element_name(node, (node,), net, {node: "Attari – Wagah"}, words_in())
        for node in ("IND-PAK-ATTA@IND", "IND-PAK-ATTA@PAK")
    }
    assert sides == {
        "IND-PAK-ATTA@IND": "Attari (India)",
        "IND-PAK-ATTA@PAK": "Wagah (Pakistan)",
    }


def test_a_map_speaks_one_language(countries):
    figure = plot_flows(countries, language="fr")
    # A publisher keeps its name.
    text = everything(figure).replace("United Nations, Department of Economic", "")
    assert {"Allemagne", "Route des Balkans", "Royaume-Uni"} <= set(said(figure))
    assert "Flux estimatifs d’opiacés, 2010" in text
    assert "équivalent héroïne" in text
    for word in ("Germany", "boundar", "flows", "evidence", "United Nations", "true at"):
        assert word not in text


def test_an_unknown_language_is_an_error(drawn):
    with pytest.raises(UnknownNameError, match=r"'fre'.*fr"):
        drawn(language="fre")


@pytest.mark.parametrize("language", sorted(WORDS))
def test_names_of_areas_are_short_and_distinct(language):
    names = area_names(language)
    assert len(set(names.values())) == len(names)
    assert all(names.values())
    assert names["FLK"].endswith("(Malvinas)")


def test_notices_about_places_out_of_view_are_left_out():
    net = small().network
    balkans, atlantic = Frame(20, 42, 1e6, 5e5), Frame(-59, -50, 1e6, 5e5)
    assert "Kosovo" in notice_in(words_in(), net, None, balkans)
    assert "Malvinas" not in notice_in(words_in(), net, None, balkans)
    assert "Malvinas" in notice_in(words_in(), net, None, atlantic)
    brief = notice_in(words_in(), net, None, balkans, notice="brief")
    assert "Kosovo" not in brief
    assert "disputed places in full" in brief
    assert "do not imply official endorsement" in brief
    with pytest.raises(MapError, match="notice='none'"):
        notice_in(words_in(), net, None, balkans, notice="none")


def test_another_base_map_keeps_its_own_notice(drawn):
    figure = drawn(language="fr", notice="brief")
    assert "Boundaries do not imply endorsement." in everything(figure)


# -- the sheet


def boxes(figure, artists):
    with mpl.rc_context(FIXED):
        renderer = FigureCanvasAgg(figure).get_renderer()
        return [each.get_window_extent(renderer) for each in artists]


@pytest.mark.parametrize(("kind", "language"), [("flows", "fr"), ("displacement", "en")])
def test_nothing_leaves_a_small_sheet_and_no_label_hides_another(fit, kind, language):
    found = opr.find_chokepoints(fit)
    options = {"size": REPORT, "language": language, "notice": "brief"}
    if kind == "flows":
        figure = plot_flows(fit, chokepoints=found, **options)
    else:
        figure = plot_displacement(found.displacement("IRN"), fit, at="IRN", **options)
    figure.set_dpi(72)
    texts = [t for t in figure.findobj(Text) if t.get_text() and t.get_clip_on() is False]
    width, height = figure.get_size_inches() * 72
    for text, box in zip(texts, boxes(figure, texts), strict=True):
        assert box.x0 > 0, text
        assert box.x1 < width, text
        assert 0 < box.y0 < box.y1 < height, text
    ax = figure.axes[0]
    labels = [t for t in ax.findobj(Text) if (t.get_gid() or "")[:5] in {"label", "area-"}]
    assert len(labels) > 8
    signs = [a for a in ax.get_children() if (a.get_gid() or "").startswith("number-")]
    around = boxes(figure, [*labels, *signs, artist(figure, "scale-text")])
    for one, other in itertools.combinations(around, 2):
        assert not one.padded(-0.1).overlaps(other.padded(-0.1))
    column = [t for t in texts if t.get_gid() == "legend-text"]
    for one, other in itertools.pairwise(boxes(figure, column)):
        assert one.y0 >= other.y1 - 1.2


def test_labels_can_be_chosen(drawn):
    def labelled(labels):
        return {
            t.get_text()
            for t in drawn(labels=labels).findobj(Text)
            if (t.get_gid() or "").startswith("label-")
        }

    assert labelled(None) == set()
    assert labelled(["c"]) == {"CCC"}
    assert labelled("all") == labelled("auto") == {"AAA", "BBB", "CCC", "DDD"}
    with pytest.raises(MapError, match="labels"):
        labelled(["nobody"])
