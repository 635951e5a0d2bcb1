"""Is it worth the risk, with every seed?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, median, number
from assay.evaluation.statistics.sharpe import annualised, sharpe_ratio


@dataclass(frozen=True, slots=True)
class Sharpe(Check):
    """The median over seeds of the annual net Sharpe ratio is at least `least`."""

    least: float = 0.5

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        each = np.array([sharpe_ratio(column) for column in evidence.returns["net"].T])
        value = annualised(median(each), evidence.days_per_year)
        if not np.isfinite(value):
            said = f"{len(evidence.days)} days of returns say nothing of a Sharpe ratio"
            return Finding(Verdict.INSUFFICIENT, said, None, self.least)
        said = f"Its net Sharpe ratio is {number(value)}"
        if len(each) > 1:
            low, high = (annualised(v, evidence.days_per_year) for v in (each.min(), each.max()))
            said += f" by the median of {len(each)} seeds ({number(low)} to {number(high)})"
        return Finding(held(bool(value >= self.least)), said, value, self.least)
