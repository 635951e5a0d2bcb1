"""The planted defects are what they say, where they say, and nothing else."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.instruments import equity, instrument
from assay.core.values.bars import BAR_SCHEMA, PRICES, Bars, first_problem
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.simulated import Simulated
from assay.sources.quality.flaw import Code
from tests.sources.files import market_bars
from tests.sources.mutations import MARGIN, SPACING, VARIANTS, Planted, mutated

ACME = equity("ACME")
SYMBOLS = {one: instrument(one) for one in ("EURUSD", "XAUUSD", "BTCUSDT")} | {"ACME": ACME}
SERIES = [
    ("EURUSD", Timeframe.H1),
    ("EURUSD", Timeframe.M15),
    ("EURUSD", Timeframe.M1),
    ("XAUUSD", Timeframe.H1),
    ("BTCUSDT", Timeframe.H1),
    ("BTCUSDT", Timeframe.M15),
    ("ACME", Timeframe.M15),
    ("ACME", Timeframe.H1),
    ("XAUUSD", Timeframe.H4),
    ("EURUSD", Timeframe.D1),
]
REFUSED = {
    Code.DUPLICATE, Code.OUT_OF_ORDER, Code.HIGH_BELOW_LOW, Code.NOT_POSITIVE, Code.NOT_A_NUMBER,
}  # fmt: skip
"""What `Bars` refuses by itself."""
CONTEXT_BARS = 15
SIMULATED = Simulated(
    seed=5, years=3.0, instruments=list(SYMBOLS.values()), timeframe=Timeframe.M15
)
Check = Callable[[pl.DataFrame, pl.DataFrame, pl.DataFrame], bool]


def clean(symbol: str, timeframe: Timeframe) -> Bars:
    if timeframe is Timeframe.M1:
        return market_bars(symbol, timeframe, "2024-01-01 00:00", "2024-04-01 00:00")
    if timeframe is Timeframe.D1:
        return market_bars(symbol, timeframe, "2000-01-01 00:00", "2024-01-01 00:00")
    return SIMULATED.bars(SYMBOLS[symbol], timeframe).bars


def planted_into(
    bars: Bars, codes: Sequence[Code], seed: int
) -> tuple[pl.DataFrame, list[Planted]]:
    market = calendar(bars.instrument.calendar)
    return mutated(bars.frame, bars.instrument, bars.timeframe, market, codes, seed)


def possible(symbol: str, timeframe: Timeframe) -> set[Code]:
    left_out = set() if symbol == "ACME" else {Code.SPLIT}
    if timeframe is Timeframe.M1:
        left_out.add(Code.HALF_BAR)
    return set(Code) - left_out


def stretches(
    original: pl.DataFrame, frame: pl.DataFrame, planted: list[Planted]
) -> list[tuple[Planted, int, int]]:
    """Return what was planted with the rows (first, after) of the original that it replaced."""
    known, times = original["time"], frame["time"]
    before = known.search_sorted(times.gather([one.start - 1 for one in planted]))
    after = known.search_sorted(times.gather([one.end + 1 for one in planted]))
    return [(one, a + 1, b) for one, a, b in zip(planted, before, after, strict=True)]


def is_as_planted(original: pl.DataFrame, frame: pl.DataFrame, planted: Planted) -> bool:
    """Say whether `frame` has what was planted, told from the two frames alone."""
    [(_, first, after)] = stretches(original, frame, [planted])
    factor = frame["close"][planted.start - 1] / original["close"][first - 1]
    scaled = original.with_columns(pl.col(PRICES) * factor, pl.col("volume") / factor)
    old = scaled[first:after]
    new = frame[planted.start : planted.end + 1]
    around = scaled[first - CONTEXT_BARS : after + 1]
    stamped = (new["time"].min(), new["time"].max()) == (planted.first, planted.last)
    return stamped and CHECKS[planted.code](old, new, around)


def is_duplicate(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    doubled = new["time"].is_duplicated()
    same = new.filter(doubled).drop("close", "high").unique().height == 1
    return new.height == old.height + 1 and doubled.sum() == 2 and same


def is_out_of_order(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    return not new["time"].is_sorted() and bool(same_rows(new.sort("time"), old))


def is_high_below_low(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    bar = new.row(0, named=True)
    body = bar["open"], bar["close"]
    return same_rows(new, old, but=("high", "low")) and (
        bar["high"] < max(body) or bar["low"] > min(body)
    )


def is_not_positive(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    return same_rows(new, old, but=PRICES) and min(new.select(PRICES).row(0)) <= 0


def is_not_a_number(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    bad = [v is None or not np.isfinite(v) for v in new.drop("time").row(0)]
    return same_rows(new, old, but=(*PRICES, "volume")) and (
        sum(bad) == 1 or (not any(bad) and new["volume"][0] < 0)
    )


def is_wrong_step(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    return (
        same_rows(new, old, but=("time",))
        and around["time"][-3] < new["time"][0] < around["time"][-1]
        and new["time"][0].timestamp() % 60 != 0
    )


def is_half_bar(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    time, after = new["time"][0], old["time"][0] if old.height else around["time"][-1]
    before = around["time"][-3] if old.height else around["time"][-2]
    length, bar = after - before, new.row(0, named=True)
    central = abs(time - before - length / 2) <= length / 6
    if old.height:
        return bool(central and time.second == 0) and same_rows(new, old, but=("time",))
    whole = around.row(-1, named=True)
    half = (bar["high"] - bar["low"]) / (whole["high"] - whole["low"])
    inside = bar["low"] >= whole["low"] * (1 - 1e-12) and bar["high"] <= whole["high"] * (1 + 1e-12)
    return bool(central and time.second == 0 and inside and 0.2 < half < 0.8)


def is_wrong_zone(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    shifts = set(new["time"] - old["time"])
    hours = abs(shifts.pop() / timedelta(hours=1))
    trading = (old["time"] - timedelta(minutes=1)).dt.date().n_unique()
    return not shifts and hours in range(1, 13) and trading >= 5 and same_rows(new, old, ("time",))


def is_spike(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    before, bar = around[:-2], new.row(0, named=True)
    highs = pl.max_horizontal("high", pl.col("close").shift())
    lows = pl.min_horizontal("low", pl.col("close").shift())
    size = before.select(highs - lows)[1:].to_series().mean()
    assert isinstance(size, float)
    was, moved = old["close"][0], abs(bar["close"] - old["close"][0])
    if moved:
        gone = bar["close"] - before["close"][-1], bar["close"] - around["close"][-1]
        held = bar["close"] in (bar["high"], bar["low"])
        back = min(abs(one) for one in gone) / size > 10
        return held and back and 15.499 < moved / size < 46 and same_but_reach(new, old)
    body = bar["open"], was
    wick = max(bar["high"] - max(body), min(body) - bar["low"])
    return 15.499 < wick / size < 41 and same_but_reach(new, old)


def same_but_reach(new: pl.DataFrame, old: pl.DataFrame) -> bool:
    return same_rows(new, old, but=("high", "low", "close"))


def is_stale(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    before = around["close"][-2 - old.height]
    alone = same_rows(new, old, but=PRICES) and 6 <= new.height <= 40
    steps = new["time"].diff().drop_nulls()
    flat = bool((new["high"] == new["low"]).all())
    free = PRICES if flat else ("high", "low", "close")
    return bool(
        alone
        and (steps.n_unique() == 1 or (steps > timedelta(hours=20)).all())
        and np.allclose(new["close"], before, rtol=1e-12)
        and not np.allclose(old["close"], before, rtol=1e-9)
        and same_rows(new, old, but=free)
    )


def is_split(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    ratios = new.select(PRICES).to_numpy() / old.select(PRICES).to_numpy()
    ratio = max(ratios[0, 0], 1 / ratios[0, 0])
    volume = new["volume"][0] * ratios[0, 0] / old["volume"][0]
    first = new["time"][0] - around["time"][-3] > timedelta(hours=12)
    whole = min(abs(ratio - n) for n in (2, 3, 4, 5, 7, 10, 20)) < 1e-9
    return bool(first and whole and np.allclose(ratios, ratios[0, 0]) and np.isclose(volume, 1))


def is_thin_volume(old: pl.DataFrame, new: pl.DataFrame, around: pl.DataFrame) -> bool:
    return same_rows(new, old, but=("volume",)) and bool(
        0 <= new["volume"][0] < 0.3 * old["volume"][0]
    )


CHECKS: dict[Code, Check] = {
    Code.DUPLICATE: is_duplicate,
    Code.OUT_OF_ORDER: is_out_of_order,
    Code.HIGH_BELOW_LOW: is_high_below_low,
    Code.NOT_POSITIVE: is_not_positive,
    Code.NOT_A_NUMBER: is_not_a_number,
    Code.WRONG_STEP: is_wrong_step,
    Code.HALF_BAR: is_half_bar,
    Code.WRONG_ZONE: is_wrong_zone,
    Code.SPIKE: is_spike,
    Code.STALE: is_stale,
    Code.SPLIT: is_split,
    Code.THIN_VOLUME: is_thin_volume,
}


def same_rows(new: pl.DataFrame, old: pl.DataFrame, but: tuple[str, ...] = ()) -> bool:
    """Say whether two frames agree in all columns `but` some; a split before may round."""
    if new.height != old.height:
        return False
    pairs = ((new[name], old[name]) for name in new.columns if name not in but)
    return all(
        a.equals(b) if a.name == "time" else np.allclose(a, b, rtol=1e-12, atol=0) for a, b in pairs
    )


def mixed(seed: int) -> list[Code]:
    order = np.random.default_rng(seed).permutation(len(Code))
    return [list(Code)[number] for number in order]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("symbol", "timeframe"), SERIES)
def test_every_code_is_planted_as_it_says(symbol: str, timeframe: Timeframe, seed: int) -> None:
    bars = clean(symbol, timeframe)

    frame, planted = planted_into(bars, mixed(seed), seed)

    can = possible(symbol, timeframe)
    assert [one.code for one in planted] == [code for code in mixed(seed) if code in can]
    for one in planted:
        assert is_as_planted(bars.frame, frame, one), one


@pytest.mark.parametrize("code", Code)
def test_every_variant_turns_up_and_is_what_it_says(code: Code) -> None:
    bars = clean("ACME", Timeframe.M15)

    frame, planted = planted_into(bars, [code] * 40, seed=7)

    named = {variant.__name__ for variant in VARIANTS[code]}
    expected = {"split", "reverse_split"} if code is Code.SPLIT else named
    assert {one.variant for one in planted} == expected
    for one in planted:
        assert is_as_planted(bars.frame, frame, one), one


@pytest.mark.parametrize(("symbol", "timeframe"), SERIES)
def test_untouched_rows_stay_and_lie_between(symbol: str, timeframe: Timeframe) -> None:
    bars = clean(symbol, timeframe)
    codes = [code for code in mixed(4) * 30 if code is not Code.SPLIT]

    frame, planted = planted_into(bars, codes, seed=4)

    assert frame.schema == BAR_SCHEMA
    done = at = 0
    for one, first, after in stretches(bars.frame, frame, planted):
        assert_frame_equal(frame[at : one.start], bars.frame[done:first], check_exact=True)
        assert one.start - at >= (SPACING if at else MARGIN)
        done, at = after, one.end + 1
    assert_frame_equal(frame[at:], bars.frame[done:], check_exact=True)
    assert frame.height - at >= MARGIN


def test_a_split_goes_on_to_the_end_or_the_next() -> None:
    bars = clean("ACME", Timeframe.M15)

    frame, planted = planted_into(bars, [Code.SPLIT] * 8, seed=3)

    ratios = (frame["close"] / bars.frame["close"]).to_numpy()
    changed = np.flatnonzero(~np.isclose(ratios[1:], ratios[:-1])) + 1
    assert [one.start for one in planted] == changed.tolist()
    assert len(planted) == 8
    assert 1 / 20 <= ratios.min() <= ratios.max() <= 20.000001


def test_the_same_seed_plants_the_same() -> None:
    bars = clean("EURUSD", Timeframe.H1)

    first, again, other = (planted_into(bars, mixed(1), seed) for seed in (1, 1, 2))

    assert first[1] == again[1] != other[1]
    assert_frame_equal(first[0], again[0], check_exact=True)


def test_where_there_is_no_room_fewer_are_planted() -> None:
    bars = clean("EURUSD", Timeframe.H1)
    short = Bars(bars.instrument, bars.timeframe, bars.frame.head(1700))

    _, planted = planted_into(short, [Code.DUPLICATE] * 50, seed=1)

    assert len(planted) == 5
    assert planted_into(short, [], seed=1)[1] == []


def test_what_a_series_cannot_have_is_left_out() -> None:
    minutes = clean("EURUSD", Timeframe.M1)
    silent = Bars(
        minutes.instrument, minutes.timeframe, minutes.frame.with_columns(volume=pl.lit(0.0))
    )

    frame, planted = planted_into(silent, [Code.SPLIT, Code.HALF_BAR, Code.THIN_VOLUME], seed=1)

    assert planted == []
    assert_frame_equal(frame, silent.frame)


@pytest.mark.parametrize("code", Code)
def test_bars_refuse_the_impossible_and_take_the_misleading(code: Code) -> None:
    bars = clean("ACME", Timeframe.M15)

    frame, planted = planted_into(bars, [code] * 6, seed=2)

    assert len(planted) == 6
    assert (first_problem(frame) is not None) == (code in REFUSED)


@pytest.mark.parametrize("symbol", ["EURUSD", "BTCUSDT"])
def test_rows_of_a_shifted_week_stay_where_they_were(symbol: str) -> None:
    bars = clean(symbol, Timeframe.H1)

    frame, planted = planted_into(bars, [Code.WRONG_ZONE] * 10, seed=2)

    assert frame.height == len(bars)
    days = frame["time"].dt.date()
    assert len(planted) == 10
    for one in planted:
        weekdays = bars.frame["time"][one.start] - timedelta(minutes=1)
        assert weekdays.weekday() == (6 if symbol == "EURUSD" else 0)
        assert days[one.start : one.end + 1].n_unique() >= 5
