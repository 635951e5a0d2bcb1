"""The day's board: one signal for every series that can be decided on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.core.errors import AssayError, JournalError, NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.store.artefacts import ArtefactKind, Artefacts
from assay.store.signals import SignalRow
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.gather import Series
from assay.workflows.issue import issue


@dataclass(frozen=True, slots=True)
class Line:
    """One series on the board: its signal, or the sentence that says why there is none.

    `fresh` says that the signal was issued now; else it was issued before and is the same.
    `age_seconds` is how old the last bar is by the clock.
    """

    series: Series
    signal: SignalRow | None
    problem: str | None
    exit_code: int
    fresh: bool
    age_seconds: float | None

    def to_json(self) -> dict[str, Any]:
        """Return plain data; a line without a signal has its problem and nothing else."""
        found: dict[str, Any] = {
            "symbol": self.series.symbol,
            "timeframe": self.series.timeframe.value,
            "problem": self.problem,
        }
        if self.signal is None:
            return found
        said = self.signal.payload
        names = (
            "id",
            "as_of",
            "decision",
            "conviction",
            "tier",
            "evidence",
            "agreement",
            "direction",
            "probability",
            "entry",
            "stop",
            "target",
            "risk_fraction",
            "reasons",
            "simulated",
        )
        verdict = {"kind": said["verdict"]["kind"], "challenge": said["verdict"]["challenge"]}
        return (
            found
            | {name: said[name] for name in names}
            | {"verdict": verdict, "fresh": self.fresh, "age_seconds": self.age_seconds}
        )


@dataclass(frozen=True, slots=True)
class Board:
    """The lines, positions first, then by conviction, series without a signal last."""

    at: datetime
    lines: tuple[Line, ...]

    @property
    def signals(self) -> tuple[SignalRow, ...]:
        """Return the signals that there are."""
        return tuple(line.signal for line in self.lines if line.signal is not None)

    @property
    def failed(self) -> tuple[Line, ...]:
        """Return the lines without a signal."""
        return tuple(line for line in self.lines if line.signal is None)

    def counts(self) -> dict[str, int]:
        """Return how many signals there are of each decision, tier and evidence."""
        found = {"series": len(self.lines), "failed": len(self.failed)}
        for name in ("decision", "tier", "evidence"):
            for signal in self.signals:
                value = str(getattr(signal, name))
                found[value] = found.get(value, 0) + 1
        return found

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "at": self.at,
            "lines": [line.to_json() for line in self.lines],
            "counts": self.counts(),
        }


def daily(desk: Desk, timeframes: Sequence[Timeframe] = (), *, tick: Tick = silent) -> Board:
    """Issue the signal of every series with a fitted fusion, or return the one issued already.

    `timeframes` keeps some of them. A series that fails is a line that says why, and the others
    go on; a broken journal stops everything, for then nothing can be issued.
    """
    wanted = decidable(desk, timeframes)
    last = desk.journal.last()
    before = last[0].no if last else 0
    lines = []
    for number, series in enumerate(wanted, 1):
        lines.append(_line(desk, series, before))
        tick("Issuing signals", number, len(wanted))
    return Board(desk.clock.now(), tuple(sorted(lines, key=_order)))


def decidable(desk: Desk, timeframes: Sequence[Timeframe] = ()) -> list[Series]:
    """Return the series that have a fitted fusion; none is a `NotFoundError`."""
    rows = Artefacts(desk.database).list(kind=ArtefactKind.FUSION)
    every = {Series(symbol, row.timeframe) for row in rows for symbol in row.symbols}
    if not every:
        raise NotFoundError("No series has trained models yet; run assay train first")
    kept = [s for s in every if not timeframes or s.timeframe in timeframes]
    if not kept:
        order = tuple(Timeframe)
        have = sorted({s.timeframe for s in every}, key=order.index)
        raise NotFoundError(
            f"No series has trained models at {', '.join(timeframes)}; there are some at "
            f"{', '.join(have)}"
        )
    return sorted(kept, key=lambda s: (s.symbol, s.timeframe.minutes))


def _line(desk: Desk, series: Series, before: int) -> Line:
    try:
        signal = issue(desk, series.symbol, series.timeframe)
    except JournalError:
        raise
    except AssayError as error:
        return Line(series, None, str(error), error.exit_code, fresh=False, age_seconds=None)
    age = (desk.clock.now() - signal.as_of).total_seconds()
    fresh = (signal.entry or 0) > before
    return Line(series, signal, None, 0, fresh=fresh, age_seconds=age)


def _order(line: Line) -> tuple[int, float, str, int]:
    name, minutes = line.series.symbol, line.series.timeframe.minutes
    if line.signal is None:
        return 2, 0.0, name, minutes
    waits = line.signal.decision == "WAIT"
    return int(waits), -(line.signal.conviction or 0.0), name, minutes
