"""Joins everything a feature may look at to the bars, on time only, as it was first seen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.table import micros
from assay.core.errors import DataError
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.release import LEVELS, direction
from assay.features.contract import Frames

Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

TIME = pl.Datetime("us", "UTC")
PEER_SCHEMA = pl.Schema({"time": TIME, "close": pl.Float64()})
STORY_SCHEMA = pl.Schema({"seen_at": TIME, "score": pl.Float64()})
RELEASE_SCHEMA = pl.Schema(
    {
        "series": pl.String(),
        "currency": pl.String(),
        "seen_at": TIME,
        "actual": pl.Float64(),
        "consensus": pl.Float64(),
    }
)
CALENDAR_COLUMNS = (
    "minute_of_week",
    "session_sydney",
    "session_tokyo",
    "session_london",
    "session_new_york",
    "minutes_open",
    "minutes_to_close",
    "first_of_day",
    "after_holiday",
)
PAST_SURPRISES = 3
"""How many earlier surprises a series needs before one of its own is counted."""
RATES = {
    "policy": "policy_rate_percent",
    "short": "yield_2y_percent",
    "long": "yield_10y_percent",
}
"""The levels that are carried on from release to release, percent a year, by their series."""
MISSED_CLOSES = 2
"""After the rows of so many higher bars without one of them, the last one is out of date."""
_SAME_MONEY = {"USDT": "USD", "USDC": "USD"}


@dataclass(frozen=True, slots=True)
class Figures:
    """What releases say to one market, each as of when it was seen; made once for many bars.

    `seen` (n,) are the announcements' first-seen times in UTC microseconds, in order, and
    `surprise_base` and `surprise_quote` (n,) their standardised surprises; `levels` holds for each
    rate when its levels were seen (m,), and the levels (m + 1,), the last one for before all.
    Whatever is added later changes nothing earlier.
    """

    seen: Places
    surprise_base: Numbers
    surprise_quote: Numbers
    levels: Mapping[str, tuple[Places, Numbers]]


@dataclass(frozen=True, slots=True)
class CurrencyFigures:
    """What the releases on one currency say to whatever market it is a leg of; see `Figures`."""

    seen: Places
    surprise: Numbers
    levels: Mapping[str, tuple[Places, Numbers]]


def figures(releases: pl.DataFrame | None, instrument: Instrument) -> Figures:
    """Return what `releases` say to `instrument`; see `frames`."""
    known = _checked("releases", releases, RELEASE_SCHEMA)
    base, quote = currencies_of(instrument)
    on_base = figures_on(base, known)
    return figures_for(instrument, on_base, on_base if quote == base else figures_on(quote, known))


def currencies_of(instrument: Instrument) -> tuple[str, str]:
    """Return the currencies whose figures count for the base and the quote of an instrument."""
    base, quote = (_SAME_MONEY.get(money, money) for money in (instrument.base, instrument.quote))
    return base, quote


def figures_on(currency: str, releases: pl.DataFrame | None) -> CurrencyFigures:
    """Return what `releases`, of any currencies, say of `currency`; see `frames`."""
    known = _checked("releases", releases, RELEASE_SCHEMA).filter(pl.col("currency") == currency)
    announced = _first_figures(known.filter(~pl.col("series").is_in(sorted(LEVELS))))
    levels = {role: _newest(known.filter(pl.col("series") == name)) for role, name in RATES.items()}
    return CurrencyFigures(
        micros(announced["seen_at"]),
        _surprises(announced),
        {role: (micros(one["seen_at"]), one["actual"].to_numpy()) for role, one in levels.items()},
    )


def figures_for(instrument: Instrument, base: CurrencyFigures, quote: CurrencyFigures) -> Figures:
    """Return what is said to `instrument` by the figures on its legs, one object if they are one.

    What is no currency bears no interest: its rates are 0.
    """
    levels = {}
    for role in RATES:
        for leg, told in (("base", base), ("quote", quote)):
            bears = leg == "quote" or instrument.asset_class is AssetClass.FX
            seen, level = told.levels[role]
            levels[f"{role}_{leg}"] = seen, np.append(level, np.nan if bears else 0.0)
    if base is quote:
        return Figures(base.seen, base.surprise, base.surprise, levels)
    seen = np.concatenate([base.seen, quote.seen])
    order = np.argsort(seen, kind="stable")
    of_base = np.concatenate([base.surprise, np.zeros(quote.seen.size)])
    of_quote = np.concatenate([np.zeros(base.seen.size), quote.surprise])
    return Figures(seen[order], of_base[order], of_quote[order], levels)


def frames(
    bars: Bars,
    *,
    higher: Bars | None,
    peers: Mapping[str, pl.DataFrame],
    stories: pl.DataFrame | None,
    releases: pl.DataFrame | Figures | None,
    calendar_columns: pl.DataFrame,
) -> Frames:
    """Return what was known at the close of each bar; see `Frames` for the columns.

    `higher` are bars of the same instrument and a longer timeframe, used from their close on and
    until `MISSED_CLOSES` more must have closed (counted in bars, so that weekends age nothing);
    `peers` frames of `PEER_SCHEMA` by symbol, joined at exactly the same time; `stories` of
    `STORY_SCHEMA` and, if there is one, `novelty` (1 if not), already those of this instrument;
    `releases` of `RELEASE_SCHEMA` and, if there is one, `event_at`, by which a revision is told
    from a first figure, or what `figures` made of them; `calendar_columns` one row a bar. More
    columns are ignored; what is later than the last bar is not used. The first bar has no row
    before it: it holds what was seen within one bar length. `DataError` for another schema, doubled
    times, numbers that are none, or frames that do not belong to these bars.
    """
    times = bars.frame["time"]
    return Frames(
        instrument=bars.instrument,
        timeframe=bars.timeframe,
        bars=bars.frame,
        higher=_higher(bars, higher),
        peers=_peers(bars, peers),
        stories=_stories(bars, _checked("stories", stories, STORY_SCHEMA)),
        macro=_macro(
            bars, releases if isinstance(releases, Figures) else figures(releases, bars.instrument)
        ),
        calendar=_calendar(times, calendar_columns),
    )


def _higher(bars: Bars, higher: Bars | None) -> pl.DataFrame:
    if higher is None:
        return pl.DataFrame(schema=BAR_SCHEMA).clear(bars.frame.height)
    if higher.instrument != bars.instrument:
        raise DataError(
            f"{bars.instrument.symbol}: higher bars are of the same instrument; "
            f"found {higher.instrument.symbol}"
        )
    if higher.timeframe.minutes <= bars.timeframe.minutes:
        raise DataError(
            f"{bars.instrument.symbol} {bars.timeframe}: higher bars are longer; "
            f"found {higher.timeframe}"
        )
    if not len(higher):
        return higher.frame.clear(bars.frame.height)
    times, closed = micros(bars.frame["time"]), micros(higher.frame["time"])
    last = np.searchsorted(closed, times, side="right") - 1
    since = np.arange(times.size) - np.searchsorted(times, closed[np.maximum(last, 0)])
    most = MISSED_CLOSES * higher.timeframe.minutes // bars.timeframe.minutes
    place = np.where((last >= 0) & (since < most), last, np.nan)
    return higher.frame[pl.Series(place, nan_to_null=True).cast(pl.UInt32)]


def _peers(bars: Bars, peers: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    times = micros(bars.frame["time"])
    found = {}
    for symbol in sorted(peers):
        if symbol == bars.instrument.symbol:
            raise DataError(f"{symbol} was named as its own peer; leave it out")
        peer = _checked(f"peer {symbol}", peers[symbol], PEER_SCHEMA)
        at, close = micros(peer["time"]), peer["close"].to_numpy()
        if (close <= 0).any():
            raise DataError(f"{symbol} has a close of zero or below; correct its bars first")
        if not np.array_equal(at, times):
            if (at[1:] <= at[:-1]).any():
                order = np.argsort(at, kind="stable")
                at, close = at[order], close[order]
            if (at[1:] == at[:-1]).any():
                raise DataError(f"{symbol} has two bars at one time; correct its bars first")
            close = _at_exactly(times, at, close)
        found[symbol] = pl.Series(close, nan_to_null=True)
    return pl.DataFrame(found) if found else pl.DataFrame(height=bars.frame.height)


def _at_exactly(times: Places, at: Places, values: Numbers) -> Numbers:
    """Return the values that stand exactly at `times` (n,), NaN where none does; `at` rises."""
    place = np.searchsorted(at, times)
    there = place < at.size
    there[there] = at[place[there]] == times[there]
    found = np.full(times.size, np.nan)
    found[there] = values[place[there]]
    return found


def _stories(bars: Bars, stories: pl.DataFrame) -> pl.DataFrame:
    seen, score = micros(stories["seen_at"]), stories["score"].to_numpy()
    if (np.abs(score) > 1.0).any():
        raise DataError("A story's score lies in [-1, 1]; found one outside")
    novelty = stories["novelty"].to_numpy() if "novelty" in stories.columns else np.ones(seen.size)
    if (seen[1:] <= seen[:-1]).any():
        order = np.lexsort((novelty, score, seen))  # the order of arrival changes no bit
        seen, score, novelty = seen[order], score[order], novelty[order]
    held, row = _held(bars, seen)
    score, novelty = score[held], novelty[held]
    return pl.DataFrame(
        {
            "count": _counted(row, bars),
            "score_sum": _summed(row, score, bars),
            "novelty_sum": _summed(row, novelty, bars),
            "score_squares": _summed(row, score * score, bars),
            "minutes_since": _minutes_since(bars, seen),
        }
    )


def _macro(bars: Bars, told: Figures) -> pl.DataFrame:
    held, row = _held(bars, told.seen)
    return pl.DataFrame(
        {
            "surprise_base": _summed(row, told.surprise_base[held], bars),
            "surprise_quote": _summed(row, told.surprise_quote[held], bars),
            "count": _counted(row, bars),
            "minutes_since": _minutes_since(bars, told.seen),
            **_rates(bars, told),
        }
    )


def _rates(bars: Bars, told: Figures) -> dict[str, pl.Series]:
    """Return the last level of each rate seen by each close, null before the first."""
    closes = micros(bars.frame["time"])
    found = {}
    for name, (seen, level) in told.levels.items():
        last = np.searchsorted(seen, closes, "right") - 1
        values = level[np.where(last >= 0, last, level.size - 1)]
        found[name] = pl.Series(values, nan_to_null=True, dtype=pl.Float64)
    return found


def _newest(levels: pl.DataFrame) -> pl.DataFrame:
    """Return the levels in the order they were seen, without revisions of any but the newest."""
    ordered = levels.sort("seen_at", maintain_order=True)
    if "event_at" not in ordered.columns:
        return ordered
    return ordered.filter(pl.col("event_at") >= pl.col("event_at").cum_max())


def _first_figures(releases: pl.DataFrame) -> pl.DataFrame:
    """Return one currency's releases in the order seen, without revisions of earlier ones."""
    ordered = releases.sort("seen_at", "series", "actual", maintain_order=True)
    if "event_at" not in ordered.columns:
        return ordered
    return ordered.unique(["series", "event_at"], keep="first", maintain_order=True)


def _surprises(releases: pl.DataFrame) -> Numbers:
    """Return (actual - consensus) over the standard deviation of those seen strictly earlier.

    Positive is good for the currency: of a figure such as unemployment the sign is turned. By
    series; 0 without a consensus, with fewer than `PAST_SURPRISES` before, or where these were all
    equal. The spread divides by n - 1 (Welford 1962, so no look ahead).
    """
    names = releases["series"].to_list()
    signs = {series: float(direction(series)) for series in set(names)}
    apart = (releases["actual"] - releases["consensus"]).to_numpy()
    raw = (apart * np.array([signs[series] for series in names], dtype=np.float64)).tolist()
    found = np.zeros(len(raw))
    seen = micros(releases["seen_at"]).tolist()
    past = {series: _Spread() for series in signs}
    for place, (series, value) in enumerate(zip(names, raw, strict=True)):
        if not math.isnan(value):
            found[place] = past[series].standardised(value, seen[place])
    return found


class _Spread:
    """The spread of the values seen strictly before a moment, one value after the other."""

    def __init__(self) -> None:
        self._count, self._mean, self._squares = 0, 0.0, 0.0
        self._waiting: list[float] = []
        self._moment = 0

    def standardised(self, value: float, moment: int) -> float:
        """Return `value` by the spread before `moment`, and remember it for later ones."""
        if moment > self._moment:
            self._take_in()
            self._moment = moment
        self._waiting.append(value)
        if self._count < PAST_SURPRISES or self._squares <= 0.0:
            return 0.0
        return value / math.sqrt(self._squares / (self._count - 1))

    def _take_in(self) -> None:
        for value in self._waiting:
            self._count += 1
            apart = value - self._mean
            self._mean += apart / self._count
            self._squares += apart * (value - self._mean)
        self._waiting.clear()


def _held(bars: Bars, seen: Places) -> tuple[slice, Places]:
    """Return which of `seen`, in order, the bars hold, and of each the row that closed first since.

    The first row holds what was seen within one bar length.
    """
    closes = micros(bars.frame["time"])
    if not closes.size:
        return slice(0, 0), np.empty(0, dtype=np.int64)
    length = bars.timeframe.length // timedelta(microseconds=1)
    first, last = np.searchsorted(seen, (closes[0] - length, closes[-1]), side="right")
    held = slice(int(first), int(last))
    return held, np.searchsorted(closes, seen[held], side="left").astype(np.int64)


def _summed(row: Places, values: Numbers, bars: Bars) -> Numbers:
    sums = np.bincount(row, weights=values, minlength=bars.frame.height)
    return sums.astype(np.float64, copy=False)  # without any row they are integers


def _counted(row: Places, bars: Bars) -> npt.NDArray[np.uint32]:
    return np.bincount(row, minlength=bars.frame.height).astype(np.uint32)


def _minutes_since(bars: Bars, seen: Places) -> pl.Series:
    """Return the minutes from the last thing seen by each row's close; null before the first."""
    closes = micros(bars.frame["time"])
    last = np.searchsorted(seen, closes, side="right") - 1
    if not seen.size:
        return pl.Series([None] * closes.size, dtype=pl.Float64)
    minutes = np.where(last >= 0, (closes - seen[np.maximum(last, 0)]) / 60e6, np.nan)
    return pl.Series(minutes, nan_to_null=True, dtype=pl.Float64)


def _calendar(times: pl.Series, columns: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in CALENDAR_COLUMNS if name not in columns.columns]
    if missing:
        raise DataError(f"The calendar columns lack {', '.join(missing)}")
    if columns.height != times.len():
        raise DataError(
            f"{times.len():,} bars need as many calendar rows; found {columns.height:,}"
        )
    if "time" in columns.columns and not columns["time"].equals(times):
        raise DataError("The calendar columns were made for other times than those of the bars")
    found = columns[list(CALENDAR_COLUMNS)]
    return found if set(found.dtypes) == {pl.Float64()} else found.cast(pl.Float64)


def _checked(what: str, frame: pl.DataFrame | None, schema: pl.Schema) -> pl.DataFrame:
    """Return `frame`, its schema and numbers checked; an empty one for None."""
    if frame is None:
        return pl.DataFrame(schema=schema)
    found = frame.schema
    wrong = [name for name, kind in schema.items() if found.get(name) != kind]
    if wrong:
        raise DataError(
            f"{what}: {', '.join(wrong)} should be {[str(schema[name]) for name in wrong]}; "
            f"found {[str(found.get(name)) for name in wrong]}"
        )
    needed = [name for name in schema if name != "consensus"]
    empty = [name for name in needed if frame[name].null_count()]
    numbers = [name for name, kind in schema.items() if kind == pl.Float64]
    empty += [name for name in numbers if not _is_finite(frame[name])]
    if empty:
        raise DataError(f"{what}: {', '.join(empty)} has a missing or infinite value; correct it")
    return frame


def _is_finite(numbers: pl.Series) -> bool:
    known = numbers.drop_nulls() if numbers.null_count() else numbers
    return bool(np.isfinite(known.to_numpy()).all())
