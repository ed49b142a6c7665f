# ruff: noqa: E402, INP001 - started by itself; threads are set before numpy is there
"""Truths by other mechanisms than the model's: do its bands cover them, and is it nearer.

Run ``python -m benchmarks.synthetic_truths`` from the root of the repository: six truths on twelve
networks of 20 to 60 nodes, half of them parts of the shipped network. Each is published with the
errors and gaps of real figures and estimated from these alone, with the shipped cost model. What is
printed are the tables of ``docs/validation.md``. ``--save FILE`` keeps all legs and nodes.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.synthetic.scores import band_table, method_table, scored

if TYPE_CHECKING:
    import pandas as pd


def markdown(table: pd.DataFrame) -> str:
    """Write a table of text as markdown."""
    head = [str(table.index.name), *(str(column) for column in table.columns)]
    rows = [head, ["---"] * len(head), *([str(r), *row] for r, *row in table.itertuples())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=12)
    parser.add_argument("--draws", type=int, default=512)
    parser.add_argument("--n-effective", type=float, default=30.0)
    parser.add_argument("--structural-sd", type=float, default=0.7)
    parser.add_argument("--save", type=Path, help="folder for all that was measured, as CSV")
    options = parser.parse_args()
    start = time.perf_counter()
    scores = scored(
        range(options.replicates),
        draws=options.draws,
        sizes=(20, 60),
        options={"n_effective": options.n_effective, "structural_sd": options.structural_sd},
    )
    seconds = time.perf_counter() - start
    sys.stdout.write(
        f"{options.replicates} networks, {options.draws} draws, n_effective "
        f"{options.n_effective:g}, structural_sd {options.structural_sd:g}, {seconds:.0f} s\n\n"
        f"90 % bands of flows above 0.1 % of the supply\n\n{markdown(band_table(scores.bands))}\n\n"
        f"WAPE (rank correlation)\n\n{markdown(method_table(scores.methods))}\n"
    )
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
        scores.bands.to_csv(options.save / "bands.csv", index=False)
        scores.methods.to_csv(options.save / "methods.csv", index=False)


if __name__ == "__main__":
    main()
