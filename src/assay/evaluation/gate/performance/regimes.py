"""Does it earn in more than one kind of market?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, traded

MEMORY_DAYS = 20
LEAST_DAYS = 60
KINDS = ("quiet", "usual", "stormy")


@dataclass(frozen=True, slots=True)
class Regimes(Check):
    """In at least `least` of three kinds of days its net return is above zero.

    Days are told apart by the volatility of the market over the `MEMORY_DAYS` before them, in
    thirds of the whole test: to describe it, not to trade by it.
    """

    least: int = 2

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        if len(evidence.days) < LEAST_DAYS:
            return Finding(Verdict.INSUFFICIENT, f"{len(evidence.days)} days show no regimes")
        if not traded(evidence):
            return Finding(Verdict.INSUFFICIENT, "It traded in no kind of days", 0, self.least)
        kind, net = regimes(evidence.mean_of("hold")), evidence.net
        sums = {name: float(net[kind == number].sum()) for number, name in enumerate(KINDS)}
        good = [name for name, total in sums.items() if total > 0]
        said = f"It earned in {len(good)} of 3 kinds of days"
        said += f" ({', '.join(good)})" if good else ""
        return Finding(
            held(len(good) >= self.least), said, len(good), self.least, detail={"sums": sums}
        )


def regimes(market: np.ndarray) -> np.ndarray:
    """Return (D,): 0 quiet, 1 usual, 2 stormy; -1 before there was enough to tell."""
    squares = np.concatenate([[0.0], np.cumsum(market**2)])
    before = np.full(len(market), np.nan)
    before[MEMORY_DAYS:] = squares[MEMORY_DAYS:-1] - squares[: -MEMORY_DAYS - 1]
    known = np.isfinite(before)
    kind = np.full(len(market), -1)
    if known.any():
        edges = np.quantile(before[known], (1 / 3, 2 / 3))
        kind[known] = np.searchsorted(edges, before[known])
    return kind
