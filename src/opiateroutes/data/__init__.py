"""What ships: evidence tables, geodata, their catalogue and their one resolver."""

from opiateroutes.data.catalogue import (
    EVIDENCE_TABLES,
    boundary_notice,
    catalogue,
    describe,
    dictionary,
    load_routes,
    load_sources,
    nearest,
    read_evidence_table,
)
from opiateroutes.data.names import area_labels, country_names
from opiateroutes.data.output import (
    TABLE_FORMATS,
    put_in_place,
    require_writable,
    write_atomically,
    write_table,
)
from opiateroutes.data.resolver import data_path

__all__ = [
    "EVIDENCE_TABLES",
    "TABLE_FORMATS",
    "area_labels",
    "boundary_notice",
    "catalogue",
    "country_names",
    "data_path",
    "describe",
    "dictionary",
    "load_routes",
    "load_sources",
    "nearest",
    "put_in_place",
    "read_evidence_table",
    "require_writable",
    "write_atomically",
    "write_table",
]
