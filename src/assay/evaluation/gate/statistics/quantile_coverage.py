"""Do its quantiles hold what they promise?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, percent
from assay.evaluation.statistics.quantile_coverage import quantile_coverage

FEWEST = 100


@dataclass(frozen=True, slots=True)
class Coverage(Check):
    """Outcomes fall between the outermost quantiles as often as promised, to within `most_off`.

    Kupiec's (1995) and Christoffersen's (1998) tests are told with it, on outcomes that do not
    overlap. With thousands of them the tests refuse what does no harm, so the distance decides;
    beyond it no more than PAPER: the member's idea of risk is wrong.
    """

    most_off: float = 0.05

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        inside = evidence.inside.astype(bool)
        if len(inside) < FEWEST:
            said = f"{len(inside)} outcomes are too few to judge quantiles"
            return Finding(Verdict.INSUFFICIENT, said, None, evidence.nominal)
        found = quantile_coverage(inside, evidence.nominal)
        value = float(inside.mean())
        ok = abs(value - evidence.nominal) <= self.most_off
        said = f"{percent(value)} of outcomes fell where {percent(evidence.nominal, 0)} should"
        p = found.unconditional_p
        return Finding(
            held(ok, else_=Verdict.PAPER),
            said,
            value,
            evidence.nominal,
            float(p) if np.isfinite(p) else None,
            detail={"independence_p": _or_none(found.independence_p)},
        )


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
