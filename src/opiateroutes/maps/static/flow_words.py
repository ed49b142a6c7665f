"""Words of the maps of flows: every fixed string in one place, by language.

Names go in by name, so that a translation may move them. A further language is one more entry of
`WORDS` with the same keys, and of `NOTICE` for what stands under every map. The notices in French
are working translations, not official texts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.maps.static.percents import percent
from opiateroutes.units import KG_PER_TONNE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NOTICE", "WORDS", "Words", "words_in"]

_THREE_DIGITS, _FINEST_KG = 3, 0.001
_MINUS, _BINDING = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"

_EN = {
    "flows": "Estimated opiate flows",
    "change": "Estimated change of opiate flows if enforcement grows: {names}",
    "change_anywhere": "Estimated change of opiate flows if enforcement grows",
    "in_year": "{title}, {year}",
    "several_years": "several years",
    "measure_heroin equivalent": "heroin equivalent",
    "estimate": "Estimates, {measure}, {year}",
    "drawn": "{shown} of {all} flows drawn, the largest: {share} of the quantity moved",
    "drawn_all": "all {all} flows drawn",
    "drawn_changes": "{shown} of {all} changes drawn, the largest: {share} of all change",
    "drawn_all_changes": "all {all} changes drawn",
    "nothing": "nothing moves in this estimate",
    "nothing_changes": "no flow changes in this estimate",
    "assumed": "Assumed: {effort} of what passes is stopped in addition",
    "assumed_reaction": "traffickers go round it (reaction {reaction})",
    "examples": "Largest flows, with 90% interval: {examples}.",
    "example_changes": "Largest changes, with 90% interval: {examples}.",
    "examples_plain": "Largest flows, intervals not known: {examples}.",
    "example_changes_plain": "Largest changes, intervals not known: {examples}.",
    "example": "{start} → {end} {amount} ({low} to {high})",
    "example_plain": "{start} → {end} {amount}",
    "between_examples": "; ",
    "together": "Places nearer than {length} mm are drawn as one, their intervals added up.",
    "short": "Too short to draw: {count}",
    "outside": "Ends outside the map: {names}",
    "published": "Figures behind the estimates: {publishers}.",
    "and_one_more": "{names} and {count} more",
    "and_more": "{names} and {count} more",
    "and_assumptions": "{names}, and assumptions",
    "amounts": "Width: {measure} a year",
    "changes": "Width: change, {measure} a year",
    "thinnest": "Less than {amount}",
    "rests": "Rests mostly on",
    "route": "{name} route",
    "route_Balkan": "Balkan route",
    "route_Northern": "Northern route",
    "route_Southern": "Southern route",
    "route_Caucasus": "Caucasus route",
    "route_shared": "Shared by several routes",
    "route_none": "No named route",
    "evidence": "evidence",
    "model": "the model (dashed)",
    "gain": "Flow grows",
    "loss": "Dashed: flow shrinks",
    "unsure": "Pale: 90% interval includes no change",
    "no_interval": "Intervals of the changes are not known",
    "enforced": "Enforcement grows here",
    "chokepoints_extra": "Chokepoints: extra dispatch that meets demand if {effort} more is "
    "stopped there, reaction {reaction}",
    "chokepoints_drop": "Chokepoints: drop of the quantity delivered if {effort} more is "
    "stopped there, reaction {reaction}",
    "chokepoints_ranked": "{text} (90% interval)",
    "chokepoints_unranked": "{text}; letters are not ranks",
    "drop": "{name}: {drop} ({low} to {high})",
    "drop_plain": "{name}: {drop}",
    "international": "International boundary",
    "undetermined": "Undetermined boundary",
    "administrative": "Administrative line",
    "line_of_control": "Line of Control",
    "scale": "{length} km (true at the centre)",
    "places": "{count} places",
    "projection": "Projection: Lambert azimuthal equal-area about {lat}, {lon}.",
    "network": "Network: {licence}.",
    "notice_elsewhere": "Notice on disputed places in full: see the document around this map.",
    "N": "N",
    "S": "S",
    "E": "E",
    "W": "W",
}

_FR = {
    "flows": "Flux estimatifs d’opiacés",
    "change": "Variation estimative des flux d’opiacés si la répression se renforce : {names}",
    "change_anywhere": "Variation estimative des flux d’opiacés si la répression se renforce",
    "in_year": "{title}, {year}",
    "several_years": "plusieurs années",
    "measure_heroin equivalent": "équivalent héroïne",
    "estimate": "Estimations, {measure}, {year}",
    "drawn": "{shown} flux dessinés sur {all}, les plus grands : {share} des quantités",
    "drawn_all": "les {all} flux sont tous dessinés",
    "drawn_changes": "{shown} variations dessinées sur {all}, les plus grandes : {share} du total",
    "drawn_all_changes": "les {all} variations sont toutes dessinées",
    "nothing": "rien ne circule dans cette estimation",
    "nothing_changes": "aucun flux ne varie dans cette estimation",
    "assumed": "Hypothèse : {effort} de ce qui passe est intercepté en plus",
    "assumed_reaction": "les trafiquants le contournent (réaction {reaction})",
    "examples": "Plus grands flux, avec intervalle à 90 % : {examples}.",
    "example_changes": "Plus grandes variations, avec intervalle à 90 % : {examples}.",
    "examples_plain": "Plus grands flux, intervalles non connus : {examples}.",
    "example_changes_plain": "Plus grandes variations, intervalles non connus : {examples}.",
    "example": "{start} → {end} {amount} ({low} à {high})",
    "example_plain": "{start} → {end} {amount}",
    "between_examples": " ; ",
    "together": "Les lieux à moins de {length} mm sont réunis, leurs intervalles additionnés.",
    "short": "Trop courts pour être dessinés : {count}",
    "outside": "Finissent hors de la carte : {names}",
    "published": "Chiffres à la base des estimations : {publishers}.",
    "and_one_more": "{names} et {count} autre",
    "and_more": "{names} et {count} autres",
    "and_assumptions": "{names}, et des hypothèses",
    "amounts": "Largeur : {measure} par an",
    "changes": "Largeur : variation, {measure} par an",
    "thinnest": "Moins de {amount}",
    "rests": "Repose surtout sur",
    "route": "Route {name}",
    "route_Balkan": "Route des Balkans",
    "route_Northern": "Route du Nord",
    "route_Southern": "Route du Sud",
    "route_Caucasus": "Route du Caucase",
    "route_shared": "Commun à plusieurs routes",
    "route_none": "Sans route nommée",
    "evidence": "des données",
    "model": "le modèle (tirets)",
    "gain": "Le flux augmente",
    "loss": "Tirets : le flux diminue",
    "unsure": "Pâle : l’intervalle à 90 % comprend zéro",
    "no_interval": "Les intervalles des variations ne sont pas connus",
    "enforced": "La répression se renforce ici",
    "chokepoints_extra": "Points de passage obligés : envois en plus pour livrer autant si "
    "{effort} de plus y est intercepté, réaction {reaction}",
    "chokepoints_drop": "Points de passage obligés : baisse des quantités livrées si {effort} de "
    "plus y est intercepté, réaction {reaction}",
    "chokepoints_ranked": "{text} (intervalle à 90 %)",
    "chokepoints_unranked": "{text} ; lettres sans valeur de rang",
    "drop": "{name} : {drop} ({low} à {high})",
    "drop_plain": "{name} : {drop}",
    "international": "Frontière internationale",
    "undetermined": "Frontière non déterminée",
    "administrative": "Limite administrative",
    "line_of_control": "Ligne de contrôle",
    "scale": "{length} km (exact au centre)",
    "places": "{count} lieux",
    "projection": "Projection azimutale équivalente de Lambert, centrée sur {lat}, {lon}.",
    "network": "Réseau : {licence}.",
    "notice_elsewhere": "Notice complète sur les lieux contestés : voir le document qui "
    "contient cette carte.",
    "N": "N",
    "S": "S",
    "E": "E",
    "W": "O",
}


def _bound(text: str) -> str:
    """Bind the marks that French sets off to the word before them."""
    return re.sub(" (?=[:;?!%])", _BINDING, text)


WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": MappingProxyType(_EN),
        "fr": MappingProxyType({key: _bound(text) for key, text in _FR.items()}),
    }
)
"""Fixed strings by language and key; every language has the same keys."""

NOTICE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "fr": MappingProxyType(
            {
                "The boundaries": "Les frontières et les noms indiqués ainsi que les désignations "
                "employées sur cette carte n’impliquent ni reconnaissance ni acceptation "
                "officielle par une quelconque autorité. Cette carte n’est pas un produit de "
                "l’Organisation des Nations Unies.",
                "Dotted line": "La ligne pointillée représente approximativement la Ligne de "
                "contrôle au Jammu-et-Cachemire convenue par l’Inde et le Pakistan. Les parties "
                "ne se sont pas encore entendues sur le statut définitif du "
                "Jammu-et-Cachemire.",
                "References to Kosovo": "Toute mention du Kosovo doit s’entendre dans le contexte "
                "de la résolution 1244 (1999) du Conseil de sécurité.",
                "Final boundary": "La frontière définitive entre la République du Soudan et la "
                "République du Soudan du Sud n’a pas encore été déterminée. Le statut définitif "
                "de la zone d’Abyei n’est pas encore déterminé.",
                "A dispute": "Un différend oppose les Gouvernements de l’Argentine et du "
                "Royaume-Uni de Grande-Bretagne et d’Irlande du Nord au sujet de la souveraineté "
                "sur les îles Falkland (Malvinas).",
                "Dashed lines": "Les tirets sont des frontières qui ne sont pas convenues ou pas "
                "déterminées\u00a0; les frontières ne suivent qu’approximativement la pratique des "
                "Nations Unies.",
                "Base map": "Fond de carte\u00a0: Natural Earth 4.1, généralisé. Les tronçons et "
                "les postes frontière contiennent des informations d’OpenStreetMap, (c) les "
                "contributeurs d’OpenStreetMap, ODbL 1.0. Villes\u00a0: GeoNames, CC BY 4.0.",
                "Arrows link": "Les flèches relient des pays, ou des lieux de ces pays, et ne sont "
                "pas des itinéraires de trafic.",
            }
        )
    }
)
"""The shipped notice by language: how a paragraph begins in English -> the whole paragraph."""


@dataclass(frozen=True)
class Words:
    """How one language says things on a map; make one with `words_in`.

    Attributes
    ----------
    language
        One of the keys of `WORDS`.
    """

    language: str

    def say(self, key: str, /, **values: object) -> str:
        """Say a fixed string.

        Examples
        --------
        >>> words_in("fr").say("in_year", title="Carte", year=2010)
        'Carte, 2010'
        """
        return WORDS[self.language][key].format(**values)

    def knows(self, key: str) -> bool:
        """Tell whether there is such a string.

        Examples
        --------
        >>> words_in().knows("route_Balkan"), words_in().knows("route_Baltic")
        (True, False)
        """
        return key in WORDS[self.language]

    def kg(self, kilograms: float, *, signed: bool = False) -> str:
        r"""Write a weight with three digits, in kilograms or tonnes.

        Examples
        --------
        >>> words_in().kg(172_611.4), words_in("fr").kg(9_500), words_in().kg(-12.34, signed=True)
        ('173\xa0t', '9,5\xa0t', '−12.3\xa0kg')
        """
        size = float(f"{abs(kilograms):.{_THREE_DIGITS}g}")
        sign = (_MINUS if kilograms < 0 else "+" * signed) if size else ""
        unit = "t" if size >= KG_PER_TONNE else "kg"
        value = size / KG_PER_TONNE if unit == "t" else max(size, _FINEST_KG * bool(size))
        decimals = 0 if value == 0 else max(0, _THREE_DIGITS - 1 - math.floor(math.log10(value)))
        pattern = "#,##0." + "#" * decimals
        number = format_decimal(value, pattern, locale=self.language)
        return f"{sign}{number}{_BINDING}{unit}"

    def percent(self, share: float) -> str:
        r"""Write a share as percent: to a tenth below ten percent, else whole.

        Examples
        --------
        >>> words_in().percent(0.2049), words_in("fr").percent(0.0428)
        ('20%', '4,3\xa0%')
        """
        return percent(share, self.language)

    def number(self, value: float) -> str:
        """Write a number with the separators of the language.

        Examples
        --------
        >>> words_in().number(5000), words_in("fr").number(0.5)
        ('5,000', '0,5')
        """
        return format_decimal(value, "#,##0.##", locale=self.language)


def words_in(language: str = "en") -> Words:
    """Return the words of a language.

    Parameters
    ----------
    language : str, default "en"
        One of the keys of `WORDS`.

    Returns
    -------
    Words

    Raises
    ------
    UnknownNameError
        If there are no words in that language.

    Examples
    --------
    >>> words_in("fr").say("flows")
    'Flux estimatifs d’opiacés'
    """
    if language not in WORDS:
        raise UnknownNameError(
            f"no words for maps in language {language!r}{nearest(language, list(WORDS))}; "
            f"there are {', '.join(WORDS)}"
        )
    return Words(language)
