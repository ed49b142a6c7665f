from __future__ import annotations

import pytest

from opiateroutes.data import EVIDENCE_TABLES, dictionary, read_evidence_table
from opiateroutes.evidence.parameters import load_parameters
from opiateroutes.evidence.seizures import latest_edition, seized_heroin
from opiateroutes.units import ACETIC_ANHYDRIDE_KG_PER_LITRE

KEYS = {
    "consumption": ["node", "year", "commodity", "source"],
    "cultivation": ["node", "year", "source"],
    "finance": ["group", "to_group", "first_year", "indicator", "source"],
    "flows": ["row", "edition"],
    "itineraries": ["from_node", "to_node", "year", "edition"],
    "policy": ["fact", "body", "node", "member"],
    "population": ["node", "year", "edition"],
    "precursors": ["node", "year", "commodity", "indicator", "source"],
    "prices": ["node", "year", "commodity", "level", "source", "item"],
    "purities": ["node", "year", "commodity", "level", "source"],
    "seizures": ["node", "year", "commodity", "edition"],
    "shares": ["row", "edition"],
    "supply": ["node", "year", "indicator", "edition"],
    "use_per_user": ["node", "year", "commodity", "source"],
    "users": ["node", "year", "commodity", "source"],
    "yields": ["node", "year", "source"],
}


@pytest.fixture(scope="module")
def seizures():
    return read_evidence_table("seizures")


@pytest.fixture(scope="module")
def cultivation():
    return read_evidence_table("cultivation").set_index(["node", "year", "source"])


@pytest.mark.parametrize("table", KEYS)
def test_a_cell_stands_once_for_each_edition(table):
    assert not read_evidence_table(table).duplicated(KEYS[table]).any()


@pytest.mark.parametrize(
    ("commodity", "tonnes"), [("heroin", 77.5), ("morphine", 17.4), ("opium", 493.8)]
)
def test_world_seizures_of_2010_stand_with_all_commodities_and_years(seizures, commodity, tonnes):
    rows = seizures[(seizures["year"] == 2010) & (seizures["commodity"] == commodity)]
    newest = latest_edition(rows, ["node", "year", "commodity"])
    assert newest["best_kg"].sum() / 1000 == pytest.approx(tonnes, abs=0.1)


def test_seizures_ship_for_every_year_since_2000_and_none_is_made_up_for_2024(seizures):
    for commodity in ("heroin", "morphine", "opium"):
        years = set(seizures.loc[seizures["commodity"] == commodity, "year"])
        assert years == set(range(2000, 2024))


def test_editions_of_seizures_often_differ_and_are_never_added(seizures):
    cells = seizures.groupby(["node", "year", "commodity"])["best_kg"].agg(["min", "max", "size"])
    several = cells[cells["size"] > 1]
    differ = several["max"] - several["min"] > 0.01 * several["max"]
    assert len(several) > 900
    assert differ.mean() == pytest.approx(0.21, abs=0.005)
    newest = latest_edition(seizures, ["node", "year", "commodity"])
    assert not newest.duplicated(["node", "year", "commodity"]).any()
    assert newest["edition"].isin([2020, 2021, 2024, 2025]).all()


def test_rows_of_one_edition_are_added_up_and_say_so(seizures):
    # Two rows of the portal for heroin in Türkiye in 2017: 17,385 and 367 kg.
    cell = seizures[
        (seizures["node"] == "TUR") & (seizures["year"] == 2017) & (seizures["edition"] == 2021)
    ].set_index("commodity")
    assert cell.loc["heroin", "best_kg"] == pytest.approx(17_385 + 367, abs=1)
    assert cell.loc["heroin", "note"] == "sum of 2 source rows"


def test_what_adds_up_no_row_is_missing_and_not_zero(seizures):
    assert not seizures["note"].fillna("").str.contains("sum of 0").any()
    cells = set(zip(seizures["node"], seizures["year"], seizures["commodity"], strict=True))
    assert ("ARG", 2006, "morphine") not in cells
    assert seizures["best_kg"].eq(0).any()


def test_acetic_anhydride_is_no_opiate(seizures):
    parameters = load_parameters()
    without = seizures[seizures["commodity"] != "acetic_anhydride"]
    for year in (2013, 2017, 2019):
        everything = seized_heroin(year, seizures, parameters)["best_kg"]
        assert everything.equals(seized_heroin(year, without, parameters)["best_kg"])


def test_litres_of_acetic_anhydride_are_converted_and_say_so(seizures):
    rows = seizures[seizures["source"] == "incb_precursors_2019"].set_index("year")
    parameter = load_parameters().get("acetic_anhydride_kg_per_litre")
    assert parameter.best == ACETIC_ANHYDRIDE_KG_PER_LITRE == 1.08
    assert parameter.source == "icsc_0209"
    assert rows["best_kg"].to_dict() == pytest.approx({2016: 2400 * 1.08, 2017: 23 * 1.08})
    assert rows["note"].str.contains("litres converted at 1.08 kg a litre").all()


def test_editions_of_acetic_anhydride_stand_side_by_side(seizures):
    rows = seizures[seizures["commodity"] == "acetic_anhydride"]
    india = rows[(rows["node"] == "IND") & (rows["year"] == 2017)]
    assert india.set_index("edition")["best_kg"].to_dict() == {2020: 24.84, 2021: 25.0}
    assert rows.groupby(["node", "year"])["edition"].nunique().max() == 3
    assert ("IND", 2018) not in set(zip(rows["node"], rows["year"], strict=True))


def test_opium_production_of_2006_to_2009_is_the_original_series_and_the_dictionary_says_so():
    supply = read_evidence_table("supply")
    rows = supply[(supply["indicator"] == "opium_production") & supply["year"].between(2006, 2009)]
    tonnes = (rows.set_index("year")["best_kg"] / 1000).to_dict()
    assert tonnes == {2006: 6_100, 2007: 8_200, 2009: 6_900}
    assert rows["note"].str.startswith("originally published, the default").all()
    assert rows["note"].str.contains("not at hand").all()
    meaning = next(r["meaning"] for r in dictionary("supply") if r["column"] == "indicator")
    assert "2006 to 2009 is the series as first published, the default" in meaning


def test_the_production_of_the_world_is_no_supply_of_afghanistan():
    supply = read_evidence_table("supply")
    of_world = supply["indicator"].str.endswith("_world")
    assert (of_world == (supply["node"] == "WORLD")).all()
    assert of_world.sum() == 5


def test_both_editions_of_a_revised_area_stand_and_the_default_is_named(cultivation):
    assert cultivation.loc[("WORLD", 2014, "wdr2015"), "best_ha"] == 310_891
    assert cultivation.loc[("WORLD", 2014, "wdr2025_6_2_1"), "best_ha"] == 316_770
    assert cultivation.loc[("AFG", 2022, "opium_survey_2025"), "best_ha"] == 232_000
    assert cultivation.loc[("AFG", 2022, "wdr2025_6_2_1"), "best_ha"] == 233_000
    for cell in [("WORLD", 2014, "wdr2015"), ("AFG", 2022, "opium_survey_2025")]:
        assert cultivation.loc[cell, "note"].endswith("which is the default")


def test_the_best_estimate_of_mexico_in_2019_is_kept_outside_of_its_bounds_and_flagged(cultivation):
    row = cultivation.loc[("MEX", 2019, "wdr2025_6_2_1")]
    assert row[["low_ha", "best_ha", "high_ha"]].tolist() == [15_500, 33_100, 27_500]
    assert row["confidence"] == "low"
    assert row["note"].startswith("best estimate outside of its bounds; kept as published")


def test_no_other_area_lies_outside_of_its_bounds(cultivation):
    best = cultivation["best_ha"]
    outside = (best < cultivation["low_ha"]) | (best > cultivation["high_ha"])
    assert cultivation.index[outside].tolist() == [("MEX", 2019, "wdr2025_6_2_1")]


@pytest.mark.parametrize(
    ("node", "low", "high"), [("AFG", 149_000, 178_000), ("MMR", 25_800, 42_800)]
)
def test_damaged_cells_of_2019_are_missing_and_their_bounds_stay(cultivation, node, low, high):
    row = cultivation.loc[(node, 2019, "wdr2025_6_2_1")]
    assert row[["best_ha"]].isna().all()
    assert (row["low_ha"], row["high_ha"]) == (low, high)
    assert "damaged" in row["note"]
    assert not (cultivation["best_ha"] == 0).any()


def test_the_united_kingdom_has_a_prevalence_by_territory_only():
    rows = read_evidence_table("prevalence").query("node == 'GBR'")
    assert set(rows["territory"]) == {"GBR-EAW", "GBR-NIR", "GBR-SCT"}
    assert rows["territory"].notna().all()
    parameters = read_evidence_table("parameters")
    weights = parameters[parameters["parameter"] == "territory_weight"]
    assert set(weights["scope"]) == set(rows["territory"])


@pytest.mark.parametrize("table", EVIDENCE_TABLES)
def test_kosovo_is_coded_xkx_everywhere(table):
    rows = read_evidence_table(table)
    codes = {"node", "from_node", "to_node", "group", "to_group", "from_group"} & {*rows.columns}
    for column in codes:
        ids = rows[column].dropna().str.split(";").explode()
        assert not ids.isin(["KKK", "XK", "RKS", "UNK"]).any()
    if table in {"seizures", "regions"}:
        assert "XKX" in set(rows["node"])


def test_namibia_is_itself_and_no_missing_origin():
    itineraries = read_evidence_table("itineraries")
    assert not itineraries[["from_node", "to_node"]].isin(["NAM"]).any(axis=None)
    # Where Namibia reports itself it stays.
    for table in ("seizures", "prices"):
        assert "NAM" in set(read_evidence_table(table)["node"])


def test_heroin_of_different_purity_is_never_in_one_indicator():
    said = {
        "heroin_production": "pure heroin",
        "potential_heroin_production": "export quality",
        "heroin_export": "purity not stated",
        "potential_heroin_production_world": "purity not stated",
    }
    supply = read_evidence_table("supply")
    heroin = supply[supply["indicator"].str.contains("heroin")]
    assert set(heroin["indicator"]) == set(said)
    for indicator, words in said.items():
        assert heroin.loc[heroin["indicator"] == indicator, "note"].str.contains(words).all()


def test_use_per_user_states_its_purity_and_spans_the_literature():
    rows = read_evidence_table("use_per_user")
    assert rows["purity"].eq("pure").all()
    assert (rows["best_g_per_user"].min(), rows["best_g_per_user"].max()) == (3.6, 30)
    assert load_parameters().get("heroin_g_per_user").low == rows["best_g_per_user"].min()


def test_opium_takes_seven_to_ten_kilograms_and_not_exactly_ten():
    ratio = load_parameters().get("opium_per_heroin")
    assert (ratio.low, ratio.high) == (7, 10)
    assert ratio.best not in (ratio.low, ratio.high)


def test_opioids_do_not_enter_the_prevalence_of_opiates():
    opiates, opioids = (read_evidence_table(t) for t in ("prevalence", "prevalence_opioids"))
    assert set(opiates["place"]) == {"sheet Opiates"}
    assert set(opioids["place"]) == {"sheet Opioids"}
    assert list(opiates.columns) == list(opioids.columns)
    assert set(opioids["age_group"]) > {"15-64", "15+", "12-65", "18-64"}


def test_a_share_and_the_flow_of_the_same_name_are_one_figure():
    shares = read_evidence_table("shares").set_index("row")
    flows = read_evidence_table("flows").set_index("row")
    both = shares.index.intersection(flows.index)
    assert set(both) == {
        "afg_pak_2008",
        "afg_central_asia_2008",
        "into_rus_2008",
        "afg_tjk_2010",
        "afg_pak_2011",
    }
    assert shares.loc[both, "note"].str.endswith("use one of the two").all()
    for row, total in (
        ("afg_pak_2008", 375_000),
        ("into_rus_2008", 375_000),
        ("afg_tjk_2010", 9e4),
    ):
        assert flows.loc[row, "best_kg"] == pytest.approx(
            shares.loc[row, "best_percent"] / 100 * total
        )


def test_every_share_has_a_figure_and_says_of_what():
    shares = read_evidence_table("shares")
    numbers = shares[["low_percent", "best_percent", "high_percent"]]
    assert numbers.notna().any(axis=1).all()
    assert numbers.max().max() <= 100
    assert shares["of"].str.len().gt(5).all()


def test_the_share_of_the_northern_route_comes_out_of_the_seizures(seizures):
    parameters = load_parameters()
    kg = seized_heroin(2008, seizures, parameters)["best_kg"].drop("AFG")
    north = kg.index.map(parameters.subregions.get).isin(
        ["Central Asia and Transcaucasia", "Eastern Europe"]
    )
    published = read_evidence_table("shares").set_index("row").loc["seized_northern_2008"]
    assert 100 * kg[north].sum() / kg.sum() == pytest.approx(published["best_percent"], abs=1)


def test_the_paris_pact_has_58_countries_23_organisations_and_four_pillars():
    policy = read_evidence_table("policy")
    counts = policy["fact"].value_counts()
    assert counts["partner_country"] == 58
    assert counts["partner_organisation"] == 23
    assert counts["pillar"] == 4
    countries = policy.loc[policy["fact"].isin(["partner_country", "member_country"]), "node"]
    assert countries.str.fullmatch("[A-Z]{3}").all()
    assert set(policy.loc[policy["body"] == "CARICC", "node"]) == {
        "AZE", "KAZ", "KGZ", "RUS", "TJK", "TKM", "UZB",
    }  # fmt: skip
    assert (policy["node"].notna() ^ policy["member"].notna()).all()
