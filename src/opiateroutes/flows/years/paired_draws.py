"""Draws of several years that share what the years share: costs, prior rates, noise of the legs.

Each input has a stream of numbers of its own, found by its name. Draw ``k`` of two years then has
the same numbers for what is the same in both, whatever else either of them has; figures of a year
have streams of their own, but for the part of a supply whose cause is the same in all years
(``Evidence.shared``: such as the opium that a kilogram of heroin takes). In the change from one
year to the other what is shared cancels: common random numbers [1]_.

References
----------
.. [1] Glasserman, P., Yao, D. D. (1992), "Some guidelines and guarantees for common random
   numbers", Management Science 38(6), 884-908.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from opiateroutes.flows.ensemble.draws import Draws
from opiateroutes.flows.ensemble.executing import solved
from opiateroutes.flows.ensemble.sample import sample_flows

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
    from opiateroutes.flows.ensemble.inputs import Inputs
    from opiateroutes.network import RouteNetwork

__all__ = ["PairedDraws", "sample_paired"]

_BLOCK = 256
"""Draws of a stream that are made at once: chunks of any width, a power of 2, fit into it."""

_FEWEST = 2


@dataclass(frozen=True, eq=False)
class PairedDraws(Draws):
    """Draws whose numbers hang on the names of the inputs, not on their places.

    Parameters
    ----------
    own
        What sets the supply and the figures apart from those of other draws, such as the year.
    causes
        Causes of error that supplies share with those of other draws.
    loads
        Shape ``(sources, causes)``: correlation of each supply with each cause, at most 1 together.
    """

    own: str
    causes: tuple[str, ...]
    loads: NDArray[np.float64]

    def numbers(self, start: int) -> NDArray[np.float64]:
        """Return the standard normal numbers of one chunk, shape ``(inputs, width)``."""
        block, skip = divmod(start, _BLOCK)

        def stream(name: str) -> NDArray[np.float64]:
            whole = np.random.default_rng([self.seed, block, *_words(name)])
            return whole.standard_normal(_BLOCK)[skip : skip + self.width]

        return self._by_name(stream)

    def again(self, index: int, attempt: int) -> NDArray[np.float64]:
        """Return the numbers of a draw that is taken again, shape ``(inputs,)``."""

        def stream(name: str) -> NDArray[np.float64]:
            one = np.random.default_rng([self.seed, index, attempt, *_words(name)])
            return one.standard_normal(1)

        return self._by_name(stream)[:, 0]

    def _by_name(self, stream: Callable[[str], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Put the numbers of all inputs together; those of figures go by the year too."""
        inputs, sources = self.inputs, len(self.inputs.supply_kg)
        figures = {*inputs.names[:sources], *inputs.rows.names.tolist()}
        names = [f"{self.own}\n{n}" if n in figures else n for n in inputs.names]
        found = np.array([stream(name) for name in names])
        alone = np.sqrt(np.maximum(1.0 - (self.loads**2).sum(axis=1), 0.0))
        found[:sources] *= alone[:, None]
        for cause, load in zip(self.causes, self.loads.T, strict=True):
            found[:sources] += load[:, None] * stream(f"cause:{cause}")
        return found


def _words(text: str) -> tuple[int, ...]:
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return tuple(np.frombuffer(digest, dtype="<u4").tolist())


def _supply_causes(inputs: Inputs, shared: pd.DataFrame) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Return how supplies hang on causes that are the same in all years."""
    sources = list(inputs.names[: len(inputs.supply_kg)])
    table = shared[shared["row"].isin(sources)]
    loads = table.pivot_table(index="row", columns="cause", values="relative_sd", aggfunc="sum")
    log_sd = np.sqrt(np.log1p(loads.reindex(sources).fillna(0.0).to_numpy("float64") ** 2))
    log_sd = log_sd.reshape(len(sources), -1)
    # No cause explains more than the spread of a supply.
    size = np.maximum(np.sqrt((log_sd**2).sum(axis=1)), inputs.supply_log_sd)
    part = np.divide(log_sd, size[:, None], out=np.zeros_like(log_sd), where=size[:, None] > 0)
    return tuple(str(cause) for cause in loads.columns), part


def sample_paired(
    net: RouteNetwork,
    evidence: Evidence,
    *,
    own: str,
    draws: int,
    rng: int | np.random.Generator | None,
    executor: Executor | None,
    **options: Any,
) -> FlowEnsemble:
    """Sample the flows of one year with numbers that other years share.

    Parameters
    ----------
    net, evidence, draws, rng, executor
        As in `opiateroutes.sample_flows`; ensembles that are to be paired take one seed.
    own
        What sets the figures of this year apart, such as the year.
    **options
        Of the estimate.

    Returns
    -------
    FlowEnsemble
        With independent draws.

    Raises
    ------
    ValueError
        If ``draws`` is not a whole number of at least 2; as `opiateroutes.sample_flows`.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> net, evidence = opr.load_network(), opr.load_evidence(2008)
    >>> options = {"draws": 4, "rng": 0, "executor": None}
    >>> one, other = (sample_paired(net, evidence, own=year, **options) for year in "ab")
    >>> same = one.plan.numbers(0) == other.plan.numbers(0)
    >>> bool(same[one.plan.inputs.names.index("leg:AFG>IRN:land")].all()), bool(same[0].any())
    (True, False)
    """
    if isinstance(draws, bool) or int(draws) != draws or draws < _FEWEST:
        raise ValueError(f"draws must be a whole number of at least {_FEWEST}, not {draws!r}")
    first = sample_flows(
        net, evidence, draws=_FEWEST, rng=rng, points="independent", progress=False, **options
    )
    causes, loads = _supply_causes(first.plan.inputs, first.evidence.shared)
    plan = PairedDraws(
        **{f.name: getattr(first.plan, f.name) for f in fields(Draws)},
        own=own,
        causes=causes,
        loads=loads,
    )
    with threadpool_limits(1), closing(solved(plan, int(draws), executor)) as found:
        # A second thread for matrices this small doubles the work and gains nothing.
        chunks = sorted(found, key=lambda chunk: chunk.start)
    return replace(
        first,
        arcs_kg=np.concatenate([chunk.arcs_kg for chunk in chunks]),
        supply_kg=np.concatenate([chunk.supply_kg for chunk in chunks]),
        attempts=np.concatenate([chunk.attempts for chunk in chunks]),
        certificate=replace(
            first.certificate,
            gap=max(chunk.gap for chunk in chunks),
            balance=max(chunk.balance for chunk in chunks),
        ),
        plan=plan,
    )
