"""Text of a printed map: measured from the font itself, wrapped, and never read as a formula."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from opiateroutes.maps.static.styles import INK, font

if TYPE_CHECKING:
    from matplotlib.transforms import Transform

__all__ = ["LINE_SPACING", "make_text", "text_size", "two_lines", "wrapped"]

LINE_SPACING = 1.22
_LONG = 15


@lru_cache(maxsize=8192)
def text_size(text: str, size: float, *, bold: bool = False) -> tuple[float, float]:
    """Width and height of a text in points, whatever the resolution of the picture.

    Examples
    --------
    >>> wide, narrow = text_size("Kabul", 8), text_size("Kabul", 4)
    >>> round(wide[0] / narrow[0], 3)
    2.0
    """
    lines = text.split("\n")
    prop = font(size, bold=bold)
    width = max(text_to_path.get_text_width_height_descent(line, prop, False)[0] for line in lines)
    return float(width), size * LINE_SPACING * len(lines)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Break a text into lines of at most a width in points.

    Examples
    --------
    >>> wrapped("one two three", 40, 8)
    ['one two', 'three']
    """
    lines: list[str] = []
    line = ""
    # Not at spaces that bind: an amount stays with its unit.
    for word in filter(None, text.split(" ")):
        longer = f"{line} {word}".strip()
        if line and text_size(longer, size)[0] > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def two_lines(text: str) -> str:
    r"""Break a long name once, at the space that makes both lines most alike.

    Examples
    --------
    >>> two_lines("Bosnia and Herzegovina"), two_lines("Rozanak – Shamtigh")
    ('Bosnia and\nHerzegovina', 'Rozanak –\nShamtigh')
    """
    # A dash ends the first line rather than to begin the second.
    spaces = [found.start() for found in re.finditer(r" (?!–)", text)]
    if len(text) <= _LONG or not spaces:
        return text
    best = min(spaces, key=lambda k: (abs(len(text) - 1 - 2 * k), k))
    return f"{text[:best]}\n{text[best + 1 :]}"


def make_text(
    place: tuple[float, float],
    text: str,
    size: float,
    transform: Transform,
    *,
    colour: str = INK,
    bold: bool = False,
    italic: bool = False,
    halo: str | None = None,
    clip: bool = False,
    **more: Any,
) -> Text:
    """Make a text artist; dollar signs in a name stay dollar signs.

    Examples
    --------
    >>> from matplotlib.transforms import IdentityTransform
    >>> make_text((0, 0), "$x$", 8, IdentityTransform()).get_parse_math()
    False
    """
    artist = Text(
        *place,
        text,
        color=colour,
        fontproperties=font(size, bold=bold, italic=italic),
        linespacing=LINE_SPACING,
        parse_math=False,
        usetex=False,
        transform=transform,
        **more,
    )
    if halo is not None:
        artist.set_path_effects([withStroke(linewidth=2.0, foreground=halo)])
    artist.set_clip_on(clip)
    artist.set_in_layout(False)
    return artist
