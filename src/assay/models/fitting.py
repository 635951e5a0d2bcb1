"""Fit, calibrate, score: one member from three spans, each later than the one before."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from assay.core.errors import DataError, HistoryError
from assay.models.calibration import Calibration, calibrate
from assay.models.catalog import RUNTIMES
from assay.models.contract import (
    BENCH,
    Asked,
    Member,
    Raw,
    Runtime,
    Samples,
    Weights,
    Workshop,
)
from assay.models.explaining import deletion, permutation, spread_rows, usual_of
from assay.models.scores import scorecard

SPANS = ("train", "stop", "calibrate")
GOLDEN_ROWS = 8
LEANS_ON = 8
"""How many columns are named that a member leans on in general."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A member that has learned: weights, calibration, and scores that say on which span.

    `metrics` maps a span to the `scorecard` of its answers, and `explanation` to what
    `explaining.deletion` found on the calibrate span. `stop` chose rounds or penalties and
    `calibrate` taught the calibration, so both flatter; only spans after them judge. `golden` are
    8 real rows of the calibrate span that the member answers, with the bars it reads before each.
    """

    weights: Weights
    calibration: Calibration
    metrics: Mapping[str, Any]
    golden: Asked
    columns: tuple[str, ...]
    runtime: Runtime

    def predict(self, asked: Asked) -> tuple[Raw, Raw]:
        """Return raw and calibrated answers to the rows of `asked`."""
        raw = self.runtime.predict(asked)
        return raw, self.calibration.apply(raw)


def fit_member(
    member: Member,
    spans: Mapping[str, Samples],
    *,
    seed: int,
    threads: int = 1,
    calibration: str = "temperature",
    workshop: Workshop = BENCH,
    explained: bool = True,
    start: Weights | None = None,
) -> Fitted:
    """Return `member` fitted on `train` and `stop` and calibrated on `calibrate`.

    `spans` holds exactly these three, with the same columns, in time order and purged: no outcome
    of one may be known after the next begins (`DataError`), for it would tell the future. Without
    `explained` its account of itself is not put to the test, and will not be shown. With `start` it
    goes on from these weights, which must know nothing of the calibrate span or later.
    """
    refuse_leaks(spans)
    train, stop = spans["train"], spans["stop"]
    if start is None:
        weights = member.fit(train, stop, seed=seed, threads=threads, workshop=workshop)
    else:
        weights = member.tune(start, train, stop, seed=seed, threads=threads, workshop=workshop)
    columns = spans["train"].columns
    runtime = RUNTIMES.get(weights.runtime).load(weights, columns)
    raw = runtime.predict(spans["calibrate"].asked)
    before = (spans["train"], spans["stop"])
    learned = calibrate(raw, spans["calibrate"], method=calibration, earlier=before)
    metrics = {
        "stop": _scored(runtime.predict(spans["stop"].asked), spans["stop"], learned),
        "calibrate": _scored(raw, spans["calibrate"], learned),
        "explanation": _explained(runtime, spans["calibrate"].asked, raw, columns, seed)
        if explained
        else None,
    }
    golden = golden_rows(spans["calibrate"].asked, raw, runtime.bars_read)
    return Fitted(weights, learned, metrics, golden, columns, runtime)


def refuse_leaks(spans: Mapping[str, Samples]) -> None:
    """Refuse spans that are not the three, differ in columns, or overlap in what they know."""
    if set(spans) != set(SPANS):
        raise DataError(f"A member is fitted on {', '.join(SPANS)}; found {', '.join(spans)}")
    for name in SPANS:
        if len(spans[name]) == 0:
            raise HistoryError(f"The {name} span holds no row; bring more history")
        if spans[name].columns != spans["train"].columns:
            raise DataError(f"The {name} span has other columns than the train span")
    for earlier, later in pairwise(SPANS):
        ended = max(spans[earlier].t1.max(), spans[earlier].time.max())
        if ended > spans[later].time.min():
            raise DataError(
                f"An outcome of the {earlier} span is known only after the {later} span begins; "
                "purge the rows between them"
            )


def golden_rows(asked: Asked, raw: Raw, bars_read: int) -> Asked:
    """Return 8 answered rows of `asked`, evenly spread, and no more of the table than they read."""
    answered = np.flatnonzero(np.isfinite(raw.classes).all(axis=1))
    if len(answered) < GOLDEN_ROWS:
        raise HistoryError(
            f"{GOLDEN_ROWS} answered rows are kept as a proof of the model; found {len(answered)}"
        )
    places = np.linspace(0, len(answered) - 1, GOLDEN_ROWS).astype(np.int64)
    rows = asked.take(answered[places])
    return Asked.windows(rows.window(bars_read).astype(np.float64), rows.series, rows.names)


def _explained(
    runtime: Runtime, asked: Asked, raw: Raw, columns: tuple[str, ...], seed: int
) -> dict[str, Any] | None:
    """Return the member's account of itself put to the test, None where nothing moved it.

    `leans_on` names what it listens to in general, by permutation; `swapped` says it of every
    column, in their order.
    """
    answered = np.flatnonzero(np.isfinite(raw.classes).all(axis=1))
    rows = asked.take(answered[spread_rows(len(answered))])
    found = deletion(runtime, rows, usual_of(asked), seed=seed)
    if found is None:
        return None
    leans = permutation(runtime, rows, seed=seed)
    first = np.argsort(-leans, kind="stable")[:LEANS_ON]
    on = [[columns[place], float(leans[place])] for place in first.tolist() if leans[place] > 0]
    swapped = [float(by) for by in leans]
    return found.to_json() | {"leans_on": on, "swapped": swapped}


def _scored(raw: Raw, rows: Samples, learned: Calibration) -> dict[str, Any]:
    known = np.isfinite(raw.classes).all(axis=1) & (rows.label >= 0) & np.isfinite(rows.scaled)
    known &= rows.weight > 0
    if not known.any():
        return {}
    answered = Raw(raw.quantiles[known], raw.classes[known])
    seen = rows.take(known)
    base = Raw(answered.quantiles, np.tile(np.array(learned.base), (len(seen), 1)))
    return {
        "raw": scorecard(answered, seen),
        "calibrated": scorecard(learned.apply(answered), seen),
        "base_log_loss": scorecard(base, seen)["log_loss"],
    }
