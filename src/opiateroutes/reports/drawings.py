"""Drawings with no more digits and points than paper can show, so that a page can be mailed."""

from __future__ import annotations

import re

__all__ = ["slim_svg"]

_DEFINED = re.compile(r"(<defs>.*?</defs>)", re.DOTALL)
_PATH = re.compile(r'(?<= d=")[^"]*')
_LINE = re.compile(r"([ML]) (\S+) (\S+)")
_TOLERANCE_PT = 0.7


def slim_svg(svg: bytes, *, tolerance_pt: float = _TOLERANCE_PT) -> bytes:
    """Round coordinates to a tenth of a point and leave out points next to each other.

    Coastlines are drawn far finer than a printer prints; letters and markers, which a drawing
    defines once, stay as they are.

    Parameters
    ----------
    svg
        A drawing as matplotlib writes it, in points of 1/72 inch.
    tolerance_pt
        Points nearer than this to the one before, in both directions, are left out; the ends of a
        line stay. 0.7 by default: where a sheet in landscape fills the width of a page in
        portrait, an eighth of a millimetre.

    Returns
    -------
    bytes
        The same drawing, about a quarter as large.

    Examples
    --------
    >>> slim_svg(b'<path d="M 1.23456 2.0 L 1.3 2.1 L 9.87654 8.0 z"/>')
    b'<path d="M1.2 2L9.9 8z"/>'
    """
    parts = _DEFINED.split(svg.decode())
    parts[::2] = [
        _PATH.sub(lambda found: _slim(found[0], tolerance_pt), part) for part in parts[::2]
    ]
    return "".join(parts).encode()


def _slim(path: str, tolerance: float) -> str:
    """Thin runs of straight lines; a path with curves keeps all its points."""
    words = path.split()
    if set(filter(str.isalpha, words)) - {"M", "L", "z"}:
        return " ".join(_rounded(word) for word in words)
    out: list[str] = []
    for run in re.split(r"(?=M )", " ".join(words)):
        points = [(float(x), float(y)) for _, x, y in _LINE.findall(run)]
        if not points:
            continue
        kept = [points[0]]
        for x, y in points[1:-1]:
            if max(abs(x - kept[-1][0]), abs(y - kept[-1][1])) >= tolerance:
                kept.append((x, y))
        kept += points[-1:] if len(points) > 1 else []
        first, *rest = (f"{_short(x)} {_short(y)}" for x, y in kept)
        out.append(f"M{first}" + (f"L{' '.join(rest)}" if rest else ""))
        out += ["z"] if run.rstrip().endswith("z") else []
    return "".join(out)


def _rounded(word: str) -> str:
    return word if word.isalpha() else _short(float(word))


def _short(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")
