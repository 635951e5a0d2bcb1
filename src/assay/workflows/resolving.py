"""Resolve issued signals: once their horizon is over, say from stored bars what came of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.errors import DataError, HistoryError, NotFoundError
from assay.core.ids import canonical
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.store.resolutions import AT_ONCE, Draft, Open, Part, Resolution, Resolutions
from assay.workflows.came import Came, came_of, needed
from assay.workflows.desk import Desk, Tick, silent

LONGEST_CLOSED = timedelta(days=14)
"""No market that opens again stays closed for longer."""

READY = "ready"
BAD_BARS = "bad_bars"
"""Why a signal stays open whose bars are there: the kernel refuses to trade on them."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What one round of resolving did.

    `horizons` and `trades` count outcomes that were written down, `corrected` those that were
    written again because bars they rest on are others now. `waiting` counts the signals that stay
    open, by why (see `why_open`).
    """

    horizons: int
    trades: int
    corrected: int
    waiting: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "horizons": self.horizons,
            "trades": self.trades,
            "corrected": self.corrected,
            "waiting": dict(self.waiting),
        }


@dataclass(frozen=True, slots=True)
class Why:
    """Why a signal is open: a word for programs, a sentence for people."""

    code: str
    sentence: str


def resolve(desk: Desk, *, tick: Tick = silent) -> Resolved:
    """Resolve every open signal whose bars are stored, and look again where bars were corrected.

    An outcome is computed from bars that had closed by now, in the version that is stored now, and
    from what the signal itself said; it is written down once. Bars that are corrected later make a
    second entry beside it. Safe to run at any time and as often as one likes.
    """
    if not desk.has_database:
        return Resolved(0, 0, 0, {})
    kept = Resolutions(desk.journal)
    corrected = len(kept.add(_again(desk, kept)))
    counts: Counter[Part] = Counter()
    before = kept.open()
    groups = _by_series(before)
    for number, group in enumerate(groups.values(), 1):
        bars = _bars_of(desk, group)
        for some in _in_turn(group, bars):
            drafts = _first(some, bars, kept.payloads([one.id for one in some], needed))
            counts.update(each.part for each in kept.add(drafts))
        tick("Resolving signals", number, len(groups))
    return Resolved(
        counts[Part.HORIZON], counts[Part.TRADE], corrected, _waiting(desk, kept, before)
    )


def why_open(desk: Desk, signals: Sequence[Open]) -> dict[str, Why]:
    """Return why each of the `signals` is open, by its id."""
    found: dict[str, Why] = {}
    for group in _by_series(signals).values():
        bars = _bars_of(desk, group)
        times = None if bars is None else bars.frame["time"]
        found |= {one.id: _why(desk, one, times) for one in group}
    return found


def _waiting(desk: Desk, kept: Resolutions, before: Sequence[Open]) -> dict[str, int]:
    """Count why signals that were open `before` a round still are."""
    if not before:
        return {}
    asked = {one.id for one in before}
    left = why_open(desk, [one for one in kept.open() if one.id in asked])
    counted = Counter(BAD_BARS if why.code == READY else why.code for why in left.values())
    return dict(sorted(counted.items()))


def _by_series(signals: Iterable[Open]) -> dict[tuple[str, Timeframe], list[Open]]:
    groups: dict[tuple[str, Timeframe], list[Open]] = {}
    for one in signals:
        groups.setdefault((one.symbol, one.timeframe), []).append(one)
    return groups


def _bars_of(desk: Desk, group: Sequence[Open]) -> Bars | None:
    try:
        return _bars(desk, group[0].symbol, group[0].timeframe, min(one.as_of for one in group))
    except NotFoundError:
        return None


def _bars(desk: Desk, symbol: str, timeframe: Timeframe, start: datetime) -> Bars:
    """Return the stored bars from `start` on that have closed by now."""
    end = max(start, desk.clock.now())
    return desk.bars.read(desk.instrument(symbol), timeframe, start=start, end=end)


def _in_turn(group: Sequence[Open], bars: Bars | None) -> Iterator[Sequence[Open]]:
    """Yield the signals after whose bar another has closed, some at a time."""
    if bars is None or not len(bars):
        return
    last = bars.last_time
    ripe = [one for one in group if one.as_of < last]
    for start in range(0, len(ripe), AT_ONCE):
        yield ripe[start : start + AT_ONCE]


def _first(
    signals: Sequence[Open], bars: Bars | None, payloads: Mapping[str, Mapping[str, Any]]
) -> list[Draft]:
    """Return what can be written of `signals` for the first time."""
    if bars is None:
        return []
    came = _came(bars, {one.id: payloads[one.id] for one in signals})
    return [
        _draft(one.id, each, revision=1)
        for one in signals
        for each in came.get(one.id, ())
        if each.part not in one.has
    ]


def _again(desk: Desk, kept: Resolutions) -> list[Draft]:
    """Return newer versions of outcomes whose bars were corrected after they were written."""
    drafts = []
    for symbol, timeframe in kept.series():
        try:
            changes = desk.bars.changes(symbol, timeframe)
        except NotFoundError:
            continue
        stale: dict[tuple[str, Part], Resolution] = {}
        for change in changes:
            if change.kind == "correct":
                span = change.first, change.last, change.known_at
                touched = kept.touched(symbol, timeframe, *span)
                stale |= {(each.signal_id, each.part): each for each in touched}
        for start in range(0, len(stale), AT_ONCE):
            some = list(stale.values())[start : start + AT_ONCE]
            drafts += _changed(desk, kept, symbol, timeframe, some)
    return drafts


def _changed(
    desk: Desk, kept: Resolutions, symbol: str, timeframe: Timeframe, stale: Sequence[Resolution]
) -> list[Draft]:
    said = kept.payloads([each.signal_id for each in stale], needed)
    first = min(datetime.fromisoformat(payload["as_of"]) for payload in said.values())
    came = _came(_bars(desk, symbol, timeframe, first), said)
    now = {(name, each.part): each for name, parts in came.items() for each in parts}
    drafts = []
    for old in stale:
        new = now.get((old.signal_id, old.part))
        if new is not None and canonical(new.found) != canonical(old.found):
            drafts.append(_draft(old.signal_id, new, revision=old.revision + 1))
    return drafts


def _draft(signal_id: str, each: Came, *, revision: int) -> Draft:
    return Draft(signal_id, each.part, revision, each.parts, each.due, each.found)


def _came(bars: Bars, said: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Came]]:
    """Return what came of each signal; of bars that the kernel refuses nothing comes."""
    try:
        return came_of(bars, said)
    except DataError:
        return {}


def _why(desk: Desk, one: Open, times: pl.Series | None) -> Why:
    name = f"{one.symbol} {one.timeframe}"
    if times is None:
        return Why("no_bars", f"No bars of {name} are stored any more")
    row = int(times.search_sorted(one.as_of))
    if row >= len(times) or times[row] != one.as_of:
        return Why("bar_gone", f"The bar the signal was made on, {_said(one.as_of)}, is not stored")
    after = len(times) - row - 1
    if after >= one.horizon_bars:
        if Part.HORIZON in one.has:
            return Why("trade_open", "The horizon is over; stop, target and time are still to come")
        return Why(READY, "Its horizon is over, and it is resolved next time (assay track)")
    due = _due(desk, one)
    # a simulated market has no time but its own: what it has not made yet is not missing
    is_simulated = desk.is_simulated(one.symbol, one.timeframe)
    if due is None or due > (times[-1] if is_simulated else desk.clock.now()):
        said = f", about {_said(due)}" if due else ""
        return Why("not_due", f"{after} of {one.horizon_bars} bars have closed since{said}")
    return Why(
        "bars_missing",
        f"{one.horizon_bars - after} of the {one.horizon_bars} bars after the signal are not "
        f"stored; they were due by {_said(due)} (assay data sync)",
    )


def _due(desk: Desk, one: Open) -> datetime | None:
    """Return when the last bar of the horizon closes by the calendar, None if nobody knows."""
    table = calendar(desk.instrument(one.symbol).calendar)
    far = one.as_of + 2 * one.horizon_bars * one.timeframe.length + LONGEST_CLOSED
    begin = one.as_of + timedelta(microseconds=1)
    try:
        closes = table.expected_closes(one.timeframe, begin, far)
    except HistoryError:
        return None
    place = one.horizon_bars - 1
    found: datetime | None = closes[place] if len(closes) > place else None
    return found


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
