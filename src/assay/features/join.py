"""Joins everything a feature may look at to the bars, on time only, as it was first seen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

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


def figures(releases: pl.DataFrame | None, instrument: Instrument) -> Figures:
    """Return what `releases` say to `instrument`; see `frames`."""
    known = _checked("releases", releases, RELEASE_SCHEMA)
    base, quote = (_SAME_MONEY.get(money, money) for money in (instrument.base, instrument.quote))
    mine = _first_figures(_announced(known, base, quote))
    surprise = _surprises(mine)
    of_base = (mine["currency"] == base).to_numpy()
    of_quote = (mine["currency"] == quote).to_numpy()
    return Figures(
        _epochs(mine["seen_at"]),
        np.where(of_base, surprise, 0.0),
        np.where(of_quote, surprise, 0.0),
        _levels(known, base, quote, instrument),
    )


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
    times = bars.frame.select("time")
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
    closed = higher.frame.with_columns(closed_at=pl.col("time")).set_sorted("closed_at")
    joined = times.rename({"time": "now"}).join_asof(
        closed, left_on="now", right_on="closed_at", strategy="backward"
    )
    close = joined["time"].dt.epoch("us").fill_null(0).to_numpy()
    ended = pl.Series(np.searchsorted(_epochs(times["time"]), close))
    since = pl.int_range(bars.frame.height, eager=True) - ended
    most = MISSED_CLOSES * higher.timeframe.minutes // bars.timeframe.minutes
    return joined.select(
        pl.when(since < most).then(pl.col(name)).alias(name) for name in BAR_SCHEMA
    )


def _peers(bars: Bars, peers: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    times = _epochs(bars.frame["time"])
    found = {}
    for symbol in sorted(peers):
        if symbol == bars.instrument.symbol:
            raise DataError(f"{symbol} was named as its own peer; leave it out")
        peer = _checked(f"peer {symbol}", peers[symbol], PEER_SCHEMA)
        at, close = _epochs(peer["time"]), peer["close"].to_numpy()
        if (at[1:] <= at[:-1]).any():
            order = np.argsort(at, kind="stable")
            at, close = at[order], close[order]
        if (at[1:] == at[:-1]).any():
            raise DataError(f"{symbol} has two bars at one time; correct its bars first")
        if (close <= 0).any():
            raise DataError(f"{symbol} has a close of zero or below; correct its bars first")
        found[symbol] = pl.Series(_at_exactly(times, at, close), nan_to_null=True)
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
    if (stories["score"].abs() > 1.0).any():
        raise DataError("A story's score lies in [-1, 1]; found one outside")
    stories = stories.sort("seen_at", "score")  # the order of arrival changes no bit
    row, score = _rows(bars, _epochs(stories["seen_at"])), stories["score"].to_numpy()
    novelty = stories["novelty"].to_numpy() if "novelty" in stories.columns else np.ones(row.size)
    return pl.DataFrame(
        {
            "count": _summed(row, np.ones(row.size), bars).astype(np.uint32),
            "score_sum": _summed(row, score, bars),
            "novelty_sum": _summed(row, novelty, bars),
            "score_squares": _summed(row, score * score, bars),
            "minutes_since": _minutes_since(bars, _epochs(stories["seen_at"])),
        }
    )


def _macro(bars: Bars, told: Figures) -> pl.DataFrame:
    row = _rows(bars, told.seen)
    return pl.DataFrame(
        {
            "surprise_base": _summed(row, told.surprise_base, bars),
            "surprise_quote": _summed(row, told.surprise_quote, bars),
            "count": _summed(row, np.ones(row.size), bars).astype(np.uint32),
            "minutes_since": _minutes_since(bars, told.seen),
            **_rates(bars, told),
        }
    )


def _announced(releases: pl.DataFrame, base: str, quote: str) -> pl.DataFrame:
    """Return what was published for either currency; what is quoted daily is no announcement."""
    return releases.filter(
        pl.col("currency").is_in([base, quote]) & ~pl.col("series").is_in(sorted(LEVELS))
    )


def _rates(bars: Bars, told: Figures) -> dict[str, pl.Series]:
    """Return the last level of each rate seen by each close, null before the first."""
    closes = _epochs(bars.frame["time"])
    found = {}
    for name, (seen, level) in told.levels.items():
        last = np.searchsorted(seen, closes, "right") - 1
        values = level[np.where(last >= 0, last, level.size - 1)]
        found[name] = pl.Series(values, nan_to_null=True, dtype=pl.Float64)
    return found


def _levels(
    releases: pl.DataFrame, base: str, quote: str, instrument: Instrument
) -> dict[str, tuple[Places, Numbers]]:
    """Return when each level of each rate was seen, and the levels, the last one for before all.

    What is no currency bears no interest: its rates are 0.
    """
    found = {}
    for role, series in RATES.items():
        for leg, money in (("base", base), ("quote", quote)):
            known = _newest(
                releases.filter((pl.col("series") == series) & (pl.col("currency") == money))
            )
            bears = leg == "quote" or instrument.asset_class is AssetClass.FX
            level = np.append(known["actual"].to_numpy(), np.nan if bears else 0.0)
            found[f"{role}_{leg}"] = _epochs(known["seen_at"]), level
    return found


def _newest(levels: pl.DataFrame) -> pl.DataFrame:
    """Return the levels in the order they were seen, without revisions of any but the newest."""
    ordered = levels.sort("seen_at", maintain_order=True)
    if "event_at" not in ordered.columns:
        return ordered
    return ordered.filter(pl.col("event_at") >= pl.col("event_at").cum_max())


def _first_figures(releases: pl.DataFrame) -> pl.DataFrame:
    """Return the releases in the order they were seen, without the revisions of earlier ones."""
    ordered = releases.sort("seen_at", "series", "currency", "actual")
    if "event_at" not in ordered.columns:
        return ordered
    return ordered.unique(["series", "currency", "event_at"], keep="first", maintain_order=True)


def _surprises(releases: pl.DataFrame) -> Numbers:
    """Return (actual - consensus) over the standard deviation of those seen strictly earlier.

    Positive is good for the currency: of a figure such as unemployment the sign is turned. By
    series and currency; 0 without a consensus, with fewer than `PAST_SURPRISES` before, or where
    these were all equal. The spread divides by n - 1 (Welford 1962, so no look ahead).
    """
    names = releases["series"].to_list()
    signs = {series: float(direction(series)) for series in set(names)}
    apart = (releases["actual"] - releases["consensus"]).to_numpy()
    raw = (apart * np.array([signs[series] for series in names], dtype=np.float64)).tolist()
    found = np.zeros(len(raw))
    seen = _epochs(releases["seen_at"]).tolist()
    past: dict[tuple[str, str], _Spread] = {}
    for place, key in enumerate(zip(names, releases["currency"].to_list(), strict=True)):
        value = raw[place]
        if math.isnan(value):
            continue
        spread = past.get(key)
        if spread is None:
            spread = past[key] = _Spread()
        found[place] = spread.standardised(value, seen[place])
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


def _rows(bars: Bars, seen: Places) -> Places:
    """Return the first row that closed at or after `seen`; -1 for none, or before the first."""
    closes = _epochs(bars.frame["time"])
    row = np.searchsorted(closes, seen, side="left")
    row[row == closes.size] = -1
    if closes.size:
        length = bars.timeframe.length // timedelta(microseconds=1)
        row[seen <= closes[0] - length] = -1
    return row.astype(np.int64)


def _epochs(times: pl.Series) -> Places:
    """Return times without a gap in UTC microseconds."""
    found: Places = times.to_numpy().view(np.int64)
    return found


def _summed(row: Places, values: Numbers, bars: Bars) -> Numbers:
    known = row >= 0
    height = bars.frame.height
    return np.bincount(row[known], weights=values[known], minlength=height).astype(np.float64)


def _minutes_since(bars: Bars, seen: Places) -> pl.Series:
    """Return the minutes from the last thing seen by each row's close; null before the first."""
    closes = _epochs(bars.frame["time"])
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
    return columns.select(pl.col(CALENDAR_COLUMNS).cast(pl.Float64))


def _checked(what: str, frame: pl.DataFrame | None, schema: pl.Schema) -> pl.DataFrame:
    """Return `frame`, its schema and numbers checked; an empty one for None."""
    if frame is None:
        return pl.DataFrame(schema=schema)
    wrong = [name for name, kind in schema.items() if frame.schema.get(name) != kind]
    if wrong:
        raise DataError(
            f"{what}: {', '.join(wrong)} should be {[str(schema[name]) for name in wrong]}; "
            f"found {[str(frame.schema.get(name)) for name in wrong]}"
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
