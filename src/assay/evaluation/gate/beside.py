"""Whether a trial beats what needs no skill, day by day."""

import numpy as np

from assay.evaluation.gate.contract import Evidence, Finding, Floats, Verdict
from assay.evaluation.gate.said import held, number, power_of
from assay.evaluation.statistics.sharpe import (
    annualised,
    default_lags,
    long_run_variance,
    normal_below,
    sharpe_ratio,
)


def beats(evidence: Evidence, other: Floats, name: str) -> Finding:
    """Return whether the net Sharpe ratio is above that of `other` (D,), NaN on days without.

    Where its own ratio is unknown there is too little to say; another that never moved has 0.
    p is that of the mean daily difference, both scaled to the same volatility, with
    autocovariances (Newey & West 1987).
    """
    both = np.isfinite(other)
    own, rival = evidence.net[both], other[both]
    mine, theirs = sharpe_ratio(own), sharpe_ratio(rival)
    year = evidence.days_per_year
    if not np.isfinite(mine):
        said = f"{len(own)} days beside {name} say nothing of a Sharpe ratio"
        return Finding(Verdict.INSUFFICIENT, said, power=power_of(evidence))
    if not np.isfinite(theirs):
        theirs = 0.0  # it never moved
    ok = mine > theirs
    said = (
        f"Its Sharpe ratio of {number(annualised(mine, year))} "
        f"{'beats' if ok else 'does not beat'} {number(annualised(theirs, year))} of {name}"
    )
    p = _p_value(own, rival)
    return Finding(
        held(ok), said, annualised(mine, year), annualised(theirs, year), p, power_of(evidence)
    )


def _p_value(own: Floats, rival: Floats) -> float | None:
    spreads = own.std(), rival.std()
    scaled = rival / spreads[1] if spreads[1] > 0 else rival * 0.0
    gain = own / spreads[0] - scaled
    variance = long_run_variance(gain, default_lags(len(gain))) / len(gain)
    if not variance > 0:
        return None
    return 1.0 - normal_below(float(gain.mean() / np.sqrt(variance)))
