"""The board as it stands: the newest stored signal of every series. Nothing is computed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.core.calendars.calendar import calendar
from assay.core.errors import AssayError, HistoryError
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.store.briefs import Brief, newest_of
from assay.store.series import SeriesInfo
from assay.workflows.desk import Desk
from assay.workflows.stored_instruments import known

COUNTED = timedelta(days=30)
"""How far back missed bars are counted; what is older is old, whatever the count."""
CURRENT_BARS = 1
"""The signal of the last bar but one may still be on its way; what is older is stale."""


@dataclass(frozen=True, slots=True)
class Place:
    """One series on the board: its newest signal, the one before, its last bars, and its age.

    `now` is what age is counted to: the clock, or for a simulated market its own newest bar.
    `bars_behind` says how many bars should have closed since the signal's by the calendar, None
    where that is not counted; `is_stale` that it is more than one.
    """

    instrument: Instrument
    timeframe: Timeframe
    simulated: bool
    signal: Brief | None
    previous: Brief | None
    last_bar_at: datetime
    last_price: float
    previous_price: float | None
    now: datetime
    bars_behind: int | None
    is_stale: bool | None

    @property
    def age_seconds(self) -> float | None:
        """Return how old the signal's bar is, None without a signal."""
        return (self.now - self.signal.as_of).total_seconds() if self.signal else None


@dataclass(frozen=True, slots=True)
class StandingBoard:
    """Every stored series, by symbol and length of bar, at `at` (to the minute)."""

    at: datetime
    places: tuple[Place, ...]
    problems: tuple[str, ...]


def standing_board(desk: Desk) -> StandingBoard:
    """Return the board; a series that cannot be read is a sentence in `problems`."""
    problems: list[str] = []
    infos = desk.bars.series(problems)
    newest = newest_of(desk.database, [(i.symbol, i.timeframe) for i in infos], each=2)
    at = desk.clock.now().replace(second=0, microsecond=0)
    simulated_now = max((i.last for i in infos if i.simulated), default=at)
    places = []
    for info in infos:
        now = simulated_now if info.simulated else at
        try:
            places.append(_place(desk, info, newest[info.symbol, info.timeframe], now))
        except AssayError as error:
            problems.append(f"{info.symbol} {info.timeframe}: {error}")
    return StandingBoard(at, tuple(places), tuple(problems))


def _place(desk: Desk, info: SeriesInfo, signals: Sequence[Brief], now: datetime) -> Place:
    instrument = known(desk, info.symbol)
    closes = desk.bars.tail(instrument, info.timeframe, 2).frame["close"].to_list()
    signal = signals[0] if signals else None
    behind = _behind(instrument, info.timeframe, signal.as_of, now) if signal else None
    return Place(
        instrument=instrument,
        timeframe=info.timeframe,
        simulated=info.simulated,
        signal=signal,
        previous=signals[1] if len(signals) > 1 else None,
        last_bar_at=info.last,
        last_price=closes[-1],
        previous_price=closes[0] if len(closes) > 1 else None,
        now=now,
        bars_behind=behind,
        is_stale=None if signal is None else behind is None or behind > CURRENT_BARS,
    )


def _behind(
    instrument: Instrument, timeframe: Timeframe, since: datetime, now: datetime
) -> int | None:
    """Return how many bars should have closed after `since` up to `now`, None if not counted."""
    if now - since > COUNTED:
        return None
    try:
        closes = calendar(instrument.calendar).expected_closes(timeframe, since, max(since, now))
    except HistoryError:
        return None
    return int((closes > since).sum())
