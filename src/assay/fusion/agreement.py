"""How coherent the members are: from independent noise to one voice."""

import numpy as np

from assay.fusion.evidence import Floats

LEAST_EFFECTIVE = 1.2
"""Below this many effective members there is nothing to agree."""


def agreement(evidence: Floats, weights: Floats, effective: float) -> float | None:
    """Return how coherent the members are, 0 (as independent noise) to 100 (all equal).

    `evidence` (M,) is logit p - logit base; `weights` (M,) sum to 1; `effective` is N_eff, the
    number of independent members (Kish 1965). None below 1.2 effective members: nothing to agree.
    """
    if effective < LEAST_EFFECTIVE:
        return None
    mean, square = weights @ evidence, weights @ evidence**2
    coherence = mean**2 / square if square > 0 else 0.0
    return float(100.0 * min(1.0, max(0.0, (coherence - 1 / effective) / (1 - 1 / effective))))


def agreement_many(mean: Floats, square: Floats, effective: Floats) -> Floats:
    """Return `agreement` for n moments, NaN where it is None.

    `mean` (n,) and `square` (n,) are the weighted means of evidence and of its square.
    """
    kept = np.maximum(effective, LEAST_EFFECTIVE)
    coherence = np.divide(mean**2, square, out=np.zeros_like(mean), where=square > 0)
    value = 100.0 * np.clip((coherence - 1 / kept) / (1 - 1 / kept), 0.0, 1.0)
    return np.where(effective < LEAST_EFFECTIVE, np.nan, value)
