"""What models answer: the workflows' own frozen values, shown as a card or table in a notebook."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any, TypeVar, cast

from assay.core.ids import plain
from assay.core.values.reason import Reason
from assay.evaluation.page import figures
from assay.notebook import drawn
from assay.store.signals import SignalRow
from assay.workflows import board, explain, train
from assay.workflows.reports import write_explanation

Value = TypeVar("Value")


def seen_as(kind: type[Value], value: object) -> Value:
    """Return a frozen value as `kind`, a class of the same fields that a notebook can show."""
    found = cast("Any", value)
    return kind(**{one.name: getattr(found, one.name) for one in fields(found)})


@dataclass(frozen=True, slots=True, repr=False)
class Signal(SignalRow):
    """One issued signal: LONG, SHORT or WAIT, how sure, and why; see `SignalRow`.

    `as_of` is the close of the bar it is of, `made_at` when it was issued, both UTC; `conviction`
    0 to 100; `payload` is what `assay signal --json` prints, with the parts of every member.
    """

    @property
    def probability(self) -> float:
        """Return P(up), given that it moves at all, over `payload["horizon_bars"]` bars."""
        return float(self.payload["probability"])

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return what speaks against a position, in sentences."""
        return tuple(Reason(code).sentence for code in self.payload["reasons"])

    def to_json(self) -> dict[str, Any]:
        """Return plain data, as `assay signal --json` prints it."""
        return dict(self.payload)

    def __repr__(self) -> str:
        score = "none" if self.conviction is None else f"{self.conviction:.0f}"
        return (
            f"Signal({self.id}, {self.symbol} {self.timeframe}, {drawn.time(self.as_of)} UTC, "
            f"{self.decision}, conviction {score}, {self.evidence})"
        )

    def _repr_html_(self) -> str:
        said = self.payload
        head = (
            f"{drawn.title(f'{self.symbol} {self.timeframe}', simulated=self.simulated)}"
            f"<div>{drawn.side(self.decision)}, conviction {self.conviction or 0:.0f} of 100, "
            f"{escape(str(self.tier))}, {escape(self.evidence)}; bar of "
            f"{drawn.time(self.as_of)} UTC</div>"
        )
        chance = (
            f"P(up given a move) {said['probability']:.3f}, 90 % interval {said['low']:.3f} to "
            f"{said['high']:.3f}; climatology {said['base']:.3f}"
        )
        rows = [
            (
                f"{part['member']} {part['timeframe']}",
                f"{part['probability']:.3f}",
                f"{part['part']:+.4f}",
                f"{part['weight'] * 100:.0f} %",
            )
            for part in said["members"]
        ]
        members = drawn.table(("member", ">P(up)", ">part, log-odds", ">weight"), rows)
        return head + drawn.lines([chance, *(f"· {one}" for one in self.reasons)]) + members


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(explain.Explanation):
    """Why a signal is what it is, how that is known, and what would change it.

    `why.parts` add up, in log-odds; `how` names bars, models and the journal, checked again just
    now; `what_if` holds the pool without each member, and the costs; `since` what came of it.
    """

    def page(self, out: str | Path) -> Path:
        """Write the page with the plots to `out` and return its path; it needs no network."""
        return write_explanation(self.to_json(), Path(out))

    def __repr__(self) -> str:
        return f"Explanation({self.id}: {self.why.sentence})"

    def _repr_html_(self) -> str:
        rows: list[tuple[object, ...]] = [
            ("usual rate of rises", f"{self.why.base_log_odds:+.4f}", "", "")
        ]
        rows += [
            (
                f"{part.member} {part.timeframe}",
                f"{part.part:+.4f}",
                f"{part.probability:.3f}",
                f"{part.weight * 100:.0f} %",
            )
            for part in self.why.parts
            if part.part
        ]
        rows.append(("together", f"{self.why.log_odds:+.4f}", f"{self.why.probability:.3f}", ""))
        name = f"{self.symbol} {self.timeframe}, {drawn.time(self.as_of)} UTC"
        lifts = [lift.sentence for lift in self.what_if.reasons]
        return (
            drawn.title(name, simulated=self.how.simulated)
            + drawn.lines([self.why.sentence])
            + drawn.table(("", ">log-odds", ">P(up)", ">weight"), rows)
            + drawn.lines(lifts)
        )


@dataclass(frozen=True, slots=True, repr=False)
class Backtest:
    """A finished backtest: `report` is what `assay backtest --json` prints, less the page.

    `trial` is the name it is counted under; returns are fractions of equity, times UTC.
    """

    report: Mapping[str, Any]
    trial: str

    @property
    def summary(self) -> tuple[str, ...]:
        """Return what it found, in sentences."""
        return tuple(self.report["summary"])

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        found: dict[str, Any] = plain(self.report)
        return found

    def __repr__(self) -> str:
        return f"Backtest({self.report['title']}, {self.report['subtitle']}, {self.trial})"

    def _repr_html_(self) -> str:
        columns, rows = figures(self.report)
        heads = [columns[0], *(f">{name}" for name in columns[1:])]
        name = f"Backtest of {self.report['title']}: {self.report['subtitle']}"
        simulated = bool(self.report["simulated"])
        return (
            drawn.title(name, simulated=simulated)
            + drawn.lines(self.summary)
            + drawn.table(heads, rows)
        )


@dataclass(frozen=True, slots=True, repr=False)
class Board(board.Board):
    """The signals of everything that is trained, positions first; `at` is UTC."""

    def __repr__(self) -> str:
        return f"Board({len(self.signals)} signals, {len(self.failed)} failed)"

    def _repr_html_(self) -> str:
        rows = [
            (
                line.series,
                line.signal.decision,
                f"{line.signal.conviction or 0:.0f}",
                line.signal.tier,
                line.signal.evidence,
                drawn.time(line.signal.as_of),
                line.signal.id,
            )
            for line in self.lines
            if line.signal is not None
        ]
        columns = ("series", "decision", ">conviction", "tier", "evidence", "bar, UTC", "signal")
        failed = [f"{line.series}: {line.problem}" for line in self.failed]
        return drawn.table(columns, rows) + drawn.lines(failed)


@dataclass(frozen=True, slots=True, repr=False)
class Trained(train.Trained):
    """What a training left: artefacts, fitted fusions, and what was left out, with the reason."""

    def __repr__(self) -> str:
        return (
            f"Trained({len(self.members) - self.reused} members, {self.reused} reused, "
            f"{len(self.fusions)} fusions, {len(self.problems)} left out)"
        )

    def _repr_html_(self) -> str:
        rows = [
            (
                f"{one.symbol} {one.timeframe}",
                one.evidence,
                f"{one.proof.gain * 1e4:+.1f} ± {one.proof.gain_error * 1e4:.1f}",
                f"{one.proof.p_value:.3f}",
                f"{one.proof.days:,}",
            )
            for one in self.fusions
        ]
        columns = ("series", "evidence", ">gain, 1e-4 nats", ">p", ">days")
        return drawn.table(columns, rows) + drawn.lines(f"left out: {one}" for one in self.problems)
