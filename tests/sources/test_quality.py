"""Bad bars by rule: each class found where it is, sound bars left in peace, the past unchanged."""

from collections import Counter
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from assay.core.calendars.calendar import calendar
from assay.core.instruments import equity, instrument
from assay.core.values.bars import BAR_SCHEMA, PRICES
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.flaw import Code, Flaw, Severity
from assay.sources.quality.rules import find_flaws
from tests.sources.files import at

H1 = Timeframe.H1
KINDS = {
    "EURUSD": instrument("EURUSD"),
    "XAUUSD": instrument("XAUUSD"),
    "BTCUSDT": instrument("BTCUSDT"),
    "AAPL": equity("AAPL"),
}


def walk(symbol: str = "EURUSD", timeframe: Timeframe = H1, seed: int = 0) -> pl.DataFrame:
    """Return two years of sound bars that move as markets do: busy by day, quiet by night."""
    known = KINDS[symbol]
    table = calendar(known.calendar)
    times = table.expected_closes(timeframe, at("2022-01-01 00:00"), at("2024-01-01 00:00"))
    chance, count = np.random.default_rng(seed), len(times)
    hours = times.dt.convert_time_zone(table.zone).dt.hour().to_numpy()
    busy = np.where((hours >= 3) & (hours < 16), 3.0, 1.0)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 5e-4, count) * busy))
    opened = np.concatenate([[100.0], close[:-1]])
    wick = np.abs(chance.normal(0, 3e-4, (2, count))) * busy
    return pl.DataFrame(
        {
            "time": times,
            "open": opened,
            "high": np.maximum(opened, close) * (1 + wick[0]),
            "low": np.minimum(opened, close) * (1 - wick[1]),
            "close": close,
            "volume": 100 * busy * chance.lognormal(0, 0.4, count),
        },
        schema=BAR_SCHEMA,
    )


def flaws(
    frame: pl.DataFrame, symbol: str = "EURUSD", timeframe: Timeframe = H1
) -> tuple[Flaw, ...]:
    known: Instrument = KINDS[symbol]
    return find_flaws(frame, known, timeframe, calendar(known.calendar))


def found(frame: pl.DataFrame, symbol: str = "EURUSD") -> list[tuple[Code, int, int]]:
    return [(flaw.code, flaw.start, flaw.end) for flaw in flaws(frame, symbol)]


def put(frame: pl.DataFrame, row: int, **values: float | None) -> pl.DataFrame:
    """Return the frame with other values in one row."""
    here = pl.int_range(pl.len()) == row
    return frame.with_columns(
        pl.when(here).then(pl.lit(value, pl.Float64)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


@pytest.mark.parametrize("timeframe", [Timeframe.M15, H1, Timeframe.H4, Timeframe.D1])
@pytest.mark.parametrize("symbol", list(KINDS))
def test_sound_bars_have_no_flaw(symbol: str, timeframe: Timeframe) -> None:
    assert flaws(walk(symbol, timeframe), symbol, timeframe) == ()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"close": float("nan")}, Code.NOT_A_NUMBER),
        ({"open": None}, Code.NOT_A_NUMBER),
        ({"high": float("inf")}, Code.NOT_A_NUMBER),
        ({"volume": -1.0}, Code.NOT_A_NUMBER),
        ({"low": 0.0}, Code.NOT_POSITIVE),
        ({"close": -5.0}, Code.NOT_POSITIVE),
        ({"high": 1.0}, Code.HIGH_BELOW_LOW),
        ({"low": 1e6}, Code.HIGH_BELOW_LOW),
    ],
)
def test_values_no_bar_can_have(values: dict[str, float | None], code: Code) -> None:
    assert found(put(walk(), 700, **values)) == [(code, 700, 700)]


def test_rows_that_come_twice_or_late() -> None:
    frame = walk()
    twice = pl.concat([frame[:501], frame[500:]])
    late = pl.concat([frame[:500], frame[501:510], frame[500:501], frame[510:]])

    assert found(twice) == [(Code.DUPLICATE, 501, 501)]
    assert found(late) == [(Code.OUT_OF_ORDER, 509, 509)]


@pytest.mark.parametrize(
    ("minutes", "code"), [(30, Code.HALF_BAR), (7, Code.HALF_BAR), (6.9, Code.WRONG_STEP)]
)
def test_times_off_the_grid(minutes: float, code: Code) -> None:
    moved = pl.col("time") - pl.when(pl.int_range(pl.len()) == 600).then(
        pl.duration(seconds=int(minutes * 60))
    ).otherwise(pl.duration())

    assert found(walk().with_columns(moved)) == [(code, 600, 600)]


@pytest.mark.parametrize("hours", [-12, -3, -1, 1, 2, 7, 12])
@pytest.mark.parametrize("symbol", list(KINDS))
def test_a_week_in_another_zone_is_found_with_its_hours(symbol: str, hours: int) -> None:
    frame = walk(symbol)
    week = (pl.col("time") - pl.duration(hours=1)).dt.truncate("1w") == pl.lit(
        at("2022-09-12 00:00")
    )
    if symbol in ("EURUSD", "XAUUSD"):  # from Sunday evening on
        week = (pl.col("time") + pl.duration(hours=9)).dt.truncate("1w") == pl.lit(
            at("2022-09-12 00:00")
        )
    rows = frame.with_row_index("row").filter(week)["row"]
    shift = pl.when(week).then(pl.duration(hours=hours)).otherwise(pl.duration())

    (flaw,) = flaws(frame.with_columns(pl.col("time") + shift), symbol)

    assert flaw.code is Code.WRONG_ZONE
    assert (flaw.start, flaw.end) == (rows[0], rows[-1])
    assert flaw.moved_by == hours * 3_600_000_000


def test_a_feed_that_opens_and_closes_late_is_not_in_another_zone() -> None:
    frame = walk()
    gap = pl.col("time").diff() > timedelta(hours=30)
    last = (pl.col("time").shift(-1) - pl.col("time")) > timedelta(hours=30)
    after = frame.filter(last.fill_null(value=False)).with_columns(
        pl.col("time") + pl.duration(hours=1)
    )
    late = pl.concat([frame.filter(~gap.fill_null(value=False)), after]).sort("time")

    assert Counter(flaw.code for flaw in flaws(late))[Code.WRONG_ZONE] == 0


@pytest.mark.parametrize("up", [True, False])
def test_a_spike_is_one_only_when_it_is_taken_back(up: bool) -> None:
    frame = walk()
    near = frame[690:704]
    atr = float((near["high"] - near["low"]).mean() or 0.0)  # type: ignore[arg-type]
    wick = frame["high"][704] + 25 * atr if up else frame["low"][704] - 25 * atr
    spiked = put(frame, 704, **{"high" if up else "low": wick})
    lasting = frame.with_columns(
        pl.when(pl.int_range(pl.len()) >= 704).then(pl.col(name) * 1.05).otherwise(pl.col(name))
        for name in PRICES
    )

    (flaw,) = flaws(spiked)
    assert (flaw.code, flaw.start, flaw.known) == (Code.SPIKE, 704, 705)
    assert flaw.severity is Severity.MISLEADING
    assert found(spiked[:705]) == [], "the next bar is not there yet"
    assert found(lasting) == [], "a move that stays is a move"


def fallen(frame: pl.DataFrame, row: int, size: float, *left: float) -> pl.DataFrame:
    """Return bars that fall `size` ATR in a row; `left` of it is there still at each close."""
    near = frame[row - 14 : row]
    fall = size * float((near["high"] - near["low"]).mean() or 0.0)  # type: ignore[arg-type]
    before = opened = frame["close"][row - 1]
    for number, share in enumerate(left):
        close = before - share * fall
        low = before - fall if number == 0 else min(opened, close)
        frame = put(frame, row + number, open=opened, high=max(opened, close), low=low, close=close)
        opened = close
    return frame


@pytest.mark.parametrize(
    ("size", "left", "took"),
    [
        (16, (0.9, 0.3), 1),
        (22, (0.9, 0.8, 0.3), 2),
        (20, (0.9, 0.8, 0.3), None),
        (27, (0.9, 0.8, 0.7, 0.3), 3),
        (24, (0.9, 0.8, 0.7, 0.3), None),
        (40, (0.9, 0.8, 0.7, 0.6, 0.3), None),
    ],
)
def test_a_spike_may_be_taken_back_later_if_it_is_larger(
    size: float, left: tuple[float, ...], took: int | None
) -> None:
    frame = fallen(walk("BTCUSDT"), 704, size, *left)

    known = [flaw.known for flaw in flaws(frame, "BTCUSDT") if flaw.code is Code.SPIKE]

    assert known == ([] if took is None else [704 + took])


def test_a_low_that_is_gone_beyond_is_no_spike() -> None:
    frame = fallen(walk("BTCUSDT"), 704, 40, 0.9, 0.8, 0.3)
    beyond = put(frame, 705, low=frame["low"][704] - 0.01)

    assert (Code.SPIKE, 704, 704) in found(frame, "BTCUSDT")
    assert found(beyond, "BTCUSDT") == []


@pytest.mark.parametrize(
    ("values", "spiked"),
    [({"low": 0.5}, True), ({"high": 2.0}, True), ({"low": 0.6}, False), ({"high": 1.6}, False)],
)
def test_half_the_price_is_as_far_as_double_of_it(values: dict[str, float], spiked: bool) -> None:
    lively = walk("BTCUSDT").with_columns(pl.col("high") * 1.03, pl.col("low") * 0.97)
    (side, times) = next(iter(values.items()))
    frame = put(lively, 704, **{side: lively["close"][703] * times})

    assert found(frame, "BTCUSDT") == ([(Code.SPIKE, 704, 704)] if spiked else [])


def test_closes_that_stand_still() -> None:
    frame, still = walk(), walk()["close"][799]
    for row in range(800, 805):
        frame = put(frame, row, **dict.fromkeys(PRICES, still))

    (flaw,) = flaws(frame)

    assert (flaw.code, flaw.start, flaw.end, flaw.known) == (Code.STALE, 799, 804, 804)
    assert found(put(frame, 804, close=still * 1.0001, high=still * 1.0001)) == []


def test_a_split_nobody_adjusted_for() -> None:
    frame = walk("AAPL")
    first = frame.with_row_index("row").filter(pl.col("time").dt.date() == at("2023-03-01").date())
    start = first["row"][0]
    split = frame.with_columns(
        pl.when(pl.int_range(pl.len()) >= start).then(pl.col(name) / 4).otherwise(pl.col(name))
        for name in PRICES
    )

    assert (Code.SPLIT, start, start) in found(split, "AAPL")


def test_a_volume_that_is_almost_nothing() -> None:
    assert found(put(walk(), 900, volume=0.2)) == [(Code.THIN_VOLUME, 900, 900)]
    assert found(walk().with_columns(volume=pl.lit(0.0))) == [], "where none is published"


def test_what_is_known_of_a_bar_does_not_change() -> None:
    frame = put(walk(), 900, volume=0.2)
    frame = put(frame, 704, high=frame["high"][704] * 1.2)
    frame = fallen(frame, 800, 40, 0.9, 0.8, 0.7, 0.3)
    whole = flaws(frame)

    assert {flaw.known - flaw.end for flaw in whole if flaw.code is Code.SPIKE} == {1, 3}
    for rows in (*range(690, 920, 7), *range(800, 806)):
        cut = flaws(frame[:rows])
        assert cut == tuple(flaw for flaw in whole if flaw.known < rows)
