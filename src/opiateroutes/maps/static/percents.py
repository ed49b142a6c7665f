"""How percentages are written, on maps and in reports: one convention for each language."""

from __future__ import annotations

import functools

from babel import Locale
from babel.numbers import format_percent

__all__ = ["percent"]

_MINUS = "\N{MINUS SIGN}"
_TEN_PERCENT = 0.0995  # rounds to ten percent


def percent(share: float, language: str = "en", *, digits: int | None = None) -> str:
    r"""Write a share as percent, with or without a space before the sign as the language has it.

    Parameters
    ----------
    share
        1 is all.
    language
        A language that Babel knows.
    digits
        Behind the point; by default one below ten percent and none above, since an estimate with
        a wide interval has no third digit worth printing.

    Examples
    --------
    >>> percent(0.2049), percent(0.0428), percent(0.07, "fr"), percent(-0.2, "fr")
    ('20%', '4.3%', '7,0\xa0%', '−20\xa0%')
    """
    if digits is None:
        digits = 1 if abs(share) < _TEN_PERCENT else 0
    # Rounded first: a share that rounds to nothing has no sign.
    rounded = round(share, digits + 2) + 0.0
    pattern = _whole(language).replace("#,##0", "#,##0." + "0" * digits if digits else "#,##0")
    return format_percent(rounded, pattern, locale=language).replace("-", _MINUS)


@functools.cache
def _whole(language: str) -> str:
    """Return the pattern of the language for whole percentages."""
    return str(Locale.parse(language).percent_formats[None].pattern)
