"""The chokepoint report: what an officer takes into a meeting, with intervals and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.reports.chokepoints.material import gather
from opiateroutes.reports.chokepoints.method import limits_section, method_section
from opiateroutes.reports.chokepoints.pictures import map_section
from opiateroutes.reports.chokepoints.pressure import pressure_section
from opiateroutes.reports.chokepoints.ranking import ranking_section
from opiateroutes.reports.chokepoints.sets import sets_section
from opiateroutes.reports.chokepoints.sources import (
    provenance_of,
    provenance_section,
    sources_section,
)
from opiateroutes.reports.chokepoints.stability import stability_section
from opiateroutes.reports.chokepoints.summary import summary_section
from opiateroutes.reports.document import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opiateroutes.chokepoints import Chokepoints
    from opiateroutes.flows import FlowEnsemble, FlowFit

__all__ = ["chokepoint_report"]

_SECTIONS = (
    summary_section,
    map_section,
    ranking_section,
    stability_section,
    pressure_section,
    sets_section,
    method_section,
    limits_section,
    sources_section,
    provenance_section,
)


def chokepoint_report(
    result: FlowFit | FlowEnsemble,
    *,
    found: Chokepoints | None = None,
    effort: float = 0.5,
    reactions: Sequence[float] = (0.0, 1.0, 2.0, 4.0),
    best_budgets: Sequence[int] = (1, 2, 3),
    top: int = 5,
    language: str = "en",
) -> Report:
    """Write the chokepoint report of an estimate.

    Summary, map, ranked table, what would change the order, where the pressure would go, best sets,
    method, limits, sources and provenance. Sentences say "estimated" and "would", and each figure
    has its interval.

    Parameters
    ----------
    result
        An ensemble; or a fit: then drops have no intervals and nothing is ranked, because a rank
        without its stability would be overstated.
    found
        Chokepoints of the same result, of nodes or groups; found here by default. If they are
        given, their effort, reactions and number of first places hold.
    effort
        Share stopped in addition at each visit, 0 to 1; 0.5 by default.
    reactions
        How strongly traffickers go round it; (0, 1, 2, 4) by default. Order, sets and displacement
        are those of the smallest one above 0.
    best_budgets
        Sizes of sets to choose; (1, 2, 3) by default.
    top
        How many places count as the first; 5 by default.
    language
        One of `opiateroutes.reports.LANGUAGES`; ``"en"`` by default.

    Returns
    -------
    Report
        The document; its ``save`` writes it as HTML, PDF, Word document or workbook.

    Raises
    ------
    UnknownNameError
        If there are no reports in that language; the message names those that there are.
    ValueError
        If nothing moves, or ``found`` ranks anything but places.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> ens = opr.sample_flows(opr.load_network(), opr.load_evidence(2008), draws=8)
    >>> chokepoint_report(ens, best_budgets=(1,), language="fr").sections[0].title
    'Résumé'
    """
    material = gather(
        result,
        found=found,
        effort=effort,
        reactions=reactions,
        best_budgets=best_budgets,
        top=top,
        language=language,
    )
    words = material.words
    return Report(
        title=words.say("Chokepoints of Afghan opiate routes, {year}", year=material.year),
        subtitle=words.say(
            "Estimated effect of extra enforcement when traffickers go round it. Resolution: "
            "{level}. Estimates with 90% intervals, not observations.",
            level=_level(material.fit.network.meta.get("level"), words.say),
        ),
        language=language,
        sections=tuple(section(material) for section in _SECTIONS),
        provenance=provenance_of(material),
    )


def _level(level: object, say: Callable[[str], str]) -> str:
    names = {"countries": say("countries"), "crossings": say("crossings, ports and cities")}
    return names.get(str(level), str(level or say("own network")))
