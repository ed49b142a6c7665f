# ruff: noqa: INP001 - scripts that are started one by one
"""Reading individual drug seizures: this library beside plain pandas on the same files.

Run ``python benchmarks/import_individual_seizures.py [FILE ...]``: files of 311,038 and 1,000,000
made-up records in the layout of the extract of 2011-2016, and any files that are named. Each
reading runs in a process of its own, once to warm up and then five times; what is printed is the
median and the peak of memory of the whole process. Plain pandas reads the table and groups it; it
neither resolves names of countries nor checks anything.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = (
    "REGION;SUBREGION;COUNTRY;ADMINISTRATIVE_DIVISION;PLACE;SEIZURE_DATE;DRUG_NAME;AMOUNT;"
    "DRUG_UNIT;HIDING_PLACE;INSTALLATION;TRANSPORT;PRODUCING_COUNTRY;DEPARTURE_COUNTRY;"
    "DESTINATION_COUNTRY;ROUTING\n"
)
COUNTRIES = [
    "Colombia",
    "Russian Federation",
    "Ecuador",
    "Bolivia, Plurinational State of",
    "Chile",
    "Spain",
    "Afghanistan",
    "Pakistan",
    "Iran, Islamic Republic of",
    "Turkey",
    "Tajikistan",
    "Kazakhstan",
    "Czech Republic",
    "Czechia",
    "Côte d'Ivoire",
    "Korea, Republic of",
    "Macedonia, the former Yugoslav Republic of",
]
DRUGS = ["Coca paste"] * 40 + ["Cocaine"] * 40 + ["Heroin"] * 8 + ["Opium"] * 2 + ["Morphine"]
UNITS = ["Kilogram"] * 16 + ["Gram"] * 4 + ["Tablet"]
SIZES = (311_038, 1_000_000)
REPEATS = 5


def write_records(path: Path, records: int) -> None:
    """Write made-up records: shares of substances and units as in the published extract."""
    made_up = random.Random(20112016)  # noqa: S311 - no secret
    pick = made_up.choice
    places = [f"Post {number}; gate {number % 7}" for number in range(5_000)]
    others = ["", "", "", "Unknown", *COUNTRIES]
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(HEADER)
        for _ in range(records):
            date = (
                f"201{pick('123456')}-{made_up.randrange(1, 13):02d}-{made_up.randrange(1, 29):02d}"
            )
            amount = round(made_up.lognormvariate(1, 2), 4)
            route = f"{pick(others)};{pick(others)};{pick(others)}"
            stream.write(
                f'Region;Subregion of it;{pick(COUNTRIES)};Province;"{pick(places)}";{date};'
                f"{pick(DRUGS)};{amount};{pick(UNITS)};Residence;Home/Residence;Commercial road;"
                f"{route};Border - inbound\n"
            )


def ours(path: Path) -> float:
    """Read seizures by country, year and substance, checked; return all kilograms."""
    import opiateroutes as opr

    return float(opr.read_seizures(path)["best_kg"].sum())


def ours_itineraries(path: Path) -> float:
    """Read itineraries; return all kilograms of heroin equivalent."""
    import opiateroutes as opr

    return float(opr.read_itineraries(path)["kg_heroin_equivalent"].sum())


def plain_pandas(path: Path) -> float:
    """Read the table and group it by names as they stand; return all kilograms."""
    import pandas as pd

    table = pd.read_csv(path, sep=";")
    opiates = table[table["DRUG_NAME"].isin(["Heroin", "Heroin Base", "Opium", "Morphine"])]
    weight = opiates["AMOUNT"] * opiates["DRUG_UNIT"].map({"Kilogram": 1.0, "Gram": 1e-3})
    keys = [opiates["COUNTRY"], opiates["SEIZURE_DATE"].str[:4], opiates["DRUG_NAME"]]
    return float(weight.groupby(keys).sum().sum())


READERS: dict[str, Callable[[Path], float]] = {
    "read_seizures": ours,
    "read_itineraries": ours_itineraries,
    "plain pandas": plain_pandas,
}


def measure(reader: str, path: Path) -> None:
    """Time one reader in this process and write the figures for the parent."""
    warnings.simplefilter("ignore")
    read = READERS[reader]
    start = time.perf_counter()
    total = read(path)
    first = time.perf_counter() - start
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        read(path)
        seconds.append(time.perf_counter() - start)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"first": first, "median": statistics.median(seconds), "mb": peak_mb, "kg": total}
    sys.stdout.write(json.dumps(found))


def compare(path: Path, name: str) -> None:
    """Print the figures of all readers for one file."""
    sys.stdout.write(f"\n{name}, {path.stat().st_size / 1e6:.1f} MB on disk\n")
    sys.stdout.write(f"{'':18}{'first':>9}{'median':>9}{'peak':>10}{'kg':>16}\n")
    medians = {}
    for reader in READERS:
        command = [sys.executable, __file__, "--measure", reader, str(path)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        found = json.loads(answer.stdout)
        medians[reader] = found["median"]
        sys.stdout.write(
            f"{reader:18}{found['first']:8.2f}s{found['median']:8.2f}s{found['mb']:7.0f} MB"
            f"{found['kg']:16,.1f}\n"
        )
    ratio = medians["plain pandas"] / medians["read_seizures"]
    sys.stdout.write(f"plain pandas takes {ratio:.1f} times as long as read_seizures\n")


def main() -> None:
    """Measure made-up files, and the files that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="extracts to read as well")
    parser.add_argument("--measure", choices=READERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, options.files[0])
        return
    sys.stdout.write(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    with tempfile.TemporaryDirectory() as folder:
        for records in SIZES:
            path = Path(folder, f"{records}.csv")
            write_records(path, records)
            compare(path, f"{records:,} made-up records")
    for path in options.files:
        compare(path, path.name)


if __name__ == "__main__":
    main()
