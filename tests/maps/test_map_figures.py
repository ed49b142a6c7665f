"""Printed maps of flows as pictures, compared with pictures that somebody looked at.

After a change that is meant: ``pytest tests/maps/test_map_figures.py
--mpl-generate-path=tests/maps/figures``, then look at every picture.
"""

from __future__ import annotations

import pytest

import opiateroutes as opr

EXTENTS = {
    "region": None,
    "afghanistan": ["AFG", "IRN", "PAK", "TKM", "UZB", "TJK"],
    "balkans": ["TUR", "BGR", "GRC", "MKD", "ALB", "SRB", "BIH", "HRV", "HUN", "ROU"],
    "east_africa": ["KEN", "TZA", "ETH", "SOM", "MOZ"],
}
# Antialiasing differs a little between builds of matplotlib; a moved label does not pass.
compared = pytest.mark.mpl_image_compare(
    baseline_dir="figures", tolerance=6, savefig_kwargs={"dpi": 75}
)


@pytest.fixture(scope="module")
def fits():
    evidence = opr.load_evidence(2010)
    return {
        level: opr.estimate_flows(opr.load_network(level), evidence)
        for level in ("countries", "crossings")
    }


@compared
@pytest.mark.parametrize(
    ("area", "share"), [("region", 0.9), ("balkans", 0.98), ("east_africa", 0.98)]
)
def test_flows_between_countries(fits, area, share):
    return fits["countries"].plot(extent=EXTENTS[area], share=share, size=(25, 18))


@compared
def test_flows_over_the_borders_of_afghanistan(fits):
    return fits["crossings"].plot(extent=EXTENTS["afghanistan"], size=(25, 18))
