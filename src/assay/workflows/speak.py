"""What the members say of the newest bar: their forecasts, and what moved each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from assay.core.errors import ArtefactError, NotFoundError
from assay.core.values.forecast import PROBABILITIES, Classes, Forecast
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.fusion.evidence import Producer
from assay.fusion.fitted import FittedFusion
from assay.models.contract import Floats
from assay.models.loading import LoadedModel, load
from assay.store.artefacts import Artefacts
from assay.workflows.desk import Desk
from assay.workflows.gather import HORIZON_BARS, Prepared, Series, micros, pipeline_of
from assay.workflows.pooling import age_in_bars

SHOWN_DRIVERS = 5


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the members said: forecasts, why one is silent, and what moved each."""

    forecasts: tuple[Forecast, ...]
    ages: dict[str, float]
    blocks: tuple[Reason, ...]
    drivers: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Voices:
    """The loaded models of a fusion's producers; `blocks` say why others are silent."""

    models: Mapping[Producer, LoadedModel]
    blocks: tuple[Reason, ...]

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Return the timeframes that are read, in the order of the producers."""
        return tuple(dict.fromkeys(producer.timeframe for producer in self.models))

    def peers_of(self, series: Series) -> Sequence[str] | None:
        """Return the peers that models of `series` were trained with, None where none says.

        Models of one fusion were trained together, so they agree.
        """
        told = (model.data.get("peers", {}).get(str(series)) for model in self.models.values())
        return next((peers for peers in told if peers is not None), None)


def summon(desk: Desk, fitted: FittedFusion) -> Voices:
    """Return the models that `fitted` pools, each checked against the pipeline of today.

    A damaged artefact is quarantined and a missing one named; neither is an error here.
    """
    models, blocks = {}, []
    asset_class = desk.instrument(fitted.symbol).asset_class
    for producer in fitted.producers:
        try:
            model = load(desk.models / producer.artefact)
            model.check_features(pipeline_of(asset_class, producer.timeframe).hash)
        except ArtefactError as error:
            Artefacts(desk.database).quarantine(producer.artefact, str(error))
            blocks.append(Reason.QUARANTINED)
        except NotFoundError:
            blocks.append(Reason.MISSING_MODEL)
        else:
            models[producer] = model
    return Voices(models, tuple(blocks))


def speak(
    voices: Voices, decision: Prepared, frames: Mapping[Timeframe, Prepared], at: datetime
) -> Spoken:
    """Return what every voice says by `at` (UTC), the last rows of `frames` read."""
    forecasts, ages, blocks, drivers = [], {}, list(voices.blocks), {}
    for producer, model in voices.models.items():
        item = frames[producer.timeframe]
        made = _forecast(producer, model, item)
        if made is None:
            blocks.append(Reason.WARM_UP)
            continue
        forecasts.append(made)
        ages[producer.artefact] = _age(decision, item, at)
        drivers[producer.artefact] = _drivers(model, item)
    return Spoken(tuple(forecasts), ages, tuple(dict.fromkeys(blocks)), drivers)


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


def _forecast(producer: Producer, model: LoadedModel, item: Prepared) -> Forecast | None:
    raw, calibrated = model.predict(last_row(item), item.columns)
    volatility = float(item.volatility[-1])
    if not (np.isfinite(calibrated.classes).all() and np.isfinite(volatility)):
        return None
    answer = (calibrated.quantiles[0], calibrated.classes[0], raw.classes[0])
    base = _classes(np.array(model.calibration.base))
    return forecast_of(producer, item.series, item.bars.last_time, answer, base, volatility)


def last_row(item: Prepared) -> Floats:
    """Return the newest row of features (1, F) as members read it."""
    return np.asarray(item.x[-1:], dtype=np.float64)


def _classes(row: Floats) -> Classes:
    down, flat, up = (row / row.sum()).tolist()
    return Classes(down, flat, up)


def _drivers(model: LoadedModel, item: Prepared) -> list[dict[str, Any]]:
    moved = model.contributions(last_row(item), item.columns)
    if moved is None:
        return []
    order = np.argsort(-np.abs(moved[0]), kind="stable")[:SHOWN_DRIVERS]
    return [
        {
            "feature": item.columns[place],
            "value": _number(item.x[-1, place]),
            "moved": float(moved[0, place]),
        }
        for place in order.tolist()
        if moved[0, place] != 0
    ]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
