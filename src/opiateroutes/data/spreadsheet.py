"""Tables for spreadsheets: text that would run as a formula is made harmless, bytes are the same.

A workbook is a zip archive; what it says of the time of writing is fixed, so that the same tables
give the same file.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["with_fixed_date", "without_formulas", "write_workbook"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n")

_PROPERTIES = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
_DATE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Parameters
    ----------
    frame
        The table; names of columns are text too, numbers stay as they are.

    Returns
    -------
    pandas.DataFrame
        A copy.

    Examples
    --------
    >>> import pandas as pd
    >>> without_formulas(pd.DataFrame({"a": ["=1+1", "b"]}))["a"].tolist()
    ["'=1+1", 'b']
    """
    # Mapping would turn integers with gaps into fractions.
    text = frame.select_dtypes(include=["object", "str", "category"]).columns
    safe = frame.assign(
        **{column: frame[column].astype("object").map(_no_formula) for column in text}
    )
    return safe.rename(columns=_no_formula)


def write_workbook(sheets: Mapping[str, pd.DataFrame], path: str | Path) -> None:
    """Write tables as the sheets of a workbook; formulas are made harmless.

    Parameters
    ----------
    sheets
        Table by name of the sheet; the index is not written.
    path
        Where to write; see `write_atomically`.

    Raises
    ------
    ValueError
        If a sheet cannot hold a table.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> path = tempfile.mkdtemp() + "/t.xlsx"
    >>> write_workbook({"t": pd.DataFrame({"a": [1.5]})}, path)
    >>> pd.read_excel(path, engine="openpyxl")["a"].tolist()
    [1.5]
    """
    import pandas as pd

    written = io.BytesIO()
    with pd.ExcelWriter(written, engine="openpyxl") as writer:
        for name, frame in sheets.items():
            without_formulas(frame).to_excel(writer, sheet_name=name, index=False)
    Path(path).write_bytes(with_fixed_date(written))


def with_fixed_date(archive: io.BytesIO) -> bytes:
    """Pack an Office file anew, with one date in place of the time of writing.

    Parameters
    ----------
    archive
        A workbook or a document in Office Open XML, which is a zip archive.

    Returns
    -------
    bytes
        The same content, dated 1 January 2000: the same bytes whenever it is written.

    Examples
    --------
    >>> made = io.BytesIO()
    >>> with zipfile.ZipFile(made, "w") as archive:
    ...     archive.writestr("a.txt", "text")
    >>> with zipfile.ZipFile(io.BytesIO(with_fixed_date(made))) as packed:
    ...     packed.infolist()[0].date_time[:3], packed.read("a.txt")
    ((2000, 1, 1), b'text')
    """
    packed = io.BytesIO()
    date = _DATE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with (
        zipfile.ZipFile(archive) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == _PROPERTIES:
                content = _MODIFIED.sub(rb"\g<1>" + date + rb"\g<3>", content)
            entry = zipfile.ZipInfo(name, _DATE.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return packed.getvalue()


def _no_formula(value: object) -> object:
    if not isinstance(value, str):
        return value
    # A lone carriage return is not quoted in a csv file but begins a new row in a spreadsheet.
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
