"""Drift monitors: how the champions of each series do on bars that came after they were fitted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from assay.core.values.timeframe import Timeframe
from assay.evaluation.drift import Verdict
from assay.evaluation.splits import Part, Span
from assay.fusion.evidence import Producer
from assay.fusion.fitted import FittedFusion
from assay.fusion.monitors import (
    Reading,
    Rolled,
    Watch,
    coverage_reading,
    loss_reading,
    pooled_shift,
    rolled,
    stability_reading,
    worst,
)
from assay.fusion.proof import Rows
from assay.models.empirical import LEVELS
from assay.workflows.champions import Champions, ground_of
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.gather import HORIZON_BARS, Prepared, Series, moment_of
from assay.workflows.outcomes import span_samples
from assay.workflows.pooling import Answers, history_of
from assay.workflows.train import hear

LEAD_IN = timedelta(days=60)
"""How much before the first new bar is looked at, to know where each producer's level was."""
POOL = "pool"
NOMINAL = float(LEVELS[-1] - LEVELS[0])
MEANING = (
    "log_loss: the mean gain over climatology in nats a row since the fit, against what it was let "
    "in with, one-sided. coverage: the share of outcomes inside the outermost quantiles, against "
    "what they promise. population_stability: the share of the columns read that drifted since "
    "training. MOVED at 5 %, DRIFTED at 1 %, the tests of a series counted; of columns from a "
    "quarter and from half of them on. Who looks every day is alarmed more often than that."
)


@dataclass(frozen=True, slots=True)
class Monitored:
    """What the monitors of one series read on the bars after its fit, and what follows."""

    series: Series
    fusion: str
    since: datetime
    until: datetime
    outcomes: int
    simulated: bool
    verdict: Verdict
    readings: tuple[Reading, ...]
    rolled: tuple[Rolled, ...]

    @property
    def sentence(self) -> str:
        """Return what is wrong, or that nothing is, in a sentence."""
        days = (self.until - self.since).days
        if self.verdict is Verdict.UNKNOWN:
            return f"{self.outcomes} outcomes in {days} days since the fit are too few to tell"
        wrong = [each for each in self.readings if each.verdict in (Verdict.MOVED, Verdict.DRIFTED)]
        if self.verdict is Verdict.STEADY or not wrong:
            return f"nothing has changed in {days} days and {self.outcomes} outcomes since the fit"
        return "; ".join(_said(each) for each in wrong)

    def to_json(self) -> dict[str, Any]:
        """Return plain data; null where nothing can be said."""
        return {
            "series": str(self.series),
            "fusion": self.fusion,
            "since": self.since,
            "until": self.until,
            "outcomes": self.outcomes,
            "simulated": self.simulated,
            "verdict": self.verdict.value,
            "sentence": self.sentence,
            "readings": [_plain(each) for each in self.readings],
            "rolled": [
                {
                    **asdict(each),
                    "first": str(np.datetime64(each.first, "D")),
                    "last": str(np.datetime64(each.last, "D")),
                }
                for each in self.rolled
            ],
        }


def monitor(
    desk: Desk,
    symbols: Sequence[str] = (),
    timeframes: Sequence[Timeframe] = (),
    *,
    tick: Tick = silent,
) -> dict[str, Any]:
    """Return what the monitors read of every trained series asked for, as plain data."""
    ground = ground_of(desk, symbols, timeframes, tick)
    known = ground.known
    found = monitored(desk, ground.prepared, known, only=ground.wanted, tick=tick)
    untold = [s for s in ground.wanted if s in ground.prepared and s not in known.fusions]
    return {
        "meaning": MEANING,
        "simulated": any(each.simulated for each in found),
        "series": [each.to_json() for each in found],
        "problems": [
            *ground.problems,
            *known.problems,
            *(f"{s}: nothing is trained" for s in untold),
        ],
    }


def monitored(
    desk: Desk,
    prepared: Mapping[Series, Prepared],
    known: Champions,
    *,
    only: Collection[Series],
    tick: Tick = silent,
) -> list[Monitored]:
    """Return what the monitors read of the champions of each series in `only`."""
    wanted = [series for series in known.fusions if series in only]
    found = []
    for number, series in enumerate(wanted, 1):
        found.append(_watched(desk, prepared, series, known))
        tick("Reading monitors", number, len(wanted))
    return found


def _watched(
    desk: Desk,
    prepared: Mapping[Series, Prepared],
    series: Series,
    known: Champions,
) -> Monitored:
    item, fitted = prepared[series], known.fusions[series]
    since, until = moment_of(fitted.last), item.bars.last_time
    producers = [p for p in fitted.producers if p.artefact in known.voices]
    whole = len(producers) == len(fitted.producers)
    readings: list[Reading] = []
    parts: tuple[Rolled, ...] = ()
    outcomes = 0
    if until > since and whole:
        voices = [known.voices[producer.artefact] for producer in producers]
        answers = hear(voices, prepared, item, since=since - 2 * LEAD_IN)
        history = history_of(item, Span(since - LEAD_IN, until), answers)
        rows = Rows.of(history, fitted.settings)
        rows = rows.take(rows.time > fitted.last)
        readings = [*_losses(fitted, rows), *_inputs(fitted, known, item, since)]
        readings += _coverages(fitted, item, answers, Span(since, until))
        outcomes = max((each.count for each in readings if each.watch is Watch.LOG_LOSS), default=0)
        parts = rolled(pooled_shift(rows, fitted.learned), rows) if len(rows) else ()
    return Monitored(
        series=series,
        fusion=fitted.id,
        since=since,
        until=until,
        outcomes=outcomes,
        simulated=desk.is_simulated(series.symbol, series.timeframe),
        verdict=worst(readings),
        readings=tuple(readings),
        rolled=parts,
    )


def _losses(fitted: FittedFusion, rows: Rows) -> list[Reading]:
    """Return the reading of the pool, and of every producer that weighs in it."""
    found = []
    if fitted.proof.days and fitted.learned.weighs:
        shift = pooled_shift(rows, fitted.learned)
        found.append(loss_reading(POOL, shift, rows, fitted.proof.gain, fitted.proof.gain_error))
    for place in _weighing(fitted):
        known = np.isfinite(rows.evidence[:, place])
        own = rows.take(known)
        shift = fitted.slope[place] * own.evidence[:, place]
        found.append(
            loss_reading(
                _name(fitted.producers[place]),
                shift,
                own,
                fitted.skill[place],
                fitted.skill_error[place],
            )
        )
    return found


def _inputs(
    fitted: FittedFusion, known: Champions, item: Prepared, since: datetime
) -> list[Reading]:
    """Return whether the columns that the weighing producers of this timeframe read have drifted.

    They are compared with those of the span that the producers were trained on, once where several
    read the same.
    """
    now = item.rows(Span(since, item.bars.last_time))
    alike: dict[tuple[str, frozenset[str]], list[Producer]] = {}
    for place in _weighing(fitted):
        producer = fitted.producers[place]
        if producer.timeframe is item.series.timeframe:
            told = known.rows[producer.artefact].spans[str(Part.TRAIN)]
            key = (f"{told['start']} {told['end']}", known.voices[producer.artefact].reads)
            alike.setdefault(key, []).append(producer)
    found = []
    for (ends, reads), producers in alike.items():
        start, end = (datetime.fromisoformat(each) for each in ends.split())
        then = item.rows(Span(start, end))
        then = then[then >= item.pipeline.warm_up]
        read = item.only(reads).x
        found.append(
            stability_reading(
                ", ".join(_name(each) for each in producers),
                read[then].astype(np.float64),
                read[now].astype(np.float64),
            )
        )
    return found


def _coverages(
    fitted: FittedFusion, item: Prepared, answers: Sequence[Answers], span: Span
) -> list[Reading]:
    """Return whether outcomes still fall inside what the weighing producers said of them."""
    rows = item.rows(span)
    came = span_samples(item, span).scaled
    found = []
    for place in _weighing(fitted):
        producer = fitted.producers[place]
        told = next(each for each in answers if each.producer == producer)
        if producer.timeframe is not item.series.timeframe:
            continue
        at = np.searchsorted(told.time, item.time[rows])
        said = told.quantiles[np.minimum(at, len(told.time) - 1)]
        known = np.isfinite(came) & np.isfinite(said).all(axis=1)
        inside = (came >= said[:, 0]) & (came <= said[:, -1])
        found.append(coverage_reading(_name(producer), inside[known], NOMINAL, HORIZON_BARS))
    return found


def _weighing(fitted: FittedFusion) -> list[int]:
    return [place for place, label in enumerate(fitted.cluster) if label >= 0]


def _name(producer: Producer) -> str:
    return f"{producer.member} {producer.timeframe}"


def _said(reading: Reading) -> str:
    if reading.watch is Watch.LOG_LOSS:
        return (
            f"{reading.subject} gains {reading.now * 1e4:+.1f} e-4 nats a row and was let in with "
            f"{reading.then * 1e4:+.1f} (p = {reading.p_value:.3f}, {reading.count} outcomes)"
        )
    if reading.watch is Watch.COVERAGE:
        return (
            f"{reading.now:.1%} of {reading.count} outcomes fall inside what {reading.subject} "
            f"promises for {reading.then:.0%} (p = {reading.p_value:.3f})"
        )
    return f"{reading.now:.0%} of the columns that {reading.subject} reads have drifted"


def _plain(reading: Reading) -> dict[str, Any]:
    return {
        name: (value if not isinstance(value, float) or np.isfinite(value) else None)
        for name, value in asdict(reading).items()
    }
