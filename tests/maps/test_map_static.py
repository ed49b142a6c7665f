"""Maps for print: what stands where, the same bytes every time, and nothing of pyplot."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from pyproj import Geod

import opiateroutes as opr
from opiateroutes.data import boundary_notice
from opiateroutes.errors import MapError, OutputError
from opiateroutes.maps.static import plot_network
from opiateroutes.maps.static.figure import FIXED
from opiateroutes.maps.static.frame import Frame
from opiateroutes.maps.static.legs import leg_lines
from opiateroutes.maps.static.placement import Label, Placer
from opiateroutes.maps.static.styles import BOUNDARIES, KINDS, MODES

AFGHANISTAN, BALKANS = (58, 28, 76, 40), (12, 36, 32, 48)
GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module", params=["countries", "crossings"])
def net(request):
    return opr.load_network(request.param)


@pytest.fixture(scope="module")
def crossings():
    return opr.load_network("crossings")


@pytest.fixture(scope="module")
def countries():
    return opr.load_network("countries")


def small(nodes=None, legs=None, **meta):
    """Two cities, a crossing with two sides, a port and an airport in the synthetic countries."""
    default = pd.DataFrame(
        [
            ("a", "Alpha", "hub", "AAA", 60.0, 30.0, 2e6),
            ("b", "Beta", "hub", "BBB", 70.0, 30.0, 5e5),
            ("x@AAA", "Gate (AAA)", "crossing", "AAA", 65.0, 30.0, None),
            ("x@BBB", "Gate (BBB)", "crossing", "BBB", 65.0, 30.0, None),
            ("p", "Alpha", "port", "AAA", 60.1, 30.1, None),
            ("f", "Gamma airport", "airport", "AAA", 59.0, 31.0, None),
        ],
        columns=["node", "name", "kind", "iso3", "lon", "lat", "population"],
    )
    pairs = [("a", "x@AAA", "road"), ("x@AAA", "x@BBB", "road"), ("x@BBB", "b", "rail")]
    pairs += [(end, start, mode) for start, end, mode in pairs] + [("f", "b", "air")]
    return opr.RouteNetwork.from_tables(
        default if nodes is None else nodes,
        pd.DataFrame(pairs if legs is None else legs, columns=["from", "to", "mode"]),
        meta={"title": "Small", "licence": "a licence", **meta},
    )


def texts(ax, prefix=""):
    found = [t for t in ax.findobj(Text) if (t.get_gid() or "").startswith(prefix or "\0")]
    return found if prefix else [t for t in ax.findobj(Text) if t.get_text()]


def boxes(ax, artists):
    # As in `savefig`: the hinting of a screen would set letters wider.
    with mpl.rc_context(FIXED):
        renderer = FigureCanvasAgg(ax.figure).get_renderer()
        return [artist.get_window_extent(renderer) for artist in artists]


def artist(ax, gid):
    [found] = [a for a in ax.get_children() if a.get_gid() == gid]
    return found


def saved(ax, kind):
    stream = io.BytesIO()
    ax.figure.savefig(stream, format=kind)
    return stream.getvalue()


# -- bytes


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_map_is_the_same_bytes(crossings, tmp_path, ending):
    pictures = []
    for name, settings in (
        ("one", {}),
        ("two", {"font.size": 30, "lines.linestyle": "--", "path.sketch": (1, 100, 2)}),
    ):
        with mpl.rc_context(settings):
            path = tmp_path / f"{name}.{ending}"
            crossings.plot(extent=["XKX"], save=path)
            pictures.append(path.read_bytes())
    assert pictures[0] == pictures[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"one.{ending}", f"two.{ending}"]


def test_another_process_makes_the_same_bytes(countries):
    code = (
        "import io, sys, opiateroutes as opr; s = io.BytesIO();"
        "opr.load_network('countries').plot(extent=['AFG']).figure.savefig(s, format='svg');"
        "sys.stdout.buffer.write(s.getvalue())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == saved(countries.plot(extent=["AFG"]), "svg")


def test_neither_pyplot_nor_settings_are_touched(tmp_path):
    code = f"""
import sys, matplotlib as mpl, opiateroutes as opr
before = mpl.rcParams.copy()  # reading all values would load pyplot
opr.load_network("countries").plot(extent="AFG", save={str(tmp_path / "a.png")!r})
assert "matplotlib.pyplot" not in sys.modules
assert mpl.rcParams.copy() == before
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_analysis_does_not_load_drawing():
    code = "import sys, opiateroutes as opr; opr.load_network(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"matplotlib", "folium"} & set(done.stdout.split())


def test_svg_is_xml_and_outside_text_stays_text(basemap_folder, tmp_path):
    net = small(title="<script>$x^2$</script> & more")
    ax = plot_network(net, basemap=basemap_folder, save=tmp_path / "a.svg")
    root = ET.parse(tmp_path / "a.svg").getroot()  # noqa: S314 - our own file
    assert not root.findall(".//{*}script")
    assert artist(ax, "title").get_text() == "<script>$x^2$</script> & more"
    assert not artist(ax, "title").get_parse_math()


def test_a_notebook_shows_the_map(countries):
    ax = countries.plot(extent=["AFG"])
    assert ax._repr_png_().startswith(b"\x89PNG")
    assert ax.figure._repr_png_() == ax._repr_png_()


# -- labels


@pytest.mark.parametrize("extent", [None, AFGHANISTAN, BALKANS])
@pytest.mark.parametrize("dpi", [72, 200])
def test_labels_overlap_nothing(net, extent, dpi):
    ax = net.plot(extent=extent)
    ax.figure.set_dpi(dpi)
    labels = texts(ax, "label-") + texts(ax, "area-") + texts(ax, "graticule-text")
    found = boxes(ax, [*labels, artist(ax, "scale-text"), artist(ax, "scale-bar")])
    assert len(labels) > 10
    frame = ax.get_window_extent()
    slack = 0.1 * dpi / 72
    for one, other in itertools.combinations(found[:-1], 2):
        assert not one.padded(-slack).overlaps(other.padded(-slack))
    for box in found:
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        assert frame.y0 <= box.y0
        assert box.y1 <= frame.y1


@pytest.mark.parametrize("extent", [None, AFGHANISTAN])
def test_labels_of_cities_hide_no_city(crossings, extent):
    ax = crossings.plot(extent=extent)
    ax.figure.set_dpi(72)
    marks = ax.transData.transform(artist(ax, "nodes-hub").get_xydata())
    for box in boxes(ax, texts(ax, "label-")):
        inside = box.padded(-1.0)
        assert not any(inside.contains(*mark) for mark in marks)


def test_large_cities_come_first_and_crossings_only_in_small_views(crossings):
    far = {t.get_text() for t in texts(crossings.plot(), "label-")}
    near = {t.get_text() for t in texts(crossings.plot(extent=AFGHANISTAN), "label-")}
    assert {"Tehran", "Istanbul", "Kabul", "Karachi", "Moscow"} <= far
    assert not [text for text in far if "–" in text]
    assert {"Kabul", "Torkham", "Zaranj – Milak"} <= near


def test_countries_without_a_node_in_view_are_named_by_their_land(crossings, countries):
    names = [t.get_gid() for t in texts(crossings.plot(extent=AFGHANISTAN), "area-")]
    assert {"area-AFG", "area-IRN", "area-PAK"} <= set(names)
    named = {t.get_gid() for t in texts(countries.plot(extent=AFGHANISTAN), "area-")}
    assert "area-AFG" not in named
    assert "area-IND" in named


def test_both_sides_of_a_crossing_share_mark_and_label(basemap_folder):
    ax = plot_network(small(), basemap=basemap_folder)
    assert len(artist(ax, "nodes-crossing").get_xydata()) == 1
    assert "Gate" in {t.get_text() for t in texts(ax, "label-")}


def test_a_port_with_the_name_of_its_city_has_no_second_label(basemap_folder):
    ax = plot_network(small(), basemap=basemap_folder)
    assert [t.get_text() for t in texts(ax, "label-")].count("Alpha") == 1


def test_a_label_does_not_repeat_what_its_mark_says(basemap_folder):
    found = {t.get_text() for t in texts(plot_network(small(), basemap=basemap_folder), "label-")}
    assert "Gamma" in found
    assert "Gamma airport" not in found


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (None, set()),
        (["b"], {"Beta"}),
        (("b", "x@BBB"), {"Beta", "Gate"}),
        ([], set()),
        ([" beta", "GATE"], {"Beta", "Gate"}),
        ("Beta", {"Beta"}),
        (["BBB"], {"Beta", "Gate"}),
        (pd.Index(["b"]), {"Beta"}),
    ],
)
def test_labels_can_be_chosen(basemap_folder, labels, expected):
    ax = plot_network(small(), labels=labels, basemap=basemap_folder)
    assert {t.get_text() for t in texts(ax, "label-")} == expected


@pytest.mark.parametrize("labels", ["some", 5, ["nobody"], ["b", "nobody"]])
def test_labels_that_mean_nothing_are_an_error(basemap_folder, labels):
    with pytest.raises(MapError, match="labels"):
        plot_network(small(), labels=labels, basemap=basemap_folder)


def test_a_label_pushes_another_aside_only_to_a_place_as_good():
    placer = Placer(100, 30, taken=[], firm=[], soft=[], lines=[])
    assert placer.place(Label("first", 50, 15, 20, 8, 2))
    before = placer.boxes["first"]
    # Only the place of the first label is left for the second one.
    assert placer.place(Label("second", 63.2, 15, 20, 8, 2, places=((63.2, 15.0),)))
    assert placer.boxes["second"] == (53.2, 11.0, 73.2, 19.0)
    assert placer.boxes["first"] != before
    assert not placer.place(Label("third", 0, 0, 20, 8, 2, places=((63.2, 15.0),)))


# -- styles


def test_boundaries_look_as_their_status_says(basemap_folder):
    ax = plot_network(small(), extent=(50, 20, 80, 40), basemap=basemap_folder)
    looks = {}
    for status in ("international", "undetermined", "line_of_control"):
        [dashes] = artist(ax, f"boundary-{status}").get_linestyles()
        looks[status] = dashes[1]
    assert looks["international"] is None
    assert len(looks["undetermined"]) == 2
    assert looks["line_of_control"][0] < 0.2
    assert len(BOUNDARIES["administrative"].dashes) == 4
    assert artist(ax, "boundary-line_of_control").get_capstyle() == "round"


def test_shipped_lines_without_agreement_are_drawn_so(crossings):
    ax = crossings.plot(extent=(70, 30, 82, 38))
    for status in ("undetermined", "line_of_control"):
        assert len(artist(ax, f"boundary-{status}").get_segments())
    assert "Line of Control" in {t.get_text() for t in texts(ax)}


def test_each_mode_and_each_kind_looks_different():
    assert len({style.dashes for style in MODES.values()}) == len(MODES)
    assert len({style.colour for name, style in MODES.items() if name != "land"}) == 4
    assert len({(style.marker, style.colour) for style in KINDS.values()}) == len(KINDS)
    assert {style.marker for name, style in KINDS.items() if name != "country"} == set("osD^")


# Machado, Oliveira and Fernandes (2009), severity 1, on linear light.
DEFICIENCIES = {
    "normal": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def lab(colour, deficiency):
    rgb = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(deficiency @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ seen / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_colours_of_modes_keep_apart_for_every_eye(deficiency):
    colours = {style.colour for style in MODES.values()}
    seen = [lab(colour, DEFICIENCIES[deficiency]) for colour in sorted(colours)]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20


def test_the_legend_has_what_is_in_view_and_no_more(crossings):
    inland = {t.get_text() for t in texts(crossings.plot(extent=["TJK"]))}
    assert {"Hub city", "Border crossing", "Road leg", "International boundary"} <= inland
    assert not {"Sea leg", "Port", "Line of Control"} & inland


def test_an_unknown_mode_and_kind_are_drawn_and_named(basemap_folder):
    nodes = pd.DataFrame({"node": ["a", "b"], "kind": "depot", "lon": [60, 62], "lat": [30, 31]})
    ax = plot_network(small(nodes, [("a", "b", "camel")]), basemap=basemap_folder)
    assert {"Depot", "Camel leg", "One direction only"} <= {t.get_text() for t in texts(ax)}


# -- extent


def contains(ax, lon, lat):
    x, y = ax.project(lon, lat)
    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    return bool(((left < x) & (x < right) & (bottom < y) & (y < top)).all())


@pytest.mark.parametrize("extent", [AFGHANISTAN, BALKANS, (170, -10, -170, 10), [-9, 36, 3, 44]])
def test_a_box_is_in_view_and_centred(countries, extent):
    west, south, east, north = extent
    ax = countries.plot(extent=extent)
    assert contains(ax, [west, west, east, east], [south, north, south, north])
    middle = west + ((east - west) % 360) / 2
    assert (ax.frame.lon - middle + 180) % 360 - 180 == pytest.approx(0, abs=0.1)
    assert ax.frame.lat == pytest.approx((south + north) / 2, abs=0.6)


@pytest.mark.parametrize(
    ("extent", "inside", "outside"),
    [
        ("AFG", (65, 34), (44, 33)),
        (["AFG", "IRN"], ([65, 46], [34, 36]), (20, 42)),
        ("Türkiye", (32, 39), (66, 34)),
        ("iran", (53, 32), (10, 50)),
        (np.array(["TJK"]), (71, 38.5), (53, 32)),
    ],
)
def test_countries_are_in_view(net, extent, inside, outside):
    ax = net.plot(extent=extent)
    assert contains(ax, *inside)
    assert not contains(ax, *outside)


def test_nodes_are_in_view(crossings):
    ax = crossings.plot(extent=["H-AFG-KABUL", "H-PAK-QUETTA"])
    assert contains(ax, [69.17, 67.0], [34.53, 30.18])
    assert not contains(ax, 60.0, 38.0)
    alone = crossings.plot(extent="AFG-PAK-TORK@AFG")
    assert alone.frame.half_height == pytest.approx(1.5 * 111_000, rel=0.15)


def test_all_nodes_are_in_view_except_those_beyond_the_oceans(countries):
    ax = countries.plot()
    places = countries.nodes.geometry
    seen = [contains(ax, point.x, point.y) for point in places]
    assert sorted(countries.nodes.index[~np.array(seen)]) == ["AUS", "CAN", "USA"]
    assert any("81 of 84 nodes in view" in t.get_text() for t in texts(ax))


def test_the_whole_earth_can_be_drawn(countries):
    ax = countries.plot(extent=(-180, -60, 180, 80))
    assert any(t.get_text().startswith("84 nodes") for t in texts(ax))


@pytest.mark.parametrize(
    ("extent", "words"),
    [
        ((1, 2, 3), "is not understood"),
        ((1, 2, 3, "x"), "is not understood"),
        (5, "is not understood"),
        ([], "is not understood"),
        ((10, 30, 20, 20), "south must be less than north"),
        ((10, 20, 10, 30), "the same meridian"),
        ((0, 0, 200, 10), "east must be degrees within 180"),
        ((0, 0, 10, 95), "north must be degrees within 90"),
        ((float("nan"), 0, 10, 10), "west must be"),
        ("Afganistan", "did you mean 'Afghanistan'"),
        (["AFG", "QQQ"], "'QQQ'"),
    ],
)
def test_a_bad_extent_is_a_clear_error(countries, extent, words):
    with pytest.raises(MapError, match="extent") as caught:
        countries.plot(extent=extent)
    assert words in str(caught.value)


def test_nothing_with_a_position_is_an_error(basemap_folder):
    nowhere = small(pd.DataFrame({"node": ["a", "b"]}), [("a", "b", "road")])
    with pytest.raises(MapError, match="nothing to draw"):
        plot_network(nowhere, basemap=basemap_folder)
    with pytest.raises(MapError, match="nothing to show"):
        plot_network(nowhere, extent="a", basemap=basemap_folder)


def test_nodes_without_a_position_are_told_of(basemap_folder):
    nodes = pd.DataFrame({"node": ["a", "b"], "lon": [60, None], "lat": [30, None]})
    ax = plot_network(small(nodes, [("a", "b", "road")]), basemap=basemap_folder)
    assert any("1 without a position" in t.get_text() for t in texts(ax))
    assert not [a for a in ax.get_children() if a.get_gid() == "legs-road"]


# -- legs


def lines_of(nodes, legs, frame, **columns):
    table = pd.DataFrame(legs, columns=["from", "to", "mode"]).assign(**columns)
    places = pd.DataFrame(nodes, columns=["node", "lon", "lat"])
    return leg_lines(opr.RouteNetwork.from_tables(places, table), frame)


def test_a_leg_takes_the_short_way_over_the_antimeridian():
    frame = Frame(180.0, 0.0, 2e6, 1e6)
    [path] = lines_of([("a", 175, 0), ("b", -175, 1)], [("a", "b", "sea")], frame)["sea"].paths
    length = np.hypot(*np.diff(path, axis=0).T).sum()
    assert length == pytest.approx(GEOD.inv(175, 0, -175, 1)[2], rel=0.01)


def test_a_leg_follows_the_great_circle():
    frame = Frame(50.0, 50.0, 4e6, 3e6)
    [path] = lines_of([("a", 20, 50), ("b", 80, 50)], [("a", "b", "road")], frame)["road"].paths
    lon, lat = frame.to_degrees(path).T
    middle = GEOD.npts(20, 50, 80, 50, 1)[0]
    assert lat[np.abs(lon - middle[0]).argmin()] == pytest.approx(middle[1], abs=0.1)


def test_what_several_legs_share_is_drawn_once_whatever_the_direction():
    frame = Frame(65.0, 30.0, 2e6, 1e6)
    lane = [(60, 30), (62, 31), (64, 31)]
    shapes = [shapely.LineString(lane), shapely.LineString(lane[::-1])]
    shapes.append(shapely.LineString([*lane, (66, 30)]))
    nodes = [("a", 60, 30), ("b", 64, 31), ("c", 66, 30)]
    legs = [("a", "b", "sea"), ("b", "a", "sea"), ("a", "c", "sea")]
    found = lines_of(nodes, legs, frame, geometry=shapes)["sea"]
    drawn = sum(np.hypot(*np.diff(path, axis=0).T).sum() for path in found.paths)
    expected = sum(
        GEOD.inv(*one, *other)[2] for one, other in itertools.pairwise([*lane, (66, 30)])
    )
    assert drawn == pytest.approx(expected, rel=0.01)
    assert len(found.arrows) == 1


def test_an_arrow_points_the_way_of_its_leg():
    frame = Frame(65.0, 30.0, 2e6, 1e6)
    [[x, y, direction]] = lines_of([("a", 66, 30), ("b", 64, 30)], [("a", "b", "air")], frame)[
        "air"
    ].arrows
    assert abs(direction) == pytest.approx(180, abs=1)
    assert (x, y) == pytest.approx((0, 0), abs=2e3)


def test_flights_over_the_frame_are_left_out():
    nodes = [("a", 40, 30), ("b", 90, 30), ("c", 65, 30.5)]
    frame = Frame(65.0, 33.0, 1e6, 6e5)
    assert lines_of(nodes, [("a", "b", "road")], frame)
    assert not lines_of(nodes, [("a", "b", "air")], frame)
    assert lines_of(nodes, [("a", "c", "air")], frame)


def test_a_leg_between_the_sides_of_a_crossing_has_no_length():
    frame = Frame(65.0, 30.0, 1e6, 6e5)
    assert lines_of([("a", 65, 30), ("b", 65, 30)], [("a", "b", "road")], frame) == {}


# -- around the map


def test_notice_licence_and_projection_stand_below_the_map(net):
    ax = net.plot(extent=AFGHANISTAN)
    lines = sorted(texts(ax, "notice-"), key=lambda t: int(t.get_gid().split("-")[1]))
    printed = " ".join(t.get_text() for t in lines)
    assert " ".join(boundary_notice().split()) in printed
    assert net.meta["licence"] in printed
    assert "Lambert azimuthal equal-area" in printed
    paper, frame = ax.figure.bbox, ax.get_window_extent()
    for box in boxes(ax, lines):
        assert paper.x0 < box.x0
        assert box.x1 < paper.x1
        assert paper.y0 < box.y0
        assert box.y1 < frame.y0


def test_legend_title_and_notice_keep_out_of_each_other(net):
    ax = net.plot(extent=BALKANS)
    frame = ax.get_window_extent()
    around = [t for t in texts(ax) if not frame.fully_overlaps(t.get_window_extent())]
    found = boxes(ax, around)
    assert len(found) > 12
    for one, other in itertools.combinations(found, 2):
        assert not one.padded(-0.3).overlaps(other.padded(-0.3))


@pytest.mark.parametrize("extent", [None, AFGHANISTAN, BALKANS, "H-AFG-KABUL"])
def test_the_scale_bar_is_true_at_the_centre(crossings, extent):
    ax = crossings.plot(extent=extent)
    x, _ = artist(ax, "scale-bar").get_data()
    text = artist(ax, "scale-text").get_text()
    assert text.endswith("km (true at the centre)")
    half = (x[-1] - x[0]) / 2
    for dx, dy in ((half, 0), (0, half)):
        (lon, lat), (lon2, lat2) = ax.frame.to_degrees(np.array([[-dx, -dy], [dx, dy]]))
        true = GEOD.inv(lon, lat, lon2, lat2)[2] / 1000
        assert true == pytest.approx(float(text.split(" ")[0].replace(",", "")), rel=0.01)


def test_the_scale_bar_keeps_out_of_the_way_of_nodes(basemap_folder):
    nodes = pd.DataFrame(
        {"node": list("abcd"), "lon": [50, 80, 79.7, 65], "lat": [40, 40, 20, 30], "kind": "hub"}
    )
    ax = plot_network(small(nodes, [("a", "b", "road")]), basemap=basemap_folder)
    bar = artist(ax, "scale-bar").get_window_extent()
    marks = ax.transData.transform(artist(ax, "nodes-hub").get_xydata())
    assert not any(bar.padded(8).contains(*mark) for mark in marks)
    assert bar.x1 < ax.get_window_extent().x1 / 2


def test_areas_keep_their_size(countries):
    ax = countries.plot()
    box = shapely.segmentize(shapely.box(20, 50, 30, 55), 0.1)
    x, y = ax.project(*shapely.get_coordinates(box).T)
    area = abs(GEOD.geometry_area_perimeter(box)[0])
    assert shapely.Polygon(np.column_stack((x, y))).area == pytest.approx(area, rel=0.005)


def test_title(countries):
    assert artist(countries.plot(extent="AFG"), "title").get_text().startswith("Afghan opiate")
    assert artist(countries.plot(extent="AFG", title="Mine"), "title").get_text() == "Mine"
    none = countries.plot(extent="AFG", title="")
    assert not [a for a in none.get_children() if a.get_gid() == "title"]
    long = countries.plot(extent="AFG", title="A very long title " * 12)
    [box] = boxes(long, [artist(long, "title")])
    assert box.x1 < long.figure.bbox.x1


def test_a_sheet_too_small_for_the_notice_is_an_error(countries):
    with pytest.raises(MapError, match="at least"):
        countries.plot(figsize=(3, 2))


def test_axes_of_a_caller_are_taken_up_and_others_left_alone(countries):
    figure = Figure(figsize=(16, 7), facecolor="black")
    left, right = figure.subplots(1, 2)
    before, other = left.get_window_extent().padded(0.5), right.get_position().bounds
    assert countries.plot(ax=left, extent="AFG") is left
    assert right.get_position().bounds == other
    assert not right.texts
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in texts(left):
        box = text.get_window_extent(renderer)
        assert before.x0 <= box.x0
        assert box.x1 <= before.x1
        assert before.y0 <= box.y0
        assert box.y1 <= before.y1


def test_axes_in_a_part_of_a_figure(countries, tmp_path):
    parts = Figure(figsize=(16, 7)).subfigures(1, 2)
    ax = countries.plot(ax=parts[1].subplots(), extent="AFG", save=tmp_path / "a.png")
    assert ax.get_window_extent().x0 > 800
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_more_can_be_drawn_on_top(countries):
    ax = countries.plot(extent="AFG")
    [mark] = ax.plot(*ax.project(69.17, 34.53), "r*")
    assert isinstance(mark, Line2D)
    assert contains(ax, 69.17, 34.53)


# -- files


@pytest.mark.parametrize("name", ["map.jpg", "map", "none/map.png"])
def test_a_picture_that_cannot_be_written_is_an_output_error(countries, tmp_path, name):
    with pytest.raises(OutputError):
        countries.plot(extent="AFG", save=tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_missing_layer_is_an_error(tmp_path):
    with pytest.raises(MapError, match=r"boundary_notice\.txt|countries\.parquet"):
        plot_network(small(), basemap=tmp_path)


def test_pictures_stay_small(crossings, tmp_path):
    crossings.plot(extent=AFGHANISTAN, save=tmp_path / "map.svg")
    crossings.plot(extent=AFGHANISTAN, save=tmp_path / "map.png")
    assert (tmp_path / "map.svg").stat().st_size < 3_500_000
    assert (tmp_path / "map.png").stat().st_size < 3_500_000


def test_lines_lie_in_the_frame(crossings):
    ax = crossings.plot(extent=AFGHANISTAN)
    width, height = ax.frame.half_width, ax.frame.half_height
    for lines in (a for a in ax.get_children() if isinstance(a, LineCollection)):
        xy = np.concatenate(lines.get_segments())
        assert (np.abs(xy) <= np.array([width, height]) * 1.03).all()
