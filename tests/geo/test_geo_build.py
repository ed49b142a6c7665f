"""The build tool: cheap stages give what is committed, and wrong input is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import shutil
import tarfile

import pytest
import shapely
from tools.build_geo.__main__ import CHEAP_STAGES, STAGES, main
from tools.build_geo.air_pairs import reported_cases, within_two_steps
from tools.build_geo.boundaries import shared_boundaries
from tools.build_geo.comparison import differing_files
from tools.build_geo.countries import generalise
from tools.build_geo.manifest import unconnected_nodes
from tools.build_geo.sources import Source, SourceError, fetch_member, read_lock
from tools.build_geo.workspace import Workspace

BUILT_CHEAPLY = ("crossing_nodes.csv", "country_nodes.csv", "country_legs.csv", "manifest.json")


def test_cheap_stages_give_what_is_committed(geo, tmp_path):
    work = Workspace(geo=tmp_path / "geo")
    shutil.copytree(geo, work.geo)
    for name in BUILT_CHEAPLY:
        (work.geo / name).unlink()
    for stage in CHEAP_STAGES:
        STAGES[stage](work)
    assert differing_files(geo, work.geo) == []


def test_check_on_the_command_line_passes_for_the_cheap_stages(tmp_path):
    stages = [word for stage in CHEAP_STAGES for word in ("--stage", stage)]
    assert main([*stages, "--check", "--cache", str(tmp_path)]) == 0
    assert not list(tmp_path.iterdir())


def test_check_on_the_command_line_names_a_file_that_differs(tmp_path, monkeypatch, caplog):
    monkeypatch.setitem(STAGES, "manifest", lambda work: (work.geo / "hubs.csv").unlink())
    assert main(["--stage", "manifest", "--check", "--cache", str(tmp_path)]) == 1
    assert "hubs.csv differs" in caplog.text


def test_lock_pins_archive_and_member():
    for source in read_lock().values():
        assert len(source.sha256) == len(source.member_sha256) == 64


def packed(text: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        entry = tarfile.TarInfo("lanes/data.json")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    return buffer.getvalue()


@pytest.fixture
def pinned(tmp_path):
    archive = packed(b"{}")
    (tmp_path / "lanes-1.tar.gz").write_bytes(archive)
    return Source(
        source="lanes",
        registry="pypi",
        package="lanes",
        version="1",
        archive="lanes-1.tar.gz",
        sha256=hashlib.sha256(archive).hexdigest(),
        member="lanes/data.json",
        member_sha256=hashlib.sha256(b"{}").hexdigest(),
    )


def test_member_is_taken_out_of_the_pinned_archive(pinned, tmp_path):
    assert fetch_member(pinned, tmp_path).read_bytes() == b"{}"


def test_changed_archive_is_refused(pinned, tmp_path):
    (tmp_path / pinned.archive).write_bytes(packed(b"[]"))
    with pytest.raises(SourceError, match="not the pinned file"):
        fetch_member(pinned, tmp_path)


def test_changed_member_is_refused(pinned, tmp_path):
    other = dataclasses.replace(pinned, member_sha256="0" * 64)
    with pytest.raises(SourceError, match="not the pinned file"):
        fetch_member(other, tmp_path)


def test_generalised_neighbours_still_share_their_edge():
    edge = [(1.0, 0.0), (1.004, 0.5), (1.0, 1.0)]
    west = shapely.Polygon([(0, 0), *edge, (0, 1)])
    east = shapely.Polygon([*edge, (2, 1), (2, 0)])
    assert shapely.coverage_is_valid(generalise([west, east]))


def test_overlapping_countries_are_refused():
    with pytest.raises(ValueError, match="overlap"):
        generalise([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])


def test_shared_boundaries_name_pairs_once(countries):
    pair = countries.loc[["PAK", "AFG"]]
    assert list(shared_boundaries(pair)) == [("AFG", "PAK")]


def test_miscoded_and_domestic_and_later_rows_do_not_count(tmp_path):
    table = tmp_path / "itineraries.csv"
    table.write_text(
        "from_node,to_node,year,cases\n"
        "PAK,GBR,2011,3\nPAK,GBR,2016,4\nPAK,GBR,2017,50\nIND,NAM,2012,60\nPAK,PAK,2012,70\n",
        encoding="utf-8",
    )
    assert reported_cases(table) == {("PAK", "GBR"): 7}


def test_within_two_steps():
    steps = {("a", "b"), ("b", "c"), ("c", "d")}
    assert within_two_steps(steps) == steps | {("a", "c"), ("b", "d")}


def test_node_apart_needs_a_reason():
    nodes, pairs = ["a", "b", "c"], [("a", "b")]
    assert unconnected_nodes(nodes, pairs, {"c": "an island"}) == {"c": "an island"}
    with pytest.raises(ValueError, match="differs for c"):
        unconnected_nodes(nodes, pairs, {})
    with pytest.raises(ValueError, match="differs for a"):
        unconnected_nodes(nodes, pairs, {"c": "an island", "a": "none"})
