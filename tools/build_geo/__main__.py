"""Command line: ``python -m tools.build_geo``."""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tools.build_geo.boundaries import build_boundaries
from tools.build_geo.comparison import differing_files
from tools.build_geo.countries import build_countries
from tools.build_geo.country_network import build_country_network
from tools.build_geo.crossing_legs import build_crossing_legs
from tools.build_geo.crossing_nodes import build_crossing_nodes
from tools.build_geo.lanes import build_lanes
from tools.build_geo.manifest import build_manifest
from tools.build_geo.names import build_names
from tools.build_geo.provinces import build_provinces
from tools.build_geo.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger("tools.build_geo")

STAGES: dict[str, Callable[[Workspace], None]] = {
    "countries": build_countries,
    "boundaries": build_boundaries,
    "names": build_names,
    "provinces": build_provinces,
    "lanes": build_lanes,
    "crossing_nodes": build_crossing_nodes,
    "crossing_legs": build_crossing_legs,
    "country_network": build_country_network,
    "manifest": build_manifest,
}
"""In the order in which they depend on each other."""

CHEAP_STAGES = ("crossing_nodes", "country_network", "manifest")
"""Stages that need no package: tests rebuild them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen stages, or check that they give what is committed.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command line without the program name.

    Returns
    -------
    int
        0 if all went well; 1 if ``--check`` found a difference.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    work = Workspace() if options.cache is None else Workspace(cache=options.cache.resolve())
    chosen = [name for name in STAGES if name in (options.stage or STAGES)]
    if options.check:
        return _check(work, chosen)
    _run(work, chosen)
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.build_geo", description="Rebuild the layers of data/geo."
    )
    parser.add_argument(
        "--stage",
        action="append",
        choices=list(STAGES),
        help="run this stage only; may be repeated",
    )
    parser.add_argument(
        "--cache", type=Path, help="folder for downloaded packages (default: in the user cache)"
    )
    parser.add_argument(
        "--check", action="store_true", help="build in a scratch folder and compare with data/geo"
    )
    return parser


def _run(work: Workspace, chosen: Sequence[str]) -> None:
    """Run stages in order."""
    for name in chosen:
        log.info("stage %s", name)
        STAGES[name](work)


def _check(work: Workspace, chosen: Sequence[str]) -> int:
    """Run stages on a copy of the layers and report the files that come out differently."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "geo"
        shutil.copytree(work.geo, copy)
        _run(replace(work, geo=copy), chosen)
        changed = differing_files(work.geo, copy)
    for name in changed:
        log.error("%s differs from the committed file; run the build and review the change", name)
    if not changed:
        log.info("all files are as committed")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
