"""All-or-nothing: every figure is served along the cheapest route from the supply.

References
----------
.. [1] Sheffi, Y. (1985), Urban Transportation Networks, ch. 5: all-or-nothing assignment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.flows.baselines.cheapest_plan import cheapest_plan
from opiateroutes.flows.baselines.orders import orders_of

if TYPE_CHECKING:
    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.baselines.assigned import Assigned
    from opiateroutes.flows.binding.bind import Bound

__all__ = ["shortest_path"]


def shortest_path(bound: Bound, evidence: Evidence) -> Assigned:
    """Assign all orders to cheapest routes.

    With one supply that is all-or-nothing assignment; with several it is the plan that serves all
    orders at least cost. The cost of a leg is ``-ln`` of its weight in the path measure: its cost
    in nats and what interception takes off at its start. Of routes that cost the same, one is taken
    (parallel legs too).

    Parameters
    ----------
    bound
        The bound problem.
    evidence
        Its evidence.

    Returns
    -------
    Assigned
        Flows in balance; the gap is that of the linear program.
    """
    return cheapest_plan(bound.measure, orders_of(bound, evidence))
