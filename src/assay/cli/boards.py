"""How the board and the doctor's findings look in a terminal."""

from typing import TYPE_CHECKING

from assay.cli import say
from assay.cli.signals import first_reason
from assay.core.values.reason import Reason

if TYPE_CHECKING:
    from assay.workflows.board import Board, Line
    from assay.workflows.doctor import Diagnosis

SIDES = {"LONG": "bold green", "SHORT": "bold red", "WAIT": "dim"}
STATES = {"ok": "green", "info": "dim", "warn": "yellow", "fail": "bold red"}
BRIEF = {
    Reason.LOW_CONVICTION: "low score",
    Reason.MARKET_CLOSED: "closed",
    Reason.REFEREE_ABSTAINED: "abstained",
    Reason.REFEREE_CAPPED: "capped",
    Reason.MISSING_MODEL: "no model",
    Reason.EXPOSURE_LIMIT: "exposure",
}
"""Shorter words for the board than the codes; a signal's own card has the sentence."""
SHORT_ID = 6
"""Digits of a signal's id that are enough to name it."""


def board(found: "Board") -> None:
    """Print the board, then what could not be decided, then a summary."""
    page = say.page(wide=True)
    rows = [_row(line) for line in found.lines if line.signal is not None]
    columns = (
        "symbol",
        "tf",
        "do",
        ">conv",
        "tier",
        "evidence",
        ">agree",
        ">P(up)",
        "lean",
        "analyst",
        "because",
        ">age",
        "signal",
    )
    if rows:
        page.print(say.table("", columns, rows))
        page.print()
    for line in found.failed:
        page.print(f"{line.series}: {line.problem}", style="red", highlight=False, markup=False)
    page.print(summary(found), highlight=False, markup=False)


def _row(line: "Line") -> tuple[object, ...]:
    from rich.text import Text

    signal = line.signal
    assert signal is not None
    said = signal.payload
    first = first_reason(said)
    agreement = said["agreement"]
    name = signal.id.removeprefix("sig-")[:SHORT_ID]
    return (
        line.series.symbol,
        line.series.timeframe.value,
        Text(signal.decision, style=SIDES[signal.decision]),
        f"{said['conviction']:.0f}",
        said["tier"],
        said["evidence"],
        "–" if agreement is None else f"{agreement:.0f}",
        f"{said['probability']:.3f}",
        {"UP": "up", "DOWN": "down", "NONE": ""}[said["direction"]],
        said["verdict"]["kind"].lower(),
        BRIEF.get(first, first.value.replace("_", " ")) if first else "",
        _short_age(line.age_seconds or 0.0),
        f"{name}*" if line.fresh else name,
    )


def _short_age(seconds: float) -> str:
    from assay.workflows.provenance import age

    return " ".join(age(seconds).split()[:2]) if seconds >= 60 else "now"


def summary(found: "Board") -> str:
    """Return the counts in a line."""
    counts = found.counts()
    sides = ", ".join(f"{counts.get(side, 0)} {side}" for side in ("LONG", "SHORT", "WAIT"))
    fresh = sum(line.fresh for line in found.lines)
    said = (
        f"{len(found.signals)} series: {sides}; {counts.get('HIGH', 0)} HIGH, "
        f"{counts.get('MODERATE', 0)} MODERATE; {counts.get('PROVEN', 0)} PROVEN, "
        f"{counts.get('UNPROVEN', 0)} UNPROVEN. {fresh} issued now (*), the others as issued before"
    )
    if found.failed:
        said += f"; {len(found.failed)} failed"
    if any(signal.simulated for signal in found.signals):
        said += "; simulated prices are among them"
    return f"{said}. assay explain ID says why."


def diagnosis(found: "Diagnosis") -> None:
    """Print one line a finding."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2))
    for _ in ("state", "what", "sentence"):
        made.add_column(overflow="fold")
    for one in found.findings:
        made.add_row(Text(one.state.value, style=STATES[one.state]), one.name, Text(one.sentence))
    say.page().print(made)
