"""Is the Sharpe ratio above zero for certain?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, number, percent, power_of
from assay.evaluation.statistics.sharpe import minimum_track_record, probabilistic_sharpe


@dataclass(frozen=True, slots=True)
class ProbabilisticSharpe(Check):
    """The probability of a Sharpe ratio above zero is at least `least`.

    Bailey & López de Prado 2012; from daily net returns, with their skewness, kurtosis and
    autocorrelation (Lo 2002). Where it is not reached but the ratio is positive the track record is
    too short: INSUFFICIENT.
    """

    least: float = 0.95
    of_returns = True

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        net = evidence.net
        value = probabilistic_sharpe(net, lags=None)
        sharpe = evidence.sharpe_of("net")
        power = power_of(evidence)
        if not np.isfinite(value):
            said = f"{len(net)} days of returns say nothing of a Sharpe ratio"
            return Finding(Verdict.INSUFFICIENT, said, None, self.least, None, power)
        needed = minimum_track_record(net, confidence=self.least)
        ok = value >= self.least
        verdict = held(ok, else_=Verdict.INSUFFICIENT if sharpe > 0 else Verdict.FAIL)
        said = f"A Sharpe ratio of {number(sharpe)} is above zero with {percent(value)}"
        if not ok and sharpe > 0 and np.isfinite(needed):
            years = needed / evidence.days_per_year
            said += f"; to be sure it would take {years:.1f} years like these"
        return Finding(
            verdict, said, value, self.least, 1.0 - value, power, {"days_needed": _or_none(needed)}
        )


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
