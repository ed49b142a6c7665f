"""Records of several years as one compact table: what never changes once, the rest as columns.

A page of nineteen years as plain records would repeat every name, reason and note nineteen times.
``assets/frames.js`` turns a frame back into records.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pack_table"]


def pack_table(frames: Sequence[Sequence[dict[str, Any]]], keys: Sequence[str]) -> dict[str, Any]:
    """Pack the records of one table over several frames.

    Parameters
    ----------
    frames
        The records of each frame; JSON values. A field that a record does not have is as good as
        None.
    keys
        Fields that tell which records are the same thing in several frames; at most one record of
        a frame has the same.

    Returns
    -------
    dict
        ``count`` of things; ``fixed``: columns of fields that are the same in all frames, one entry
        for each thing; ``of``: for fields whose values repeat, the distinct ones; ``frames``: which
        things a frame has (``rows``, or ``without`` where that is shorter; ascending) and its
        columns, positions in ``of`` where there is one.

    Raises
    ------
    ValueError
        If a frame has two records of the same thing.

    Examples
    --------
    >>> packed = pack_table([[{"id": "a", "kg": 1}], [{"id": "a", "kg": 2}]], ["id"])
    >>> packed["fixed"], packed["frames"]
    ({'id': ['a']}, [{'without': [], 'kg': [1]}, {'without': [], 'kg': [2]}])
    """
    things: dict[str, int] = {}
    placed: list[list[tuple[int, dict[str, Any]]]] = []
    for records in frames:
        at = [things.setdefault(_text([r[key] for key in keys]), len(things)) for r in records]
        if len(set(at)) < len(at):
            raise ValueError(f"a frame has two records with the same {', '.join(keys)}")
        placed.append(sorted(zip(at, records, strict=True), key=lambda pair: pair[0]))
    fields = dict.fromkeys(name for records in frames for r in records for name in r)
    packed: dict[str, Any] = {"count": len(things), "fixed": {}, "of": {}}
    packed["frames"] = [_rows([at for at, _ in pairs], len(things)) for pairs in placed]
    for field in fields:
        columns = [[record.get(field) for _, record in pairs] for pairs in placed]
        fixed = _fixed(columns, placed, len(things))
        if fixed is not None:
            columns = [fixed]
        distinct = _distinct(columns)
        if distinct is not None:
            packed["of"][field] = [json.loads(text) for text in distinct]
            columns = [[distinct[_text(value)] for value in column] for column in columns]
        if fixed is not None:
            packed["fixed"][field] = columns[0]
            continue
        for frame, column in zip(packed["frames"], columns, strict=True):
            frame[field] = column
    return packed


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _rows(rows: list[int], count: int) -> dict[str, Any]:
    """Name the things of a frame by those it has or by those it lacks, whichever are fewer."""
    present = set(rows)
    without = [thing for thing in range(count) if thing not in present]
    return {"rows": rows} if len(rows) < len(without) else {"without": without}


def _fixed(
    columns: list[list[Any]], placed: list[list[tuple[int, dict[str, Any]]]], count: int
) -> list[Any] | None:
    """Return one value a thing if no thing has two, else None."""
    values: list[Any] = [None] * count
    known: dict[int, str] = {}
    for column, pairs in zip(columns, placed, strict=True):
        for value, (thing, _) in zip(column, pairs, strict=True):
            text = _text(value)
            if known.setdefault(thing, text) != text:
                return None
            values[thing] = value
    return values


def _distinct(columns: list[list[Any]]) -> dict[str, int] | None:
    """Give the distinct values numbers, if these are shorter to write than the values."""
    texts = [_text(value) for column in columns for value in column]
    numbers = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    coded = sum(map(len, numbers)) + sum(len(str(numbers[text])) for text in texts)
    return numbers if coded < sum(map(len, texts)) else None
