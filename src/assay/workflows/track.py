"""The track record: what issued signals said, what came of them, and how good that is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any

from assay.evaluation import track as statistics
from assay.evaluation.reliability import Bins, Brier
from assay.evaluation.track import Record
from assay.store.resolutions import Open, Part, Resolution, Resolutions, Traced
from assay.workflows.desk import Desk
from assay.workflows.pages import Page, page
from assay.workflows.resolving import Why, why_open
from assay.workflows.track_rows import (
    EVERY,
    Asked,
    Judged,
    Kind,
    Row,
    kind_of,
    resolved,
    said_of,
    spoke,
    traded_of,
)


class By(StrEnum):
    """What a record is grouped by."""

    ALL = "all"
    MEMBER = "member"
    TIER = "tier"
    SYMBOL = "symbol"
    TIMEFRAME = "timeframe"
    SERIES = "series"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Group:
    """The record of signals that are alike: never of two kinds at once."""

    name: str
    kind: Kind
    record: Record


@dataclass(frozen=True, slots=True)
class Track:
    """The record by `by`.

    `open` signals have a part to come, of whatever kind; `left_out` were resolved, but belong to
    the other sample.
    """

    by: By
    groups: tuple[Group, ...]
    open: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What was said against what came true, of one kind of signals; None with too few."""

    name: str
    kind: Kind
    count: int
    bins: Bins | None
    brier: Brier | None


@dataclass(frozen=True, slots=True)
class Followed:
    """One signal with what came of it so far; `why` it is open, None where all is known."""

    signal: Traced
    kind: Kind
    horizon: Resolution | None
    trade: Resolution | None
    why: Why | None = None

    @property
    def is_open(self) -> bool:
        """Say whether a part of it is to come."""
        return self.horizon is None or len(self.signal.outcomes) < self.horizon.parts


def track(desk: Desk, asked: Asked | None = None, by: By = By.ALL) -> Track:
    """Return the record of the resolved signals asked for, grouped: live ones, large ones first."""
    wanted = asked or Asked()
    groups, left_out = _grouped(desk, wanted, by)
    found = [
        Group(name, kind, statistics.record(said_of(each), traded_of(each), seed=desk.seed))
        for (name, kind), each in groups.items()
    ]
    found.sort(key=lambda one: (list(Kind).index(one.kind), -one.record.count, one.name))
    still = Resolutions(desk.journal).count_open(wanted.chosen) if desk.has_database else 0
    return Track(by, tuple(found), still, left_out)


def calibration(desk: Desk, asked: Asked | None = None, by: By = By.ALL) -> list[Calibrated]:
    """Return, by group and kind, how often what was said came true; see `track`."""
    found = []
    for (name, kind), each in sorted(_grouped(desk, asked or Asked(), by)[0].items()):
        said = said_of(each)
        bins, brier = statistics.calibration(said, seed=desk.seed) or (None, None)
        found.append(Calibrated(name, kind, int(said.moved.sum()), bins, brier))
    return found


def signals(
    desk: Desk, asked: Asked | None = None, *, below: int | None = None, limit: int = 50
) -> Page[Followed]:
    """Return signals with what came of them, the last issued first, losing and withheld ones too.

    Those still open say why. With a `member` only those whose horizon is over and on which it
    spoke. `below` is the journal entry of the last signal of the page before.
    """
    found = page(list(islice(_followed(desk, asked or EVERY, below), limit + 1)), limit)
    reasons = why_open(desk, [_open(one.signal) for one in found.items if one.is_open])
    items = (replace(one, why=reasons.get(one.signal.id)) for one in found.items)
    return Page(tuple(items), found.more)


def every_signal(desk: Desk, asked: Asked | None = None) -> Iterator[Followed]:
    """Yield every signal asked for, as `signals` does, without why the open ones are open."""
    return _followed(desk, asked or EVERY, None)


def _followed(desk: Desk, asked: Asked, below: int | None) -> Iterator[Followed]:
    if not desk.has_database:
        return
    for one in Resolutions(desk.journal).newest_first(asked.chosen, below):
        columns = {name: getattr(one, name) for name in _KIND_COLUMNS}
        kind = kind_of(desk, columns)
        if not asked.holds(kind, in_sample=one.in_sample):
            continue
        horizon, trade = one.outcomes.get(Part.HORIZON), one.outcomes.get(Part.TRADE)
        if asked.member and (horizon is None or not spoke(horizon.found, asked.member)):
            continue
        yield Followed(one, kind, horizon, trade)


_KIND_COLUMNS = ("simulated", "symbol", "timeframe", "as_of", "made_at")


def _open(signal: Traced) -> Open:
    return Open(
        *(signal.id, signal.symbol, signal.timeframe, signal.as_of, signal.horizon_bars),
        frozenset(signal.outcomes),
    )


def _grouped(desk: Desk, asked: Asked, by: By) -> tuple[dict[tuple[str, Kind], list[Judged]], int]:
    """Return the signals asked for by group and kind, and how many the sample leaves out."""
    rows, left_out = resolved(desk, asked)
    groups: dict[tuple[str, Kind], list[Judged]] = {}
    for row in rows:
        if by is By.MEMBER or asked.member is not None:
            for name, part in _named(row, by, asked.member):
                groups.setdefault((name, row.kind), []).append((row, part))
        else:
            groups.setdefault((_name(row, by), row.kind), []).append((row, None))
    return groups, left_out


def _name(row: Row, by: By) -> str:
    if by is By.ALL:
        return By.ALL.value
    if by is By.SERIES:
        return row.series
    return str(row.columns[by.value] or "none")


def _named(row: Row, by: By, member: str | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the groups of a signal by whose probabilities are judged: members on timeframes."""
    for part in row.came["members"]:
        if member in (None, part["member"]):
            own = f"{part['member']} {part['timeframe']}"
            yield (own if by in (By.MEMBER, By.ALL) else f"{own}, {_name(row, by)}"), part
