"""The hours of one instrument under one draw of noise, for any size of its planted drift."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.sources.simulation import numerics
from assay.sources.simulation.grid import Floats, Times
from assay.sources.simulation.oracle import HORIZON_HOURS, Forecasts, correlation
from assay.sources.simulation.plan import Decoy, Form, Plan

FORMS = {Form.EVERY_BAR: 1, Form.LARGE_MOVES: 2, Form.DAY_SESSIONS: 3, Form.SIGN: 4}
"""The numbers under which `numerics.push_of` knows what bars set in motion."""
MOST_SECANTS, TARGET_SLACK = 6, 5e-4


@dataclass(frozen=True, slots=True)
class Ground:
    """What is settled before an instrument's own chance is drawn.

    Over open hours (m,): `hour` their index in the grid, `time` their close, `day` their number of
    the day, `season` the usual deviation of their move with the gap before them, `gate` 1 in day
    sessions. Over the grid: `factors` the log steps of the factors (hours, steps), `size` and
    `own_size` (hours,) the usual deviation of the factors' move and of the own part.
    """

    hour: NDArray[np.int64]
    time: Times
    day: NDArray[np.int64]
    factors: Floats
    size: Floats
    own_size: Floats
    season: Floats
    gate: Floats

    @property
    def usual(self) -> float:
        """Return the usual deviation of an open hour's move, whatever the hour."""
        return float(np.sqrt(np.mean(self.season**2)))


class Run:
    """One draw of noise, under any size of drift.

    `begins` is where the mean of squares and the own part stand when it begins.
    """

    def __init__(
        self,
        plan: Plan,
        ground: Ground,
        outside: Floats,
        noise: Floats,
        alone: Floats,
        pull: float,
        begins: tuple[float, float] = (1.0, 0.0),
    ) -> None:
        self._plan, self._ground, self._outside = plan, ground, outside
        self._noise, self._alone, self._pull = noise, alone, pull
        self._weights = np.array(plan.weights)
        self._begins = begins

    def at(self, amplitude: float) -> tuple[Floats, Floats, Floats, Forecasts]:
        """Return `added`, `volatility`, `moves` and the oracle's forecasts."""
        ground, plan = self._ground, self._plan
        size = np.full(ground.hour.size, amplitude)
        if plan.decoy is Decoy.FIRST_HALF:
            size[size.size // 2 :] = 0.0
        form = FORMS.get(plan.form, 0)
        added, push, volatility, moves = numerics.roll(
            self._noise, self._alone, ground.season, ground.usual, self._outside, ground.gate, size,
            self._weights, form, plan.sign, self._pull, *self._begins,
        )  # fmt: skip
        mean, deviation = numerics.expectation(
            push, volatility, ground.usual, size, self._weights, HORIZON_HOURS
        )
        total = np.concatenate([[0.0], np.cumsum(moves)])
        came = np.full(moves.size, np.nan)
        last = moves.size - HORIZON_HOURS
        came[:last] = total[1 + HORIZON_HOURS :][:last] - total[1:][:last]
        return added, volatility, moves, Forecasts(ground.day, mean, deviation, came)

    def realised(self, amplitude: float) -> float:
        """Return the information coefficient; of a first-half edge, in that half."""
        known = self.at(amplitude)[3]
        if self._plan.decoy is Decoy.FIRST_HALF:
            early = np.arange(known.mean.size) < known.mean.size // 2
            return correlation(known, early)
        return correlation(known)

    def solved(self) -> tuple[float, float]:
        """Return the size of the drift that meets the target, and by how much it is missed.

        The realised information coefficient is close to a straight line in the size: the secant
        finds it in a few steps. A miss (in hundredths, 0 where met) means that this draw of noise
        has no such size, or one far from the usual.
        """
        if not self._plan.has_drift:
            return 0.0, 0.0
        low, high = 0.08, 0.16
        at_low, at_high = self.realised(low), self.realised(high)
        for _ in range(MOST_SECANTS):
            slope = (at_high - at_low) / (high - low)
            if slope <= 0:
                return high, 10.0
            low, at_low = high, at_high
            high = min(max(high + (self._plan.target - at_high) / slope, 0.004), 0.6)
            at_high = self.realised(high)
            if abs(at_high - self._plan.target) < TARGET_SLACK:
                return high, 0.0
            if high == low:
                break
        return high, 100.0 * abs(at_high - self._plan.target)
