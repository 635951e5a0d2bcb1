"""Does it foretell better than climatology?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Floats, Verdict
from assay.evaluation.gate.said import held
from assay.evaluation.statistics.forecasts import diebold_mariano


@dataclass(frozen=True, slots=True)
class ForecastGain(Check):
    """Its log-loss of up against down is below climatology's, one-sided p at most `level`.

    Diebold & Mariano (1995) with the correction of Harvey, Leybourne & Newbold (1997) on daily
    losses, so that outcomes that overlap within a day count once. Else no more than PAPER: money
    was made, but not by foreseeing.
    """

    level: float = 0.05

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        loss, base = (self._mean(evidence, name) for name in ("loss", "base_loss"))
        days = 1 + evidence.horizon_bars // 24
        found = diebold_mariano(loss, base, horizon=max(days, 2))
        if not np.isfinite(found.p_value):
            said = "The outcomes are too few to compare forecasts"
            return Finding(Verdict.INSUFFICIENT, said, None, self.level)
        ok = found.p_value <= self.level
        said = (
            f"It {'foretells' if ok else 'does not foretell'} better than climatology "
            f"(p = {found.p_value:.3f})"
        )
        return Finding(
            held(ok, else_=Verdict.PAPER),
            said,
            found.mean_gain,
            self.level,
            found.p_value,
            detail={"statistic": float(found.statistic), "days": int(found.count)},
        )

    def _mean(self, evidence: Evidence, name: str) -> Floats:
        """Return (E',): the loss of each day with outcomes, the mean over seeds."""
        weight = evidence.scores["weight"].mean(axis=1)
        return np.asarray(evidence.scores[name].mean(axis=1)[weight > 0])
