"""Makes a member's odds mean what they say, on a span it has not learned from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import ArtefactError, HistoryError, SettingsError
from assay.models.contract import DOWN, FLAT, UP, Floats, Raw, Samples
from assay.models.empirical import LEVELS, smoothed_rates, weighted_quantiles
from assay.models.isotonic import fit_isotonic
from assay.models.location_scale import backtracked
from assay.models.ordered import logistic
from assay.models.scores import log_loss

METHODS = ("temperature", "isotonic")
ISOTONIC_OUTCOMES = 1000
ROWS_NEEDED = 50
STEEPEST = 10.0
"""No slope is above this: evidence so faint that it would need more is none."""
PRIOR_SPREAD = 4.0
"""The slope is believed to be 1, give or take this, until the span says otherwise."""
LONG_RUN = 1000.0
"""How many outcomes of the calibrate span the long run counts for in the base of up given a move.

p (1 - p) / LONG_RUN is how much the true rate of one span varies about the long run: by 1.6 points
of 100. Between 500 and 2,000 the choice hardly matters on currencies, gold and bitcoin.
"""
EDGE = 1e-6
STEPS = 50


class Curve(Protocol):
    """A map from a raw to a calibrated probability, rising or flat."""

    def apply(self, raw: Floats) -> Floats:
        """Return calibrated probabilities (n,) for raw ones; NaN stays NaN."""
        ...

    def moved(self, log_odds: float) -> "Curve":
        """Return the curve with `log_odds` added to every answer's log-odds."""
        ...


@dataclass(frozen=True, slots=True)
class Scaling:
    """logit p = offset + slope x logit raw; the temperature is 1 / slope (Guo et al. 2017).

    The slope is never below 0: a member that points the wrong way on the calibration span is taken
    to know nothing, and the curve is then the flat base rate.
    """

    slope: float
    offset: float

    def apply(self, raw: Floats) -> Floats:
        """See `Curve.apply`."""
        return logistic(self.offset + self.slope * logit(raw))

    def moved(self, log_odds: float) -> "Scaling":
        """See `Curve.moved`."""
        return Scaling(self.slope, self.offset + log_odds)


@dataclass(frozen=True, slots=True)
class Isotonic:
    """Linear between knots (`raw`, `calibrated`), constant beyond them."""

    raw: tuple[float, ...]
    calibrated: tuple[float, ...]

    def apply(self, raw: Floats) -> Floats:
        """See `Curve.apply`."""
        told = np.interp(raw, self.raw, self.calibrated)  # of one knot it makes a constant
        return np.where(np.isnan(raw), np.nan, told)

    def moved(self, log_odds: float) -> "Isotonic":
        """See `Curve.moved`; between two knots it holds nearly."""
        if not log_odds:
            return self
        told = logistic(logit(np.array(self.calibrated)) + log_odds)
        return Isotonic(self.raw, tuple(told.tolist()))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the calibration span taught; plain values, written to JSON and read back.

    `moved_up` maps p_up / (p_up + p_down), `flat` maps p_flat: the log-loss of three classes is the
    sum of the two, so each is fitted alone. `shift` (Q,) is added to the quantiles, in units of the
    scaled return. `base` are the class rates of the span, down, flat, up; where earlier spans were
    given, up given a move is drawn to the long run and `moved_up` moved along. `rows` is how many
    rows taught, `outcomes` how many of their outcomes did not overlap. The log-losses are in nats a
    row, both on the span itself: `after` is therefore flattered a little.
    """

    method: str
    moved_up: Scaling | Isotonic
    flat: Scaling | Isotonic
    shift: tuple[float, ...]
    base: tuple[float, float, float]
    rows: int
    outcomes: int
    log_loss_before: float
    log_loss_after: float
    log_loss_base: float

    @property
    def base_up(self) -> float:
        """Return the climatology of up given a move."""
        down, _, up = self.base
        return up / (up + down)

    def apply(self, raw: Raw) -> Raw:
        """Return calibrated answers; a NaN row stays NaN, quantiles are sorted after the shift."""
        flat = self.flat.apply(raw.classes[:, FLAT])
        up = self.moved_up.apply(up_if_moved(raw.classes)) * (1.0 - flat)
        classes = np.stack([np.maximum(1.0 - flat - up, 0.0), flat, up], axis=1)
        return Raw(np.sort(raw.quantiles + np.array(self.shift), axis=1), classes)

    def as_json(self) -> dict[str, Any]:
        """Return plain data for `core.ids.canonical`."""
        return asdict(self)

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> "Calibration":
        """Return it from `as_json`; an unknown, missing or impossible field is an error naming it.

        Raises `ArtefactError`.
        """
        fields = set(cls.__dataclass_fields__)
        if set(data) != fields:
            odd = sorted(set(data) ^ fields)[0]
            raise ArtefactError(f"calibration.{odd}: missing or unknown")
        if data["method"] not in METHODS or len(data["shift"]) != len(LEVELS):
            raise ArtefactError("calibration.method or calibration.shift: not of this version")
        curve = Scaling if data["method"] == "temperature" else Isotonic
        try:
            made: dict[str, Any] = {
                name: curve(**{k: _frozen(v) for k, v in data[name].items()})
                for name in ("moved_up", "flat")
            }
        except TypeError as error:
            raise ArtefactError(f"calibration.moved_up or calibration.flat: {error}") from error
        rest: dict[str, Any] = {k: _frozen(v) for k, v in data.items() if k not in made}
        return cls(**rest, **made)


def calibrate(
    raw: Raw, rows: Samples, *, method: str = "temperature", earlier: Sequence[Samples] = ()
) -> Calibration:
    """Fit on answered rows of the calibrate span; rows without answer or outcome are left out.

    Weights are the labels' uniqueness, so overlapping outcomes count once. `isotonic` needs more
    than 1,000 outcomes that do not overlap, else it learns noise by heart. Too few rows are a
    `HistoryError`. `earlier` are the samples of the spans before: the span alone is short, and a
    market that rose in it would be believed to rise for ever, so the base of up given a move is
    drawn to the rate of all spans as if that were `LONG_RUN` outcomes more (the mean of a beta
    posterior). The answers move with the base: how far they stand from it stays as it was.
    """
    if method not in METHODS:
        raise SettingsError(f"Calibration is one of {', '.join(METHODS)}; was {method!r}")
    known = np.isfinite(raw.classes).all(axis=1) & (rows.label >= 0) & np.isfinite(rows.scaled)
    known &= rows.weight > 0
    if known.sum() < ROWS_NEEDED:
        raise HistoryError(
            f"Calibration needs {ROWS_NEEDED} answered rows with a known outcome in its span and "
            f"found {int(known.sum())} of {len(rows)}; bring more history"
        )
    raw, rows = Raw(raw.quantiles[known], raw.classes[known]), rows.take(known)
    outcomes = non_overlapping(rows.time, rows.t1)
    if method == "isotonic" and outcomes <= ISOTONIC_OUTCOMES:
        raise HistoryError(
            f"Isotonic calibration needs more than {ISOTONIC_OUTCOMES:,} outcomes that do not "
            f"overlap and found {outcomes:,}; use temperature"
        )
    moved = rows.label != FLAT
    fit = _scaling if method == "temperature" else _isotonic
    own = smoothed_rates(rows.label, rows.weight)
    base = _drawn(own, rows, earlier)
    drawn = float(np.log(base[UP] / base[DOWN]) - np.log(own[UP] / own[DOWN]))
    found = Calibration(
        method,
        fit(up_if_moved(raw.classes)[moved], rows.label[moved] == UP, rows.weight[moved]).moved(
            drawn
        ),
        fit(raw.classes[:, FLAT], rows.label == FLAT, rows.weight),
        _shift(raw.quantiles, rows),
        (float(base[DOWN]), float(base[FLAT]), float(base[UP])),
        len(rows),
        outcomes,
        0.0,
        0.0,
        0.0,
    )
    losses = [
        log_loss(classes, rows.label, rows.weight)
        for classes in (raw.classes, found.apply(raw).classes, np.tile(base, (len(rows), 1)))
    ]
    return replace(
        found, log_loss_before=losses[0], log_loss_after=losses[1], log_loss_base=losses[2]
    )


def non_overlapping(time: NDArray[np.int64], t1: NDArray[np.int64]) -> int:
    """Return the most outcomes of which no two overlap in time, whatever series they are of.

    `time` and `t1` (n,) are when each outcome began and was known, on one scale. Earliest end
    first; an outcome may begin when the one before ends. Rows of different series at the same time
    count once, for they are not independent.
    """
    order = np.argsort(t1, kind="stable")
    begins, ends = time[order], t1[order]
    latest = np.maximum.accumulate(begins)
    count, at = 0, 0
    while at < len(ends):
        count += 1
        end = ends[at]
        at = max(at + 1, int(np.searchsorted(latest, end, side="left")))
        while at < len(ends) and begins[at] < end:
            at += 1
    return count


def up_if_moved(classes: Floats) -> Floats:
    """Return (n,) p_up / (p_up + p_down), 0.5 where neither can happen; NaN stays NaN."""
    moved = classes[:, UP] + classes[:, DOWN]
    safe = np.where(moved > 0, moved, 1.0)
    return np.where(moved == 0, 0.5, classes[:, UP] / safe + 0 * moved)


def logit(probability: Floats) -> Floats:
    """Return log(p / (1 - p)), p kept 1e-6 off 0 and 1."""
    inside = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _drawn(own: Floats, rows: Samples, earlier: Sequence[Samples]) -> Floats:
    """Return class rates (3,) with up given a move drawn to that of all spans, flat as in `own`."""
    spans = [each.take((each.label >= 0) & (each.weight > 0)) for each in earlier]
    if not sum(len(each) for each in spans):
        return own
    label = np.concatenate([rows.label, *(each.label for each in spans)])
    long_run = smoothed_rates(label, np.concatenate([rows.weight, *(e.weight for e in spans)]))
    counts = [rows.weight[rows.label == side].sum() + 0.5 for side in (UP, DOWN)]
    rate = long_run[UP] / (long_run[UP] + long_run[DOWN])
    up = (counts[0] + LONG_RUN * rate) / (sum(counts) + LONG_RUN)
    moving = 1.0 - own[FLAT]
    drawn = np.empty(3)
    drawn[[DOWN, FLAT, UP]] = (1.0 - up) * moving, own[FLAT], up * moving
    return drawn


def _frozen(value: Any) -> Any:  # noqa: ANN401 - JSON data
    return tuple(value) if isinstance(value, list) else value


def _scaling(raw: Floats, happened: NDArray[np.bool_], weight: Floats) -> Scaling:
    """Return the likeliest slope and offset, by Newton, under a Gaussian prior on the slope.

    Half an outcome each way is added, so that one never seen stays possible.
    """
    evidence = logit(raw)
    centre = float(np.average(evidence, weights=weight)) if len(evidence) else 0.0
    design = np.column_stack([np.ones(len(evidence) + 2), [*(evidence - centre), 0.0, 0.0]])
    target = np.concatenate([happened.astype(np.float64), [1.0, 0.0]])
    mass = np.concatenate([weight, [0.5, 0.5]])

    def loss(at: Floats) -> float:
        score = design @ at
        prior = 0.5 * ((at[1] - 1.0) / PRIOR_SPREAD) ** 2
        return float(np.sum(mass * (np.logaddexp(0.0, score) - target * score)) + prior)

    rate = float(mass @ target / mass.sum())
    level = float(np.log(rate / (1 - rate)))
    at = np.array([level, 0.0])
    now = loss(at)
    for _ in range(STEPS):
        chance = logistic(design @ at)
        curve = design.T @ (design * (mass * chance * (1 - chance))[:, None])
        curve += np.diag([1e-9, PRIOR_SPREAD**-2])
        rise = design.T @ (mass * (chance - target))
        rise[1] += (at[1] - 1.0) / PRIOR_SPREAD**2
        at, then = backtracked(loss, at, np.linalg.solve(curve, rise), now)
        if now - then <= 1e-13 * (1 + abs(now)):
            break
        now = then
    offset, slope = float(at[0]), float(at[1])
    if slope <= 0:
        return Scaling(0.0, level)
    slope = min(slope, STEEPEST)
    return Scaling(slope, offset - slope * centre)


def _isotonic(raw: Floats, happened: NDArray[np.bool_], weight: Floats) -> Isotonic:
    places, levels = fit_isotonic(raw, happened.astype(np.float64), weight)
    inside = np.clip(levels, 1 / ISOTONIC_OUTCOMES, 1 - 1 / ISOTONIC_OUTCOMES)
    return Isotonic(tuple(places.tolist()), tuple(inside.tolist()))


def _shift(quantiles: Floats, rows: Samples) -> tuple[float, ...]:
    """Return, per quantile, the quantile of what the outcome lay above it.

    Conformalised quantile regression, one side at a time (Romano et al. 2019); the level is moved
    outward by one outcome in (n + 1), n the sum of the weights, so that bands err on the wide side.
    """
    effective = float(rows.weight.sum())
    outward = LEVELS + (LEVELS - 0.5) / (effective + 1.0)
    levels = np.clip(outward, 0.0, 1.0)
    miss = rows.scaled[:, None] - quantiles
    return tuple(
        float(weighted_quantiles(miss[:, k], rows.weight, levels[k : k + 1])[0])
        for k in range(len(LEVELS))
    )
