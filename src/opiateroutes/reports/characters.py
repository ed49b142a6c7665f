"""Characters that no document may hold."""

from __future__ import annotations

import re

__all__ = ["printable"]

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    r"""Leave out what XML forbids: control characters and halves of characters.

    Parameters
    ----------
    text
        Any text, such as a name from somebody's table.

    Returns
    -------
    str
        The text without them; tabs and ends of lines stay.

    References
    ----------
    .. [1] W3C (2008), Extensible Markup Language (XML) 1.0, fifth edition, production 2 (Char).

    Examples
    --------
    >>> printable("Tor\x00kham")
    'Torkham'
    """
    return _FORBIDDEN.sub("", text)
