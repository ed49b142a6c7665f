"""Write the manifest: what each file is made of, and its checksum."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import networkx as nx
import pyarrow.parquet as pq
from tools.build_geo.sources import LOCK_FILE, sha256_of
from tools.build_geo.tables import read_records
from tools.build_geo.workspace import RULES, Workspace

if TYPE_CHECKING:
    from pathlib import Path


log = logging.getLogger(__name__)

MANIFEST = "manifest.json"


def build_manifest(work: Workspace) -> None:
    """Write ``manifest.json``.

    Parameters
    ----------
    work : Workspace
        Folders of the build; every file named in the table of files must exist.
    """
    listed = read_records(RULES / "files.csv")
    notes = (RULES / "notes.txt").read_text(encoding="utf-8").splitlines()
    manifest = {
        "notes": notes,
        "sources": _sources(),
        "files": {
            row["file"]: _entry(work.geo / row["file"], row["sources"], row["licence"])
            for row in listed
        },
        "unconnected_nodes": unconnected_nodes(
            [row["node"] for row in read_records(work.geo / "crossing_nodes.csv")],
            _ends(work.geo / "crossing_legs.parquet"),
            {row["node"]: row["reason"] for row in read_records(RULES / "unconnected.csv")},
        ),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (work.geo / MANIFEST).write_text(text, encoding="utf-8")
    log.info("manifest: %d files", len(listed))


def unconnected_nodes(
    nodes: list[str],
    pairs: list[tuple[str, str]],
    reasons: dict[str, str],
) -> dict[str, str]:
    """Return the nodes outside the main component, each with the reason why it is left there.

    Parameters
    ----------
    nodes : list of str
        All nodes.
    pairs : list of (str, str)
        The ends of all legs; their direction does not count.
    reasons : dict of str to str
        The reason for each node that is known to be apart.

    Returns
    -------
    dict of str to str
        The given reasons, if they are for exactly the nodes that are apart.

    Raises
    ------
    ValueError
        If a node is apart without a reason, or has a reason and is not apart.
    """
    graph = nx.Graph(pairs)
    graph.add_nodes_from(nodes)
    apart = set(nodes) - max(nx.connected_components(graph), key=len)
    if apart != set(reasons):
        message = (
            "unconnected.csv must give a reason for exactly the nodes that are apart; "
            f"it differs for {', '.join(sorted(apart ^ set(reasons)))}"
        )
        raise ValueError(message)
    return {node: reasons[node] for node in sorted(apart)}


def _sources() -> list[dict[str, str]]:
    """Return source, upstream and licence of every input, without anything about registries."""
    lock = json.loads(LOCK_FILE.read_text(encoding="utf-8"))
    packages = [
        {
            "source": row["source"],
            "origin": f"{row['upstream']} (as in {row['package']} {row['version']})",
            "licence": row["licence"],
            "sha256": row["member_sha256"],
        }
        for row in lock["packages"]
    ]
    tables = [
        {"source": row["source"], "origin": row["made"], "licence": row["licence"]}
        for row in lock["hand_tables"]
    ]
    return packages + tables


def _entry(path: Path, sources: str, licence: str) -> dict[str, Any]:
    """Return the manifest entry of one file."""
    return {
        "rows": _count_rows(path),
        "sources": sources.split(";") if sources else [],
        "licence": licence,
        "sha256": sha256_of(path),
    }


def _ends(path: Path) -> list[tuple[str, str]]:
    """Return the ends of all legs of a layer."""
    table = pq.read_table(path, columns=["from_node", "to_node"])
    return [(row["from_node"], row["to_node"]) for row in table.to_pylist()]


def _count_rows(path: Path) -> int:
    """Return the number of rows of a layer or a table, or of lines of a text."""
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    if path.suffix == ".csv":
        return len(read_records(path))
    return len(path.read_text(encoding="utf-8").splitlines())
