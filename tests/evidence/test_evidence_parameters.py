from __future__ import annotations

import math

import pandas as pd
import pytest

from opiateroutes.data import read_evidence_table
from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence import Parameters, Value, load_parameters
from opiateroutes.evidence.parameters import relative_sd
from opiateroutes.evidence.supply import supply_of


def value(best):
    return Value(best, 0, 1, "test")


@pytest.mark.parametrize(("scope", "best"), [("DEU", 3), ("FRA", 2), ("KAZ", 1), ("*", 1)])
def test_the_narrowest_scope_wins(scope, best):
    values = {("p", "*"): value(1), ("p", "Europe"): value(2), ("p", "DEU"): value(3)}
    regions = {"DEU": "Europe", "FRA": "Europe", "KAZ": "Asia"}
    assert Parameters(values, regions).get("p", scope).best == best


def test_an_unknown_parameter_suggests():
    with pytest.raises(UnknownNameError, match="did you mean 'opium_per_heroin'"):
        load_parameters().get("opium_for_heroin")


def test_a_parameter_without_a_general_value_is_refused_elsewhere():
    with pytest.raises(UnknownNameError, match="for 'FRA'"):
        load_parameters().get("territory_weight", "FRA")


@pytest.mark.parametrize(
    ("low", "best", "high", "spread"),
    [(0, 10, 2 * 1.6448536 * 5, 0.5), (0, 0, 1, 0), (math.nan, 1, 2, 0), (0, 1, math.nan, 0)],
)
def test_bounds_of_a_parameter_are_a_90_percent_interval(low, best, high, spread):
    assert Value(best, low, high, "test").relative_sd == pytest.approx(spread)


def test_every_shipped_parameter_lies_within_its_bounds():
    table = read_evidence_table("parameters")
    assert not ((table["low"] > table["best"]) | (table["best"] > table["high"])).any()
    assert not table.duplicated(["parameter", "scope"]).any()


def test_scopes_are_known_nodes_regions_or_words_of_the_dictionary():
    parameters = load_parameters()
    known = {*parameters.subregions, *parameters.subregions.values(), "*", "imputed"}
    known |= {"high", "medium", "low", *read_evidence_table("prevalence")["territory"].dropna()}
    assert {scope for _, scope in dict(parameters.values)} <= known


def test_territories_of_a_country_add_up_to_it():
    weights = read_evidence_table("parameters").query("parameter == 'territory_weight'")["best"]
    assert weights.sum() == pytest.approx(1)


def test_an_unknown_confidence_counts_as_low():
    spread = relative_sd(pd.Series(["high", "medium", "low", None]), load_parameters())
    assert spread.tolist() == [0.15, 0.25, 0.5, 0.5]


def harvests(**years):
    rows = [(y[1:], kg) for y, kg in years.items()]
    return pd.DataFrame(
        {
            "node": "X",
            "year": [int(y) for y, _ in rows],
            "indicator": "opium_production",
            "best_kg": [kg for _, kg in rows],
            "source": "test",
            "edition": 2020,
        }
    )


HOME = pd.DataFrame(columns=["best_kg", "sd_kg"], dtype="float64")


def test_a_single_harvest_has_the_spread_of_its_confidence():
    rows, _ = supply_of(2010, harvests(y2010=8500.0), HOME, load_parameters())
    # 8,500 kg of opium, 57 % of it exported, 78 % of that as heroin at 8.5 kg a kilogram.
    assert rows["best_kg"].tolist() == [pytest.approx(8500 * 0.57 * 0.78 / 8.5)]
    half = (rows["high_kg"] - rows["low_kg"]).iloc[0] / 2
    assert half > 0.25 * 1.64 * rows["best_kg"].iloc[0]


def test_without_any_harvest_there_is_no_supply_and_no_step():
    rows, steps = supply_of(2010, harvests(y1999=1.0), HOME, load_parameters())
    assert len(rows) == len(steps) == 0


def test_supply_is_never_negative():
    home = pd.DataFrame({"best_kg": [1e9], "sd_kg": [1.0]}, index=["X"])
    made = harvests(y2010=8500.0).assign(
        indicator="heroin_production", confidence="high", note="", low_kg=None, high_kg=None
    )
    rows, _ = supply_of(2010, made, home, load_parameters())
    assert rows["best_kg"].tolist() == rows["low_kg"].tolist() == [0.0]
