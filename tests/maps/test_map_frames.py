"""Several years in one page: packed in Python, opened again by the page's own script."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from pathlib import Path

import pytest

import opiateroutes as opr
from opiateroutes.data import load_routes
from opiateroutes.errors import MapError
from opiateroutes.maps import explore
from opiateroutes.maps.frames import pack_frames
from opiateroutes.maps.layers import build_payload
from opiateroutes.maps.packing import pack_table

YEARS = (2008, 2010, 2022)
AMOUNTS = {"kg", "low", "high", "supply", "consumption", "seizure", "unaccounted", "net"}


@pytest.fixture(scope="module")
def years():
    return opr.estimate_years(opr.load_network(), YEARS, progress=False)


@pytest.fixture(scope="module")
def found(years):
    return {year: opr.find_chokepoints(fit) for year, fit in years.fits.items()}


@pytest.fixture(scope="module")
def payloads(years, found):
    routes = load_routes()
    return [build_payload(fit, found[year], routes=routes) for year, fit in years.fits.items()]


@pytest.fixture(scope="module")
def opened(payloads):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node: install nodejs to run the tests of the page's scripts")
    asked = {"packed": pack_frames(payloads), "pair": ["IRN", "TUR"], "node": "PAK"}
    done = subprocess.run(
        [node, Path(__file__).with_name("decode_frames.mjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def alike(one, other, field=""):
    """Equal, amounts to the 0.1 kg that the page keeps of each leg."""
    if isinstance(other, dict):
        return all(alike(one.get(name), value, name) for name, value in other.items())
    if isinstance(other, list):
        pairs = zip(one, other, strict=True)
        return len(one) == len(other) and all(alike(a, b, field) for a, b in pairs)
    if field in AMOUNTS and isinstance(other, float | int):
        return one == pytest.approx(other, abs=0.5)
    if field == "leverage" and other is not None:
        return one == pytest.approx(other, abs=2e-4)
    return one == other


@pytest.mark.parametrize("number", range(len(YEARS)))
def test_the_page_reads_what_was_packed(opened, payloads, number):
    """Records of nodes, flows (added up from legs in the page), chokepoints and sources."""
    frame, payload = opened["frames"][number], payloads[number]
    assert frame["meta"] == payload["meta"]
    by_id = {node["id"]: node for node in frame["nodes"]}
    ids = [row["id"] for row in payload["evidence"]]
    shown = [row["id"] for row in frame["evidence"]]
    assert sorted(ids) == sorted(shown)
    for node in payload["nodes"]:
        assert {shown[row] for row in by_id[node["id"]].pop("evidence")} == {
            ids[row] for row in node["evidence"]
        }
        assert alike(by_id[node["id"]], {k: v for k, v in node.items() if k != "evidence"})
    flows = {(flow["from"], flow["to"]): flow for flow in frame["flows"]}
    assert len(flows) == len(payload["flows"])
    for flow in payload["flows"]:
        legs = [{k: v for k, v in leg.items() if k != "evidence"} for leg in flow["legs"]]
        told = {k: v for k, v in flow.items() if k not in {"evidence", "legs"}}
        assert alike(flows[flow["from"], flow["to"]], {**told, "legs": legs})
    rows = {row["node"]: row for row in frame["chokepoints"].pop("rows")}
    assert frame["chokepoints"] == {k: v for k, v in payload["chokepoints"].items() if k != "rows"}
    assert all(alike(rows[row["node"]], row) for row in payload["chokepoints"]["rows"])
    titles = [source["title"] for source in payload["sources"]]
    all_titles = [source["title"] for source in frame["sources"]]
    told = {row["id"]: row for row in frame["evidence"]}
    for row in payload["evidence"]:
        assert [all_titles[at] for at in told[row["id"]]["sources"]] == [
            titles[at] for at in row["sources"]
        ]


def test_flows_fall_in_every_year(opened):
    for frame in opened["frames"]:
        amounts = [flow["kg"] for flow in frame["flows"]]
        assert amounts == sorted(amounts, reverse=True)


def test_a_thing_is_followed_over_the_years(opened, payloads):
    for number, payload in enumerate(payloads):
        [flow] = [f for f in payload["flows"] if (f["from"], f["to"]) == ("IRN", "TUR")]
        [node] = [n for n in payload["nodes"] if n["id"] == "PAK"]
        assert alike(opened["flow"][number], {name: flow[name] for name in ("kg", "low", "high")})
        assert alike(opened["node"][number], {name: node[name] for name in ("kg", "low", "high")})


def test_widths_can_be_compared_between_years(payloads):
    scale = pack_frames(payloads)["scale"]
    assert scale["pxPerKg"] == min(payload["scale"]["pxPerKg"] for payload in payloads)


def test_what_does_not_change_is_written_once(payloads):
    one, three = (
        len(json.dumps(pack_frames(payloads[:count])["tables"]["legs"])) for count in (1, 3)
    )
    assert three < 2.4 * one


def test_chokepoints_of_all_years_are_found_in_the_same_way(payloads):
    other = copy.deepcopy(payloads[1])
    other["chokepoints"]["effort"] = 0.9
    with pytest.raises(MapError, match="same effort"):
        pack_frames([payloads[0], other])


def test_a_year_without_chokepoints_has_none(years, payloads):
    bare = build_payload(years.fits[2008], None, routes=load_routes())
    packed = pack_frames([bare, payloads[1]])
    assert packed["chokepoints"]["effort"] == 0.5
    assert packed["tables"]["chokepoints"]["frames"][0]["rows"] == []


def test_two_records_of_one_thing_are_refused():
    with pytest.raises(ValueError, match="two records with the same id"):
        pack_table([[{"id": "a"}, {"id": "a"}]], ["id"])


def test_years_are_explored_from_the_one_asked_for(years, found):
    atlas = explore(years, found, first=2010)
    assert atlas.payload["meta"]["year"] == 2010
    assert [frame["meta"]["year"] for frame in atlas.frames] == list(YEARS)
    assert explore(years).payload["meta"]["year"] == 2022


def test_years_and_chokepoints_have_to_belong_together(years, found):
    with pytest.raises(MapError, match="no year 1999"):
        explore(years, first=1999)
    with pytest.raises(MapError, match="mapping of each year"):
        explore(years, found[2010])
    with pytest.raises(MapError, match="of 2011"):
        explore(years, {2011: found[2010]})
