"""What is left of the Sharpe ratio once the search for it is paid for?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Floats, Verdict
from assay.evaluation.gate.said import held, number, percent
from assay.evaluation.statistics.sharpe import (
    annualised,
    deflated_sharpe,
    deflation_hurdle,
    sharpe_error,
    sharpe_ratio,
)


@dataclass(frozen=True, slots=True)
class DeflatedSharpe(Check):
    """The deflated Sharpe ratio is at least `least`, else no more than PILOT.

    The probability that its idea is better than the best of as many without skill (Bailey & López
    de Prado 2014), with the number of ideas as the number of trials and the spread of their ratios;
    of ideas of which but one left returns, the spread that luck has.
    """

    least: float = 0.95
    of_returns = True

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        means = evidence.clusters.mean_returns
        ideas, spread = evidence.ideas, spread_of(means)
        value = deflated_sharpe(means[:, evidence.own_cluster], spread, ideas, lags=None)
        if not np.isfinite(value):
            said = "The returns of its idea say nothing of a Sharpe ratio"
            return Finding(Verdict.INSUFFICIENT, said, None, self.least)
        hurdle = annualised(deflation_hurdle(spread, ideas), evidence.days_per_year)
        said = (
            f"The best of {ideas} ideas without skill would show a Sharpe ratio of "
            f"{number(hurdle)}; its own is above that with {percent(value)}"
        )
        return Finding(
            held(value >= self.least, else_=Verdict.PILOT), said, value, self.least, 1.0 - value
        )


def spread_of(means: Floats) -> float:
    """Return how far the Sharpe ratios per day of ideas, `means` (D, ideas), lie apart."""
    ratios = np.array([sharpe_ratio(column) for column in means.T])
    known = ratios[np.isfinite(ratios)]
    return float(known.std(ddof=1)) if len(known) > 1 else sharpe_error(0.0, len(means))
