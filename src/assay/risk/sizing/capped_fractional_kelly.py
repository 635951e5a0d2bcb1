"""A fraction of what would grow the equity fastest, from shrunken evidence."""

from dataclasses import dataclass

import numpy as np

from assay.core.errors import SettingsError
from assay.fusion.evidence import expit, logit
from assay.risk.contract import Bets, Floats, Sizing


@dataclass(frozen=True, slots=True)
class CappedFractionalKelly(Sizing):
    """Risk `fraction` of Kelly's share (Kelly 1956), at most `cap`.

    Without evidence a price reaches its target before its stop with probability stop / (stop +
    target), which pays nothing and costs the spread: that, not one half, is where Kelly must give
    0. The evidence, logit probability less logit base, drawn toward the base by `trust`, is added
    to its log-odds; with q so found and payoff b = (target - cost) / (stop + cost), the share is
    q - (1 - q) / b. No evidence, no bet.
    """

    fraction: float = 0.25
    trust: float = 0.5
    cap: float = 0.02

    def __post_init__(self) -> None:
        for name in ("fraction", "trust", "cap"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise SettingsError(
                    f"capped_fractional_kelly: {name} lies in (0, 1]; found {getattr(self, name)}"
                )

    def fractions(self, bets: Bets) -> Floats:
        """See `Sizing.fractions`."""
        pays = bets.complete & (bets.target > bets.cost)
        stop, target, cost = (
            np.where(pays, value, kept)
            for value, kept in ((bets.stop, 1.0), (bets.target, 1.0), (bets.cost, 0.0))
        )
        evidence = self.trust * np.where(pays, logit(bets.probability) - logit(bets.base), 0.0)
        reached = expit(np.log(target / stop) * -1.0 + evidence)
        payoff = (target - cost) / (stop + cost)
        share = reached - (1.0 - reached) / payoff
        return np.where(pays, np.clip(self.fraction * share, 0.0, self.cap), 0.0)
