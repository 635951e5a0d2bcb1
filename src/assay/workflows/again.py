"""Backtests that were run before: which there are, and their reports as they were kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from assay.core.errors import NotFoundError
from assay.evaluation.page import OWN
from assay.store.reports import Reports
from assay.store.trials import TrialRow, Trials, TrialStatus
from assay.workflows.desk import Desk

NAMESPACE = "backtest"
"""What backtests are called in the ledger of trials."""
NONE = "No backtest was run here yet; run assay backtest first"
_PRICES = ("entry", "exit", "stop", "target")
_TIMES = ("decided", "entered", "left")


@dataclass(frozen=True, slots=True)
class Past:
    """One backtest of the ledger: what was tried, how it ended, and whether its report is kept.

    `simulated` says whether any of its series is; None where none of them is stored any more.
    """

    trial: str
    started_at: datetime
    status: TrialStatus
    symbols: tuple[str, ...]
    timeframe: str
    members: tuple[str, ...]
    days: int | None
    sharpe: dict[str, Any] | None
    kept: bool
    reason: str | None
    simulated: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "trial": self.trial,
            "started_at": self.started_at,
            "status": self.status,
            "symbols": self.symbols,
            "timeframe": self.timeframe,
            "members": self.members,
            "days": self.days,
            "sharpe": self.sharpe,
            "kept": self.kept,
            "reason": self.reason,
            "simulated": self.simulated,
        }


def past_backtests(desk: Desk) -> list[Past]:
    """Return every backtest of the workspace, the newest first, failed ones too."""
    reports, rows = Reports(desk.reports), _rows(desk)
    worlds = {f"{i.symbol} {i.timeframe}": i.simulated for i in desk.bars.series([])}
    return [_past(row, reports, worlds) for row in reversed(rows)]


def kept_report(desk: Desk, trial: str | None = None) -> dict[str, Any]:
    """Return the report of `trial`, an id or how only one begins; the newest finished if None.

    It is read from where the backtest kept it, and believed only if its digest is the recorded one.
    """
    row = _named(desk, trial) if trial else _newest(desk)
    if row.status is not TrialStatus.FINISHED or row.results_digest is None:
        why = f": {row.reason}" if row.reason else ""
        raise NotFoundError(f"{row.id} has no report, for it is {row.status}{why}")
    return Reports(desk.reports).read(row.id, row.results_digest)


def fall_of(report: Mapping[str, Any]) -> list[float]:
    """Return how far equity stood below its last peak at the close of each day, 0 or less."""
    curve = report["equity"]["curves"][OWN]
    peaks = accumulate(curve, max, initial=1.0)
    next(peaks)
    return [value / peak - 1.0 for value, peak in zip(curve, peaks, strict=True)]


def round_trips(desk: Desk, trial: str | None = None) -> list[dict[str, Any]]:
    """Return every round trip of a backtest, the first closed first; see `kept_report`.

    Prices are prices, times UTC, `symbol` a name; the rest is as `Trips.columns` has it.
    """
    report = kept_report(desk, trial)
    columns, markets = report["round_trips"], report["charts"]["instruments"]
    found = []
    for number, values in enumerate(zip(*columns.values(), strict=True)):
        row = dict(zip(columns, values, strict=True))
        market = markets[row["symbol"]]
        row |= {name: round(row[name] * market["tick"], market["digits"]) for name in _PRICES}
        row |= {name: datetime.fromtimestamp(row[name], UTC) for name in _TIMES}
        simulated = report["simulated"]
        found.append({**row, "number": number, "symbol": market["symbol"], "simulated": simulated})
    return found


def _rows(desk: Desk) -> list[TrialRow]:
    desk.refuse_loss()
    return Trials(desk.database).list(NAMESPACE) if desk.has_database else []


def _newest(desk: Desk) -> TrialRow:
    rows = [row for row in _rows(desk) if row.status is TrialStatus.FINISHED]
    if not rows:
        raise NotFoundError(NONE)
    return rows[-1]


def _named(desk: Desk, asked: str) -> TrialRow:
    rows = _rows(desk)
    if not rows:
        raise NotFoundError(NONE)
    wanted = asked if asked.startswith("trial-") else f"trial-{asked}"
    found = [row for row in rows if row.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFoundError(
            f"No backtest is called {asked!r}; assay report --list names the {len(rows):,} that "
            "there are"
        )
    raise NotFoundError(
        f"{len(found)} backtests begin with {asked!r}: {', '.join(row.id for row in found[:5])}; "
        "type more of it"
    )


def _past(row: TrialRow, reports: Reports, worlds: Mapping[str, bool]) -> Past:
    tried = row.configuration
    known = [worlds[name] for name in tried.get("heard", ()) if name in worlds]
    own = (row.metrics or {}).get("chain", {})
    return Past(
        trial=row.id,
        started_at=row.started_at,
        status=row.status,
        symbols=tuple(tried["symbols"]),
        timeframe=str(tried["timeframe"]),
        members=tuple(tried["members"]),
        days=own.get("days"),
        sharpe=own.get("sharpe"),
        kept=reports.has(row.id),
        reason=row.reason,
        simulated=any(known) if known else None,
    )
