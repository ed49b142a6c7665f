"""Sentences, numbers and place names of a report in one language.

A sentence is written in English where it is used and is its own key in the catalogue of every other
language, ``locale/<language>.po``, as gettext does it. Names and numbers go in by name, so that a
translator may move them.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.maps.static.percents import percent
from opiateroutes.units import KG_PER_TONNE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LANGUAGES", "Wording", "wording"]

LANGUAGES: tuple[str, ...] = ("en", "fr")
"""Languages in which reports can be written."""

_SOURCE = "en"
_MINUS = "\u2212"
_SURE, _FINEST_KG = 0.995, 0.001


@dataclass(frozen=True)
class Wording:
    """How one language says things; make one with `wording`.

    Parameters
    ----------
    language
        One of `LANGUAGES`.
    messages
        Translation by English sentence; empty for English.
    """

    language: str
    messages: Mapping[str, str]

    @property
    def direction(self) -> str:
        """``"ltr"`` or ``"rtl"``."""
        return "rtl" if Locale.parse(self.language).text_direction == "rtl" else "ltr"

    def say(self, message: str, /, **values: object) -> str:
        """Say a sentence.

        Parameters
        ----------
        message
            The sentence in English, with ``{names}`` where values go.
        **values
            Text or whole numbers to put in.

        Returns
        -------
        str
            The sentence in this language.

        Raises
        ------
        UnknownNameError
            If the catalogue of the language lacks the sentence.

        Examples
        --------
        >>> wording("fr").say("Sources")
        'Sources'
        """
        if self.language != _SOURCE:
            if message not in self.messages:
                raise UnknownNameError(
                    f"the catalogue reports/locale/{self.language}.po lacks {message!r}: add it"
                )
            message = self.messages[message]
        return message.format(**values) if values else message

    def percent(self, share: float) -> str:
        r"""Write a share as percent: to a tenth below ten percent, else whole.

        An estimate with a wide interval has no third digit worth printing.

        Examples
        --------
        >>> wording().percent(0.2049), wording().percent(0.0428), wording("fr").percent(0.0428)
        ('20%', '4.3%', '4,3\xa0%')
        """
        return self._percent(share)

    def probability(self, share: float) -> str:
        """Write a share of draws as a probability, never as certain.

        Examples
        --------
        >>> wording().probability(0.5), wording().probability(1.0), wording().probability(0.0)
        ('50%', 'over 99%', 'under 1%')
        """
        if share > _SURE:
            return self.say("over {share}", share=self._percent(0.99, 0))
        if share < 1.0 - _SURE:
            return self.say("under {share}", share=self._percent(0.01, 0))
        return self._percent(share, 0)

    def number(self, value: float, *, digits: int = 0) -> str:
        """Write a number with so many digits behind the point.

        Examples
        --------
        >>> wording().number(1234.5), wording("fr").number(0.25, digits=2)
        ('1,234', '0,25')
        """
        if math.isnan(value):
            return self.say("not known")
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value + 0.0, pattern, locale=self.language)

    def weight(self, quantity_kg: float) -> str:
        r"""Write a weight with three significant digits, in kilograms or tonnes.

        As `opiateroutes.units.format_kg` does, but number and unit stay on one line.

        Examples
        --------
        >>> wording().weight(375_000.0), wording("fr").weight(1234.0), wording().weight(0.0002)
        ('375\xa0t', '1,23\xa0t', 'less than 0.001\xa0kg')
        """
        size = float(f"{abs(quantity_kg):.3g}")
        if 0 < size < _FINEST_KG:
            return self.say(
                "less than {weight}", weight=f"{self.number(_FINEST_KG, digits=3)}\xa0kg"
            )
        unit, value = (
            ("t", quantity_kg / KG_PER_TONNE) if size >= KG_PER_TONNE else ("kg", quantity_kg)
        )
        if math.isnan(value) or value == 0:
            return self.number(value) + (f"\xa0{unit}" if value == 0 else "")
        digits = min(3, max(0, 2 - math.floor(math.log10(float(f"{abs(value):.3g}")))))
        text = format_decimal(round(value, digits), "#,##0.###", locale=self.language)
        return f"{text}\xa0{unit}".replace("-", _MINUS)

    def change(self, quantity_kg: float) -> str:
        r"""Write a change of a weight with its sign.

        Examples
        --------
        >>> wording().change(1500.0), wording().change(-20.0)
        ('+1.5\xa0t', '\u221220\xa0kg')
        """
        return ("+" if quantity_kg > 0 else "") + self.weight(quantity_kg)

    def interval(self, low: str, high: str) -> str:
        """Join the ends of an interval.

        Examples
        --------
        >>> wording("fr").interval("1 t", "2 t")
        '1 t à 2 t'
        """
        return self.say("{low} to {high}", low=low, high=high)

    def _percent(self, share: float, digits: int | None = None) -> str:
        if math.isnan(share):
            return self.say("not known")
        return percent(share, self.language, digits=digits)


@functools.cache
def wording(language: str = "en") -> Wording:
    """Load the sentences of a language.

    Parameters
    ----------
    language
        One of `LANGUAGES`; English by default.

    Returns
    -------
    Wording
        Its sentences and numbers.

    Raises
    ------
    UnknownNameError
        If reports cannot be written in that language.

    Examples
    --------
    >>> wording("fr").direction
    'ltr'
    """
    if language not in LANGUAGES:
        raise UnknownNameError(
            f"no report in language {language!r}{nearest(language, LANGUAGES)}; there are "
            f"{', '.join(LANGUAGES)}"
        )
    if language == _SOURCE:
        return Wording(language, MappingProxyType({}))
    file = resources.files("opiateroutes.reports") / "locale" / f"{language}.po"
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    messages = {
        str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string
    }
    return Wording(language, MappingProxyType(messages))
