"""Several years on disk: a folder of tables, complete before it takes its place."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from opiateroutes.data import put_in_place, require_writable, write_table
from opiateroutes.errors import OutputError

if TYPE_CHECKING:
    from opiateroutes.flows.years.flow_years import FlowYears

__all__ = ["save_years"]

_TABLES = ("legs", "nodes", "supply", "skipped")
_PROVENANCE = "provenance.json"


def save_years(years: FlowYears, path: str | Path) -> Path:
    """Write all tables; see `FlowYears.save`."""
    target = Path(path)
    _require_place(target)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
        draft = Path(folder) / target.name
        draft.mkdir()
        for name in _TABLES:
            write_table(getattr(years, name), draft / f"{name}.csv")
        text = json.dumps(years.provenance, indent=1, ensure_ascii=False, default=str)
        (draft / _PROVENANCE).write_text(f"{text}\n", encoding="utf-8")
        put_in_place(draft, target)
    return target


def _require_place(target: Path) -> None:
    if target.suffix or target.is_symlink():
        raise OutputError(f"cannot write {target}: give the name of a folder, without an ending")
    if not target.is_dir():
        require_writable(target)
        return
    ours = {f"{name}.csv" for name in _TABLES} | {_PROVENANCE}
    if not {entry.name for entry in target.iterdir()} <= ours:
        raise OutputError(f"{target} is a folder that holds something else; give another name")
