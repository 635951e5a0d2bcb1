"""What the members say of the newest bar: their forecasts, and what moved each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import ArtefactError, NotFoundError
from assay.core.values.forecast import PROBABILITIES, Classes, Forecast
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.features.pipeline import Pipeline
from assay.features.sets import STANDARD, Which
from assay.fusion.evidence import Producer
from assay.fusion.fitted import FittedFusion
from assay.models.contract import Asked, Floats, Raw
from assay.models.explaining import account, stretches, usual_of
from assay.models.faithfulness import withheld
from assay.models.loading import LoadedModel, load
from assay.models.serving import answer_all
from assay.store.artefacts import Artefacts
from assay.workflows.desk import Desk
from assay.workflows.gather import (
    HORIZON_BARS,
    Prepared,
    Series,
    micros,
    pipeline_of,
    reading,
)
from assay.workflows.pooling import age_in_bars

SHOWN_DRIVERS = 5
STRETCHES = 6
"""Into how many stretches a window is cut to say which bars moved an answer."""


@dataclass(frozen=True, slots=True)
class Account:
    """What moved one member, said by itself or found by occlusion; `withheld` says why not.

    `drivers` hold feature, value and how much each moved the raw logit of up; `moments` how much
    the bars of each stretch of the window did, as (first bar, last bar, moved), 0 being the asked
    one and 1 the bar before it. `leans_on` names the columns that moved its answers most in general
    when rows swapped them, on the span it was calibrated on.
    """

    method: str | None = None
    withheld: str | None = None
    drivers: tuple[Mapping[str, Any], ...] = ()
    moments: tuple[tuple[int, int, float], ...] = ()
    leans_on: tuple[tuple[str, float], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "method": self.method,
            "withheld": self.withheld,
            "drivers": tuple(dict(driver) for driver in self.drivers),
            "moments": self.moments,
            "leans_on": self.leans_on,
        }


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the members said: forecasts, why one is silent, and what moved each."""

    forecasts: tuple[Forecast, ...]
    ages: dict[str, float]
    blocks: tuple[Reason, ...]
    accounts: dict[str, Account]


@dataclass(frozen=True)
class Voices:
    """The loaded models of a fusion's producers; `blocks` say why others are silent."""

    models: Mapping[Producer, LoadedModel]
    blocks: tuple[Reason, ...]

    @cached_property
    def places(self) -> dict[Producer, "Places"]:
        """Return where each has found its columns, for `speak` to look up and to fill."""
        return {}

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Return the timeframes that are read, in the order of the producers."""
        return tuple(dict.fromkeys(producer.timeframe for producer in self.models))

    @cached_property
    def bars_read(self) -> int:
        """Return how many bars the furthest-reading of the models reads for one answer."""
        return max((model.bars_read for model in self.models.values()), default=1)

    @cached_property
    def features(self) -> Which:
        """Return which of the sets of features the models read."""
        reads = {name for model in self.models.values() for name in model.reads}
        return "standard" if reads <= STANDARD else "full"

    def peers_of(self, series: Series) -> Sequence[str] | None:
        """Return the peers that models of `series` were trained with, None where none says.

        Models of one fusion were trained together, so they agree.
        """
        told = (model.data.get("peers", {}).get(str(series)) for model in self.models.values())
        return next((peers for peers in told if peers is not None), None)


def summon(
    desk: Desk, fitted: FittedFusion, opened: Callable[[Path], LoadedModel] = load
) -> Voices:
    """Return the models that `fitted` pools, each checked against the pipeline of today.

    A damaged artefact is quarantined and a missing one named; neither is an error here.
    """
    models, blocks = {}, []
    asset_class = desk.instrument(fitted.symbol).asset_class
    for producer in fitted.producers:
        try:
            model = opened(desk.models / producer.artefact)
            whole = pipeline_of(asset_class, producer.timeframe, "full")
            model.check_features(reading(whole, model.reads).hash)
        except ArtefactError as error:
            Artefacts(desk.database).quarantine(producer.artefact, str(error))
            blocks.append(Reason.QUARANTINED)
        except NotFoundError:
            blocks.append(Reason.MISSING_MODEL)
        else:
            models[producer] = model
    return Voices(models, tuple(blocks))


@dataclass(frozen=True, slots=True)
class Places:
    """The columns that a model reads, and their places among all of `pipeline`; None: all."""

    pipeline: Pipeline
    columns: tuple[str, ...]
    among: NDArray[np.intp] | None

    def of(self, asked: Asked) -> Asked:
        """Return a question about all columns as one about its own."""
        return asked if self.among is None else asked.only(self.among)


@dataclass(frozen=True, slots=True)
class Said:
    """What one model said of a bar, and what moved it."""

    forecast: Forecast
    account: Account


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest bar of a frame, and what was `said` of it by whom; None is silence.

    `usual` holds what is usual in the columns that a model had taken away.
    """

    item: Prepared
    asked: Asked
    said: dict[Producer, Said | None] = field(default_factory=dict)
    usual: dict[tuple[str, ...], Floats] = field(default_factory=dict)


Kept = dict[Series, Newest]
"""What was last said of each series: signals of several timeframes ask about the same bar."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What one model reads of a bar: its columns, and no more bars than one answer needs."""

    model: LoadedModel
    bar: Newest
    places: Places
    asked: Asked

    def usual(self) -> Floats:
        """Return the usual values of its columns in the frame."""
        usual, columns = self.bar.usual, self.places.columns
        if columns not in usual:
            usual[columns] = usual_of(self.places.of(self.bar.asked))
        return usual[columns]


def speak(
    voices: Voices,
    decision: Prepared,
    frames: Mapping[Timeframe, Prepared],
    at: datetime,
    kept: Kept | None = None,
) -> Spoken:
    """Return what every voice says by `at` (UTC), the last rows of `frames` read.

    What `kept` holds of the very same frames is not asked again, and what is new is put there.
    """
    kept = {} if kept is None else kept
    bars = {each: _newest(frames[each], kept) for each in voices.timeframes}
    _ask(voices, bars)
    age = {each: _age(decision, bar.item, at) for each, bar in bars.items()}
    forecasts, ages, blocks, accounts = [], {}, list(voices.blocks), {}
    for producer in voices.models:
        said = bars[producer.timeframe].said[producer]
        if said is None:
            blocks.append(Reason.WARM_UP)
            continue
        forecasts.append(said.forecast)
        ages[producer.artefact] = age[producer.timeframe]
        accounts[producer.artefact] = said.account
    return Spoken(tuple(forecasts), ages, tuple(dict.fromkeys(blocks)), accounts)


def _newest(item: Prepared, kept: Kept) -> Newest:
    """Return what `kept` holds of a frame; any other frame of the series makes room for it."""
    found = kept.get(item.series)
    if found is None or found.item is not item:
        found = kept[item.series] = Newest(item, last_row(item))
    return found


def _ask(voices: Voices, bars: Mapping[Timeframe, Newest]) -> None:
    """Have every voice speak that was not asked about its bar yet."""
    silent = [p for p in voices.models if p not in bars[p.timeframe].said]
    reads = [_read(voices, producer, bars[producer.timeframe]) for producer in silent]
    answers = answer_all([(read.model, read.asked, read.places.columns) for read in reads])
    for producer, read, answer in zip(silent, reads, answers, strict=True):
        made = _forecast(producer, read.model, read.bar.item, answer)
        read.bar.said[producer] = None if made is None else Said(made, _account(read))


def _read(voices: Voices, producer: Producer, bar: Newest) -> _Read:
    """Return the newest row as the model of `producer` reads it."""
    model, item, found = voices.models[producer], bar.item, voices.places.get(producer)
    if found is None or found.pipeline is not item.pipeline:
        columns = reading(item.pipeline, model.reads).columns
        place_of = {name: place for place, name in enumerate(item.columns)}
        among = None if columns == item.columns else np.array([place_of[c] for c in columns])
        found = voices.places[producer] = Places(item.pipeline, columns, among)
    return _Read(model, bar, found, found.of(bar.asked.cut(model.bars_read)))


def _age(decision: Prepared, item: Prepared, at: datetime) -> float:
    made = np.array([micros(item.bars.last_time)])
    row = np.searchsorted(decision.time, [micros(at)])
    ratio = decision.series.timeframe.minutes / item.series.timeframe.minutes
    return max(0.0, float(age_in_bars(decision.time, made, row, ratio)[0]))


def forecast_of(
    producer: Producer,
    series: Series,
    made_at: datetime,
    answer: tuple[Floats, Floats, Floats],
    base: Classes,
    volatility: float,
) -> Forecast:
    """Return one answer as a forecast.

    `answer` holds the calibrated quantiles (Q,), the calibrated classes (3,) and the raw ones;
    `volatility` is of one bar's log return.
    """
    quantiles, classes, raw = answer
    return Forecast(
        member=producer.member,
        family=producer.family,
        symbol=series.symbol,
        timeframe=series.timeframe,
        horizon_bars=HORIZON_BARS,
        made_at=made_at,
        quantiles=dict(zip(PROBABILITIES, quantiles.tolist(), strict=True)),
        volatility=volatility * float(np.sqrt(HORIZON_BARS)),
        classes=_classes(classes),
        raw=_classes(raw),
        base=base,
        artefact=producer.artefact,
    )


def _forecast(
    producer: Producer, model: LoadedModel, item: Prepared, answer: tuple[Raw, Raw]
) -> Forecast | None:
    raw, calibrated = answer
    volatility = float(item.volatility[-1])
    if not (np.isfinite(calibrated.classes).all() and np.isfinite(volatility)):
        return None
    said = (calibrated.quantiles[0], calibrated.classes[0], raw.classes[0])
    base = _classes(np.array(model.calibration.base))
    return forecast_of(producer, item.series, item.bars.last_time, said, base, volatility)


def last_row(item: Prepared) -> Asked:
    """Return the question after the newest row."""
    return item.asked(np.array([len(item.x) - 1]))


def _classes(row: Floats) -> Classes:
    down, flat, up = (row / row.sum()).tolist()
    return Classes(down, flat, up)


def _account(read: _Read) -> Account:
    """Return what moved the answer to the newest row, if the model's account may be shown."""
    model, asked = read.model, read.asked
    why = withheld(model.member, model.metrics.get("explanation"))
    if why is not None:
        return Account(withheld=why)
    blocks = STRETCHES if model.bars_read >= STRETCHES else 0
    found = account(model.runtime, asked, read.usual, blocks)
    moved = found.columns[0]
    order = np.argsort(-np.abs(moved), kind="stable")[:SHOWN_DRIVERS]
    drivers = tuple(
        {
            "feature": read.places.columns[place],
            "value": _number(asked.table[-1, place]),
            "moved": float(moved[place]),
        }
        for place in order.tolist()
        if np.isfinite(moved[place]) and moved[place] != 0
    )
    leans = tuple((name, by) for name, by in model.metrics["explanation"]["leans_on"])
    moments = _moments(model.bars_read, found.stretches[0])
    return Account(found.method.value, None, drivers, moments, leans)


def _moments(length: int, moved: Floats) -> tuple[tuple[int, int, float], ...]:
    """Return how much each stretch of a window of `length` bars moved, counted from its end."""
    edges = stretches(length, len(moved))
    return tuple(
        (length - 1 - start, length - end, float(by))
        for (start, end), by in zip(edges, moved, strict=True)
        if np.isfinite(by)
    )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
