"""The one place that knows where the shipped data lies.

A wheel carries ``data/geo`` and ``data/evidence`` inside the package; an editable install does not,
there the same folders lie at the top of the repository.
"""

from __future__ import annotations

from pathlib import Path

from opiateroutes.errors import DataFileError

__all__ = ["data_path"]

_IN_WHEEL = Path(__file__).resolve().parent
_IN_REPOSITORY = _IN_WHEEL.parents[2] / "data"


def data_path(name: str) -> Path:
    """Locate a shipped file.

    Parameters
    ----------
    name
        Path inside the data folder, with forward slashes, for example ``"evidence/seizures.csv"``.

    Returns
    -------
    pathlib.Path
        An existing file or folder.

    Raises
    ------
    DataFileError
        If neither the installed package nor the repository has it.

    Examples
    --------
    >>> data_path("evidence/sources.csv").name
    'sources.csv'
    """
    for folder in (_IN_WHEEL, _IN_REPOSITORY):
        candidate = folder / name
        if candidate.exists():
            return candidate
    raise DataFileError(
        f"data file {name!r} is missing from this installation: install opiateroutes again, "
        "or work from a full clone of the repository"
    )
