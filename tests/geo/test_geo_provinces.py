"""The provinces: repaired, complete, and fitted into the country layer without a gap."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from tools.build_geo.provinces import LARGEST_SHIFT_DEGREES, fit_into_countries, read_areas
from tools.build_geo.tables import read_records
from tools.build_geo.workspace import RULES

COUNTRIES = {"AFG", "CHN", "IRN", "KAZ", "KGZ", "PAK", "TJK", "TKM", "UZB"}
LARGEST_BYTES = 300_000


@pytest.fixture(scope="module")
def provinces(geo):
    return gpd.read_parquet(geo / "provinces.parquet")


def test_layer_has_its_columns_and_is_small(geo, provinces):
    assert list(provinces.columns) == ["province", "iso3", "name", "note", "geometry"]
    assert provinces.crs.to_epsg() == 4326
    assert provinces["province"].is_unique
    assert not provinces.duplicated(["iso3", "name"]).any()
    assert set(provinces["iso3"]) == COUNTRIES
    assert (geo / "provinces.parquet").stat().st_size < LARGEST_BYTES


def test_afghanistan_has_34_provinces(provinces):
    names = provinces.loc[provinces["iso3"].eq("AFG"), "name"]
    assert len(names) == names.nunique() == 34
    assert {"Panjshir", "Parwan", "Daykundi", "Uruzgan"} <= set(names)


@pytest.mark.parametrize(
    ("place", "code", "name"),
    [
        ((69.52, 35.31), "AF-PAN", "Panjshir"),  # Bazarak
        ((69.17, 35.01), "AF-PAR", "Parwan"),  # Charikar
        ((66.13, 33.72), "AF-DAY", "Daykundi"),  # Nili
        ((65.87, 32.63), "AF-URU", "Uruzgan"),  # Tarinkot
        ((69.17, 34.53), "AF-KAB", "Kabul"),
        ((62.20, 34.34), "AF-HER", "Herat"),
        ((65.71, 31.61), "AF-KAN", "Kandahar"),
        ((64.37, 31.59), "AF-HEL", "Helmand"),  # Lashkar Gah
        ((70.58, 37.12), "AF-BDS", "Badakhshan"),  # Faizabad
        ((60.86, 29.50), "IR-11", "Sistan and Baluchestan"),  # Zahedan
        ((59.60, 36.30), "IR-09", "Razavi Khorasan"),  # Mashhad
        ((67.00, 30.19), "PK-BA", "Balochistan"),  # Quetta
        ((71.55, 34.01), "PAK-KP-2017", "Khyber Pakhtunkhwa"),  # Peshawar
        ((71.55, 37.49), "TJ-GB", "Gorno-Badakhshan"),  # Khorugh
        ((67.28, 37.23), "UZ-SU", "Surkhandarya"),  # Termez
        ((69.28, 41.31), "UZ-TK", "Tashkent City"),
        ((58.38, 37.95), "TM-A", "Ahal"),  # Ashgabat
        ((74.60, 42.87), "KG-GB", "Bishkek"),
        ((63.31, 45.96), "KZ-43", "Kyzylorda"),  # Baikonur
        ((87.60, 43.80), "CN-XJ", "Xinjiang"),  # Urumqi
    ],
)
def test_a_place_lies_in_one_province(provinces, place, code, name):
    found = provinces[provinces.intersects(shapely.Point(place))]
    assert list(found["province"]) == [code]
    assert list(found["name"]) == [name]


def test_provinces_form_a_valid_coverage(provinces):
    shapes = provinces.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_provinces_fill_their_country(provinces, countries, code):
    whole = countries.geometry[code]
    parts = provinces.geometry[provinces["iso3"].eq(code)].to_numpy()
    assert shapely.area(parts).sum() == pytest.approx(whole.area, rel=1e-6)
    outline = shapely.boundary(shapely.coverage_union_all(parts))
    distance = shapely.hausdorff_distance(outline, shapely.boundary(whole))
    assert distance < LARGEST_SHIFT_DEGREES


def test_no_province_reaches_into_another_country(provinces, countries):
    others = countries[~countries["iso3"].isin(COUNTRIES)].geometry.to_numpy()
    shapes = provinces.geometry.to_numpy()
    near, province = shapely.STRtree(shapes).query(others, predicate="overlaps")
    assert (shapely.area(shapely.intersection(others[near], shapes[province])) < 1e-4).all()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("PK-TA", "May 2018"),
        ("PAK-KP-2017", "PK-TA"),
        ("KZ-YUZ", "June 2018"),
        ("KZ-VOS", "June 2022"),
        ("KZ-KAR", "June 2022"),
        ("KZ-ALM", "June 2022"),
        ("PK-JK", "final status"),
        ("PK-GB", "final status"),
        ("CN-XJ", "undetermined"),
        ("AF-PAN", "Parwan twice"),
        ("AF-DAY", "Uruzgan twice"),
    ],
)
def test_note_says_where_the_edition_is_dated_or_repaired(provinces, code, said):
    assert said in provinces.set_index("province").loc[code, "note"]


def test_ids_are_codes_of_the_country_unless_they_are_ours(provinces):
    codes = {
        "AFG": "AF", "CHN": "CN", "IRN": "IR", "KAZ": "KZ", "KGZ": "KG", "PAK": "PK", "TJK": "TJ",
        "TKM": "TM", "UZB": "UZ",
    }  # fmt: skip
    ours = []
    for row in provinces.itertuples():
        if not row.province.startswith(f"{codes[row.iso3]}-"):
            assert row.province.startswith(f"{row.iso3}-")
            assert row.note
            ours.append(row.province)
    assert ours == ["CHN-PARACEL", "PAK-KP-2017"]


def test_areas_of_one_province_agree_in_the_rules():
    about = {}
    for rule in read_records(RULES / "provinces.csv"):
        told = rule["iso3"], rule["name"], rule["note"]
        assert about.setdefault(rule["province"], told) == told


def test_line_that_ends_inside_the_country_is_carried_on_to_its_edge():
    areas = {"west": shapely.box(0, 0.003, 1, 0.997), "east": shapely.box(1, 0.003, 2, 0.997)}
    country = {"AAA": shapely.box(0, 0, 2, 1)}
    fitted = fit_into_countries(areas, dict.fromkeys(areas, "AAA"), country)
    assert fitted["west"].equals(shapely.box(0, 0, 1, 1))
    assert fitted["east"].equals(shapely.box(1, 0, 2, 1))


def test_line_that_ends_outside_the_country_is_cut_off():
    areas = {"west": shapely.box(0, -0.003, 1, 1.003), "east": shapely.box(1, -0.003, 2, 1.003)}
    country = {"AAA": shapely.box(0, 0, 2, 1)}
    fitted = fit_into_countries(areas, dict.fromkeys(areas, "AAA"), country)
    assert fitted["west"].equals(shapely.box(0, 0, 1, 1))


def test_province_meets_the_neighbour_country_vertex_by_vertex():
    areas = {
        "north": shapely.box(0, 1, 1, 2),
        "south": shapely.box(0, 0, 1, 1),
        "abroad": shapely.box(1, 0, 2, 2),
    }
    owner = {"north": "AAA", "south": "AAA", "abroad": "BBB"}
    countries = {"AAA": shapely.box(0, 0, 1, 2), "BBB": shapely.box(1, 0, 2, 2)}
    fitted = fit_into_countries(areas, owner, countries)
    assert (1.0, 1.0) in set(fitted["abroad"].geoms[0].exterior.coords)


def test_island_that_the_source_lacks_goes_to_the_nearest_province():
    areas = {"west": shapely.box(0, 0, 1, 1), "east": shapely.box(1, 0, 2, 1)}
    island = shapely.box(2.2, 0, 2.3, 0.1)
    country = {"AAA": shapely.MultiPolygon([shapely.box(0, 0, 2, 1), island])}
    fitted = fit_into_countries(areas, dict.fromkeys(areas, "AAA"), country)
    assert fitted["east"].covers(island)
    assert not fitted["west"].intersects(island)


def test_province_of_which_nothing_is_left_is_refused():
    areas = {"here": shapely.box(0, 0, 1, 1), "far": shapely.box(9, 9, 10, 10)}
    country = {"AAA": shapely.box(0, 0, 1, 1)}
    with pytest.raises(ValueError, match="nothing is left of far"):
        fit_into_countries(areas, dict.fromkeys(areas, "AAA"), country)


@pytest.fixture
def package(tmp_path):
    layer = gpd.GeoDataFrame(
        {
            "adm0_a3": ["AFG", "AFG", "XXX"],
            "name": ["Parwan", "Parwan", "Elsewhere"],
            "gn_name": ["Panjshir", None, None],
        },
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 0, 3, 1)],
        crs=4326,
    )
    layer.to_file(tmp_path / "source.gpkg", layer="states_provinces")
    return tmp_path / "source.gpkg"


def rule(gn_name, province):
    names = {"adm0_a3": "AFG", "source_name": "Parwan", "source_gn_name": gn_name}
    return {**names, "province": province}


def test_areas_with_one_name_are_told_apart(package):
    areas = read_areas(package, [rule("Panjshir", "AF-PAN"), rule("", "AF-PAR")])
    assert areas["AF-PAN"].equals(shapely.box(0, 0, 1, 1))
    assert areas["AF-PAR"].equals(shapely.box(1, 0, 2, 1))


def test_areas_of_one_province_are_joined(package):
    areas = read_areas(package, [rule("Panjshir", "AF-PAR"), rule("", "AF-PAR")])
    assert list(areas) == ["AF-PAR"]
    assert areas["AF-PAR"].equals(shapely.box(0, 0, 2, 1))


def test_rules_for_another_edition_are_refused(package):
    with pytest.raises(ValueError, match=r"does not match .*Panjshir"):
        read_areas(package, [rule("", "AF-PAR")])
