"""Every figure that is derived shows its steps, and the steps give the figure."""

import numpy as np
import pytest

import opiateroutes as opr

FACTORS = [
    "people aged 15-64",
    "used opiates in the past year",
    "of them use heroin",
    "heroin a user",
    "purity beside that of exports",
    "of Afghan origin",
]


@pytest.fixture(scope="module", params=[2008, 2015, 2023])
def evidence(request):
    return opr.load_evidence(request.param)


def test_factors_multiply_to_the_demand(evidence):
    steps = evidence.steps.pivot_table(index="node", columns="step", values="best")
    derived = steps.dropna(subset=FACTORS)
    assert len(derived) > 100
    product = derived[FACTORS].prod(axis=1) / 100 / 1000
    # A market of nothing makes no row.
    demand = evidence.demand.set_index("node")["best_kg"].reindex(derived.index).fillna(0.0)
    assert product.to_numpy() == pytest.approx(demand.to_numpy())


def test_every_step_has_a_source_a_unit_and_ordered_bounds(evidence):
    steps = evidence.steps
    assert steps["source"].notna().all()
    assert steps["unit"].notna().all()
    known = steps.dropna(subset=["low", "high"])
    assert (known["low"] <= known["best"] + 1e-9).all()
    assert (known["best"] <= known["high"] + 1e-9).all()


def test_use_per_user_spans_the_literature(evidence):
    rows = evidence.steps[evidence.steps["step"] == "heroin a user"]
    assert rows["low"].unique().tolist() == [3.6]
    assert (rows["high"] > 30).all()


def test_supply_shows_what_is_taken_off(evidence):
    at_origin = evidence.steps[evidence.steps["node"] == "AFG"].set_index("step")["best"]
    supply = evidence.supply["best_kg"].iloc[0]
    assert at_origin["heroin leaving the country"] == pytest.approx(supply)
    if "heroin made" in at_origin:
        left = at_origin["heroin made"] - at_origin["seized and consumed at home"]
        assert left == pytest.approx(supply)


def test_nothing_in_the_steps_is_invented(evidence):
    known = set(evidence.sources.index) | {"assumption", "derived", "see tables"}
    named = {part for text in evidence.steps["source"] for part in text.split("; ")}
    assert named <= known, named - known
    assert np.isfinite(evidence.steps["best"]).all()
