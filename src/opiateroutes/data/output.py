"""Writing files so that none is ever half written: a temporary file beside it, then a rename."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from opiateroutes.data.spreadsheet import without_formulas, write_workbook
from opiateroutes.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = [
    "TABLE_FORMATS",
    "put_in_place",
    "require_writable",
    "write_atomically",
    "write_table",
]

TABLE_FORMATS: tuple[str, ...] = (".csv", ".json", ".parquet", ".xlsx")
"""Endings that `write_table` knows."""


def require_writable(path: str | Path, endings: tuple[str, ...] | None = None) -> None:
    """Refuse a place that cannot be written, before any long work is done for it.

    Parameters
    ----------
    path
        Where a file is to be written.
    endings
        Endings allowed; any if not given.

    Raises
    ------
    OutputError
        If the ending is not allowed, the folder does not exist or may not be written, or the path
        is a folder.

    Examples
    --------
    >>> require_writable(tempfile.gettempdir() + "/a.csv", TABLE_FORMATS)
    """
    target = Path(path)
    if endings is not None and target.suffix.lower() not in endings:
        raise OutputError(
            f"cannot write {target}: the ending {target.suffix!r} is not one of "
            f"{', '.join(endings)}"
        )
    try:
        is_folder = target.is_dir()
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
    if is_folder:
        raise OutputError(f"cannot write {target}: it is a folder")
    if not target.parent.is_dir():
        raise OutputError(f"cannot write {target}: there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK):
        raise OutputError(f"cannot write {target}: the folder {target.parent} is read-only")


def write_atomically(path: str | Path, write: Callable[[Path], object]) -> Path:
    """Write a file under a temporary name in the same folder, then give it its name.

    Parameters
    ----------
    path
        Where the file should be; an older file is replaced, or kept if anything fails.
    write
        Called with the temporary path.

    Returns
    -------
    pathlib.Path
        The path written.

    Raises
    ------
    OutputError
        If the folder does not exist or cannot be written.

    Examples
    --------
    >>> folder = tempfile.mkdtemp()
    >>> write_atomically(folder + "/a.txt", lambda p: p.write_text("x")).read_text()
    'x'
    """
    target = Path(path)
    draft: Path | None = None
    require_writable(target)
    try:
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix
        )
        os.close(handle)
        draft = Path(name)
        write(draft)
        # mkstemp makes files private; the result should be as readable as any other file.
        draft.chmod(0o666 & ~_umask())
        draft.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)
    return target


def put_in_place(draft: Path, target: Path) -> None:
    """Move a file or a folder that is complete to where it should be; an older one is replaced.

    Parameters
    ----------
    draft
        On the same file system as ``target``.
    target
        Its place; a folder there must be one that may go.

    Raises
    ------
    OSError
        If it cannot be moved; what was there before is then there still.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "draft").write_text("x")
    >>> put_in_place(folder / "draft", folder / "a")
    >>> (folder / "a").read_text()
    'x'
    """
    if not target.is_dir():
        draft.replace(target)
        return
    # A folder cannot be replaced in one step: the old one steps aside until the new one is there.
    aside = draft.with_name(f"{draft.name}.replaced")
    target.rename(aside)
    try:
        draft.rename(target)
    except OSError:
        aside.rename(target)
        raise


def write_table(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a table; the ending chooses csv, json, parquet or xlsx.

    Text that a spreadsheet would run as a formula is written with a leading apostrophe.

    Parameters
    ----------
    frame
        The table; a named index is written too.
    path
        Where to write it.

    Returns
    -------
    pathlib.Path
        The path written.

    Raises
    ------
    OutputError
        If the ending is not known, the place cannot be written, or the format cannot hold the
        table.

    Examples
    --------
    >>> import pandas as pd
    >>> path = write_table(pd.DataFrame({"a": ["=1+1"]}), tempfile.mkdtemp() + "/t.csv")
    >>> path.read_text().split()
    ['a', "'=1+1"]
    """
    target = Path(path)
    ending = target.suffix.lower()
    require_writable(target, TABLE_FORMATS)
    return write_atomically(target, lambda draft: _write_frame(frame, draft, ending))


def _write_frame(frame: pd.DataFrame, path: Path, ending: str) -> None:
    try:
        named = any(name is not None for name in frame.index.names)
        flat = frame.reset_index() if named else frame
        if ending == ".json":
            flat.to_json(path, orient="records", indent=1, force_ascii=False, double_precision=15)
        elif ending == ".parquet":
            flat.to_parquet(path, index=False)
        elif ending == ".csv":
            safe = without_formulas(flat)
            safe.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
        else:
            write_workbook({"Sheet1": flat}, path)
    except OSError:
        raise
    except Exception as error:
        # Each writer has its own errors for text or types that its format does not know.
        message = f"a {ending} file cannot hold this table: {error}"
        raise OSError(message) from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
