"""Records of individual seizures as UNODC publishes them, made up."""

from __future__ import annotations

import csv
import io
import warnings

import openpyxl

import opiateroutes as opr
from opiateroutes.errors import EvidenceWarning

WITHIN = {"city", "administrative_division", "PLACE", "Administrative Region"}
"""Columns that name places within countries; ``place`` in evidence is a place in a publication."""

OLD = [
    "REGION",
    "SUBREGION",
    "COUNTRY",
    "ADMINISTRATIVE_DIVISION",
    "PLACE",
    "SEIZURE_DATE",
    "DRUG_NAME",
    "AMOUNT",
    "DRUG_UNIT",
    "HIDING_PLACE",
    "INSTALLATION",
    "TRANSPORT",
    "PRODUCING_COUNTRY",
    "DEPARTURE_COUNTRY",
    "DESTINATION_COUNTRY",
    "ROUTING",
]
NEW = [
    "Seizure Date",
    "Country/Territory of Seizure",
    "ISO3",
    "Subregion",
    "Region",
    "Drug/Substance",
    "Quantity Seized",
    "Measurement Unit",
    "City",
    "Administrative Region",
    "Physical Seizure Location",
    "Trafficking Mode of Transportation",
    "Source",
    "Reporting Channel",
]


def old(*cells, place="X"):
    """Country, date, drug, amount, unit; then countries of production, departure, destination."""
    country, date, drug, amount, unit, *route = [*cells, "", "", ""][:8]
    head = ["Asia", "South Asia", country, "Somewhere", place, date, drug, amount, unit]
    return [*head, "Other", "", "Rail", *route, "Border - inbound"]


ROWS = [
    old("Iran, Islamic Republic of", "2014-03-01", "Heroin", "2.5", "Kilogram", "Afghanistan"),
    old("Iran, Islamic Republic of", "2014-04-01", "Heroin", "500.0", "Gram", "Afghanistan"),
    old("Iran, Islamic Republic of", "2014-04-01", "Heroin", "12", "Tablet", "Afghanistan"),
    old(
        "Turkey", "2015-04-01", "Opium", "85", "Kilogram", "Unknown", "Other", "Multiple Countries"
    ),
    old("Turkey", "2015-04-01", "Morphine", "3", "", "Unknown", "Iraq", "Turkey"),
    old("Czech Republic", "2015-04-01", "Morphine", "3", "Kilogram", "", "Albania", "Czechia"),
    old("Czechia", "2015-04-01", "Morphine", "4", "Kilogram", "", "Albania", "Czech Republic"),
    old("Colombia", "2015-04-01", "Cocaine", "7", "Kilogram", "Colombia", "Nowhereland", ""),
    old("Pakistan", "2016-01-01", "Acetic Anhydride", "10", "Litre", "China", "China", "Pakistan"),
    old("India", "2016-01-01", "Heroin", "1", "Kilogram", "Namibia", "", "India"),
    old("Kazakhstan", "2016-01-01", "Heroin", "1", "Kilogram", "", "Netherlands Antilles", "China"),
]


def text(rows, header=OLD, delimiter=";", end="\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([header, *rows])
    return out.getvalue()


def put(folder, content, name="extract.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def itineraries(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EvidenceWarning)
        return opr.read_itineraries(path)


def kilograms(frame):
    return {(r.node, r.year, r.commodity): r.best_kg for r in frame.itertuples()}


EXPECTED = {
    ("IRN", 2014, "heroin"): 3.0,
    ("TUR", 2015, "opium"): 85.0,
    ("CZE", 2015, "morphine"): 7.0,
    ("PAK", 2016, "acetic_anhydride"): 10.8,
    ("IND", 2016, "heroin"): 1.0,
    ("KAZ", 2016, "heroin"): 1.0,
}


def workbook(path, sheets, header=OLD, title=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in [*title, header, *rows]:
            sheet.append(list(row))
    book.save(path)
    return path
