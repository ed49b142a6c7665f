"""The import shares among the evidence: which rows they are, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.errors import EvidenceError
from opiateroutes.flows.binding.places import ANYWHERE
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.places import Places
    from opiateroutes.network.failures import Failure

__all__ = ["import_share_rows"]


def import_share_rows(evidence: Evidence, known: Places) -> pd.DataFrame:
    """Return the shares of all that an importer gets, one exporter and one importer each.

    Parameters
    ----------
    evidence
        The evidence; rows about nodes that the network lacks are left out.
    known
        Nodes and groups of the network.

    Returns
    -------
    pandas.DataFrame
        Rows of ``evidence.shares`` above 0.

    Raises
    ------
    EvidenceError
        If there are none, or if shares are about a group and about one of its nodes.
    """
    shares = evidence.shares
    single = [
        r.of_from_nodes == ANYWHERE
        and r.of_to_nodes == r.to_nodes
        and all(len(known.parts(e)) == 1 and e != ANYWHERE for e in (r.from_nodes, r.to_nodes))
        for r in shares.itertuples()
    ]
    found = shares[np.array(single, dtype=bool)]
    found = found[found["best_share"] > 0]
    # Where evidence may not lie outside of the network, such rows have been refused before.
    inside = [found[end].map(known.known).astype("bool") for end in ("from_nodes", "to_nodes")]
    found = found[inside[0] & inside[1]]
    if found.empty:
        rule = "no row is a share of all that an importer gets"
        hint = "give Evidence.from_tables shares with from_node, to_node and share"
        raise EvidenceError(
            "import_shares needs import shares",
            failure_table([("shares", "", "", None, rule, hint)]),
        )
    _refuse_overlaps(sorted({*found["from_nodes"], *found["to_nodes"]}), known)
    return found


def _refuse_overlaps(traders: list[str], known: Places) -> None:
    failures: list[Failure] = []
    for group in sorted(set(traders) & set(known.groups)):
        for node in sorted(set(traders) & set(known.members(group))):
            rule = f"lies in {group}, which has shares of its own"
            failures.append(("shares", node, "", node, rule, "give shares at one level only"))
    if failures:
        raise EvidenceError(
            f"{len(failures)} import share(s) would count twice", failure_table(failures)
        )
