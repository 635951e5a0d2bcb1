"""What counts as an outcome where currencies roll from one day into the next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import Span
from assay.workflows.gather import HORIZON_BARS, Prepared, Series, prepare
from assay.workflows.outcomes import span_samples
from assay.workflows.pooling import history_of
from assay.workflows.roll import in_roll
from tests.workflows.workspace import open_at, trending_bars


def micros(*moments: datetime) -> np.ndarray:
    return np.array([round(m.timestamp() * 1e6) for m in moments], dtype=np.int64)


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    desk = open_at(tmp_path_factory.mktemp("pooling"))
    desk.bars.append(trending_bars(2500), source="test", known_at=desk.clock.now())
    return prepare(desk, Series("EURUSD", Timeframe.H1))


def whole(item: Prepared) -> Span:
    first, last = item.bars.frame["time"][1000], item.bars.last_time
    return Span(first, last)


def test_the_roll_follows_the_clock_of_new_york() -> None:
    summer = [datetime(2022, 7, 5, hour, tzinfo=UTC) for hour in (20, 21, 22, 23)]
    winter = [datetime(2022, 1, 5, hour, tzinfo=UTC) for hour in (21, 22, 23)]
    just_after = datetime(2022, 7, 5, 22, 1, tzinfo=UTC)

    found = in_roll(micros(*summer, *winter, just_after))

    assert found.tolist() == [False, True, True, False, False, True, True, False]


def test_an_outcome_with_one_end_in_the_roll_is_unknown(hourly: Prepared) -> None:
    span = whole(hourly)

    samples = span_samples(hourly, span)
    history = history_of(hourly, span, [])

    begins = pl.Series(samples.time).cast(pl.Datetime("us", "UTC"))
    hour = begins.dt.convert_time_zone("America/New_York").dt.hour().to_numpy()
    in_week = samples.t1 - samples.time == round(timedelta(hours=4) / timedelta(microseconds=1))
    touched = np.isin(hour, (13, 14, 17, 18))  # four hours later, or now, it is 17:00 or 18:00
    assert (in_week & touched).sum() > 100
    assert (samples.label[in_week & touched] == -1).all()
    assert np.isnan(samples.scaled[in_week & touched]).all()
    assert (samples.label[in_week & ~touched] >= 0).all()
    assert np.isnan(history.outcome[samples.label == -1]).all()


def test_what_is_no_currency_has_no_roll(hourly: Prepared) -> None:
    bitcoin = instrument("BTCUSDT")
    bars = Bars(bitcoin, Timeframe.H1, hourly.bars.frame)
    coin = replace(hourly, instrument=bitcoin, bars=bars)

    samples = span_samples(coin, whole(hourly))

    assert (samples.label[:-HORIZON_BARS] >= 0).all()


def test_a_whole_day_has_both_ends_in_the_roll_and_keeps_its_outcome() -> None:
    closes = [datetime(2022, 3, day, 22, tzinfo=UTC) for day in (8, 9, 10)]

    found = in_roll(micros(*closes))

    assert (found[1:] == found[:-1]).all()
    assert found.all()
