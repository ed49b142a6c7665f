"""What was observed: evidence tables, their rules and the shipped figures."""

from opiateroutes.evidence.coverage import Coverage, evidence_coverage
from opiateroutes.evidence.evidence import Evidence
from opiateroutes.evidence.importers.annexes import (
    read_cultivation,
    read_prevalence,
    read_prices,
)
from opiateroutes.evidence.importers.covariates import read_covariates
from opiateroutes.evidence.importers.itineraries import read_itineraries
from opiateroutes.evidence.importers.precursor_template import precursor_template
from opiateroutes.evidence.importers.reading import read_seizures
from opiateroutes.evidence.load import YEARS, load_evidence
from opiateroutes.evidence.load_precursor_seizures import load_precursor_seizures
from opiateroutes.evidence.load_prices import load_prices
from opiateroutes.evidence.parameters import Parameters, Value, load_parameters
from opiateroutes.evidence.route_shares import route_shares
from opiateroutes.evidence.schema import check_table

__all__ = [
    "YEARS",
    "Coverage",
    "Evidence",
    "Parameters",
    "Value",
    "check_table",
    "evidence_coverage",
    "load_evidence",
    "load_parameters",
    "load_precursor_seizures",
    "load_prices",
    "precursor_template",
    "read_covariates",
    "read_cultivation",
    "read_itineraries",
    "read_prevalence",
    "read_prices",
    "read_seizures",
    "route_shares",
]
