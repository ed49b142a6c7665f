"""What was observed: evidence tables, their rules and the shipped figures."""

from opiateroutes.evidence.evidence import Evidence
from opiateroutes.evidence.load import YEARS, load_evidence
from opiateroutes.evidence.parameters import Parameters, Value, load_parameters
from opiateroutes.evidence.schema import check_table

__all__ = [
    "YEARS",
    "Evidence",
    "Parameters",
    "Value",
    "check_table",
    "load_evidence",
    "load_parameters",
]
