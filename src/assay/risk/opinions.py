"""What risk needs to know of convictions, one or many, in the same arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.values.conviction import Conviction
from assay.fusion.pool import EVIDENCE, TIERS, Pooled
from assay.risk.contract import Floats

Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Opinions:
    """n convictions, shape (n,) throughout.

    `shift` is the pooled log-odds less the base, whose sign is the side; `expected_move` a
    volatility-scaled log return; `volatility` the standard deviation of the log return over the
    horizon; `tier` indexes `TIERS`, `evidence` indexes `EVIDENCE`.
    """

    shift: Floats
    probability: Floats
    low: Floats
    high: Floats
    base: Floats
    expected_move: Floats
    volatility: Floats
    tier: Codes
    evidence: Codes

    def __len__(self) -> int:
        return len(self.shift)


def opinions_of(pooled: Pooled, volatility: Floats) -> Opinions:
    """Return the opinions of a backtest; `volatility` (n,) is that over the horizon."""
    return Opinions(
        pooled.shift,
        pooled.probability,
        pooled.low,
        pooled.high,
        pooled.base,
        pooled.expected_move,
        volatility,
        pooled.tier,
        pooled.evidence,
    )


def opinion_of(conviction: Conviction) -> Opinions:
    """Return one conviction as opinions of one row."""
    shift = 0.0
    for part in conviction.parts:
        shift += part.part
    return Opinions(
        np.array([shift]),
        np.array([conviction.probability]),
        np.array([conviction.low]),
        np.array([conviction.high]),
        np.array([conviction.base]),
        np.array([conviction.expected_move]),
        np.array([conviction.volatility]),
        np.array([TIERS.index(conviction.tier)], np.int8),
        np.array([EVIDENCE.index(conviction.evidence)], np.int8),
    )
