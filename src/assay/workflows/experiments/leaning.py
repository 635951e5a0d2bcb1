"""From a member's answers to a side and how sure it is, whatever label it has learned."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.values.conviction import Evidence, Tier
from assay.fusion.interval import NORMAL_90
from assay.fusion.pool import EVIDENCE, TIERS
from assay.models.calibration import Calibration, logit
from assay.models.contract import DOWN, UP, Floats, Raw
from assay.models.empirical import LEVELS
from assay.risk.opinions import Opinions
from assay.workflows.experiments.asked import Experiment, Quantiles
from assay.workflows.experiments.labelled import Question
from assay.workflows.gather import Prepared
from assay.workflows.pooling import given_a_move

FAINTEST = 1e-9
"""A move, in standard deviations, below any cost: its sign alone says something."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """Where a member leans at n moments, shape (n,) throughout, NaN where it abstained.

    `shift` is above 0 for up and grows with how sure it is, in units of its own; `p_up` the
    probability of up given a move, `base_up` its climatology and `error` its standard error;
    `move` the expected scaled return over the horizon, signed like the price.
    """

    shift: Floats
    p_up: Floats
    base_up: Floats
    error: Floats
    move: Floats

    def worth(self, slope: float) -> "Leaning":
        """Return it with moves of `slope` times the shift, where answers do not tell moves."""
        return Leaning(self.shift, self.p_up, self.base_up, self.error, self.shift * slope)

    def beside(self, drift: float) -> "Leaning":
        """Return it with a shift counted from `drift`, the climatology of moves."""
        return Leaning(self.shift - drift, self.p_up, self.base_up, self.error, self.move)


@dataclass(frozen=True, slots=True)
class Said:
    """Calibrated answers of a member about one question, with the calibration that made them."""

    question: Question
    calibration: Calibration
    raw: Raw


def leaning_of(
    experiment: Experiment, said: Sequence[Said], item: Prepared, rows: NDArray[np.int64]
) -> Leaning:
    """Return where the answers to one question, or to one for each side, lean at `rows`."""
    if said[0].question.barrier:
        return _of_barriers(experiment, said, item, rows)
    (one,) = said
    if isinstance(experiment.label, Quantiles):
        return _of_quantiles(one)
    return _of_classes(one)


def slope_of(shift: Floats, scaled: Floats, weight: Floats) -> float:
    """Return what a unit of shift was worth in scaled return: least squares through the origin.

    `FAINTEST` where it was worth nothing or less: the side is still the member's.
    """
    known = np.isfinite(shift) & np.isfinite(scaled) & (weight > 0)
    square = float(np.sum(weight[known] * shift[known] ** 2))
    if not square > 0:
        return FAINTEST
    return max(float(np.sum(weight[known] * shift[known] * scaled[known])) / square, FAINTEST)


def _of_classes(said: Said) -> Leaning:
    p_up = given_a_move(said.raw.classes)
    base = said.calibration.base_up
    shift = logit(p_up) - float(logit(np.array([base]))[0])
    shift = np.where(np.abs(shift) < FAINTEST, 0.0, shift)  # rounding is no opinion
    return Leaning(shift, p_up, np.full(len(p_up), base), _error(p_up, said), shift * np.nan)


def _of_quantiles(said: Said) -> Leaning:
    quantiles = said.raw.quantiles
    edges = (LEVELS[1:] + LEVELS[:-1]) / 2
    share = np.diff(np.concatenate([[0.0], edges, [1.0]]))
    mean = quantiles @ share
    p_up = np.array([1.0 - np.interp(0.0, row, LEVELS) for row in quantiles])
    p_up = np.where(np.isfinite(mean), p_up, np.nan)
    base = np.full(len(p_up), said.calibration.base_up)
    return Leaning(mean, p_up, base, _error(p_up, said), mean)


def _of_barriers(
    experiment: Experiment, said: Sequence[Said], item: Prepared, rows: NDArray[np.int64]
) -> Leaning:
    """Return the lean to the side that is worth more, in ATR: p(target) x target - p(stop) x stop.

    A side that may not be taken is worth nothing. A trade that ends by time counts as 0.
    """
    worth: dict[int, Floats] = {}
    chance, error, base = np.zeros(len(rows)), np.zeros(len(rows)), np.zeros(len(rows))
    for one in said:
        classes, side = one.raw.classes, one.question.side
        worth[side] = (
            classes[:, UP] * experiment.target_atr - classes[:, DOWN] * experiment.stop_atr
        )
    shift = worth.get(1, np.zeros(len(rows))) - worth.get(-1, np.zeros(len(rows)))
    for one in said:
        taken = shift > 0 if one.question.side > 0 else ~(shift > 0)
        won = given_a_move(one.raw.classes)
        usual = one.calibration.base_up
        if one.question.side < 0:
            won, usual = 1.0 - won, 1.0 - usual
        chance = np.where(taken, won, chance)
        base = np.where(taken, usual, base)
        error = np.where(taken, _error(won, one), error)
    nothing = np.zeros(len(rows))
    own = np.where(shift > 0, worth.get(1, nothing), -worth.get(-1, nothing))
    close = item.bars.frame["close"].to_numpy()[rows]
    expected = item.volatility[rows] * np.sqrt(experiment.horizon_bars)
    with np.errstate(invalid="ignore", divide="ignore"):
        move = own * item.atr[rows] / close / expected
    return Leaning(shift, chance, base, error, move)


def _error(p_up: Floats, said: Said) -> Floats:
    return np.sqrt(p_up * (1.0 - p_up) / max(said.calibration.outcomes, 1))


def without_skill(
    item: Prepared, rows: NDArray[np.int64], base_up: Floats, bars: int
) -> tuple[Leaning, Leaning]:
    """Return what needs no model: the side of climatology, and that of the last `bars` bars' move.

    Both are sure of every bar; the second is NaN before so many bars.
    """
    close = item.bars.frame["close"].to_numpy()
    past = np.full(len(close), np.nan)
    past[bars:] = close[bars:] - close[:-bars]
    error = np.zeros(len(rows))
    found = []
    for side in (np.where(base_up >= 0.5, 1.0, -1.0), np.sign(past[rows])):
        found.append(Leaning(side, base_up, base_up, error, side * FAINTEST))
    naive, momentum = found
    return naive, momentum


def threshold_of(leaning: Leaning, experiment: Experiment) -> float:
    """Return the sureness from which on a share `act_on` of these moments is acted upon.

    Of the sides that may be taken; infinite where nothing was said.
    """
    sure = sureness(leaning, experiment)
    known = sure[np.isfinite(leaning.shift)]
    if not len(known):
        return float("inf")
    return float(np.quantile(known, 1.0 - experiment.trade.act_on))


def sureness(leaning: Leaning, experiment: Experiment) -> Floats:
    """Return (n,) how sure a member is of a side that may be taken, 0 where there is none."""
    allowed = np.isin(np.sign(leaning.shift), experiment.sides)
    return np.where(allowed, np.abs(leaning.shift), 0.0)


def opinions_of(
    leaning: Leaning,
    experiment: Experiment,
    item: Prepared,
    rows: NDArray[np.int64],
    threshold: float,
) -> Opinions:
    """Return the opinions that risk decides on; what is less sure than `threshold` is LOW.

    They are handed over as PROVEN: whether there is anything to them is what the experiment asks.
    """
    sure = sureness(leaning, experiment)
    act = (sure >= threshold) & (sure > 0)
    low, high = (
        np.clip(leaning.p_up + sign * NORMAL_90 * leaning.error, 0.0, 1.0) for sign in (-1, 1)
    )
    return Opinions(
        shift=leaning.shift,
        probability=leaning.p_up,
        low=low,
        high=high,
        base=leaning.base_up,
        expected_move=leaning.move,
        volatility=item.volatility[rows] * np.sqrt(experiment.horizon_bars),
        tier=np.where(act, TIERS.index(Tier.HIGH), TIERS.index(Tier.LOW)).astype(np.int8),
        evidence=np.full(len(rows), EVIDENCE.index(Evidence.PROVEN), dtype=np.int8),
    )
