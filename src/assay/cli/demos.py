"""How the demo tells what it did."""

from typing import TYPE_CHECKING

from assay.cli import say
from assay.cli.backtests import summary
from assay.cli.signals import first_reason
from assay.core.values.reason import Reason

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assay.workflows.demo import Demo


def told(done: "Demo") -> "RenderableType":
    """Return the backtest, the board, the judgement, and where to go on."""
    from rich.console import Group
    from rich.text import Text

    judgement = done.judgement
    first = done.board[0].id if done.board else "ID"
    return Group(
        summary(done.report),
        board(done),
        truth(done),
        Text(
            f"\nOf {judgement.planted} planted edges {judgement.found} were found and "
            f"{judgement.missed} missed; {judgement.false_claims} claims were false (simulated).",
            style="bold",
        ),
        Text(f"Report: {done.page}"),
        Text(f"Ask any signal why: assay explain {first}"),
    )


def board(done: "Demo") -> "RenderableType":
    """Return the board of the newest bar."""
    rows = [
        (
            row.symbol,
            row.decision,
            f"{row.conviction or 0:.0f}",
            row.tier or "–",
            row.evidence,
            f"{row.payload['probability']:.3f}",
            row.payload["verdict"]["kind"],
            _sentence(first_reason(row.payload)),
            row.id,
        )
        for row in done.board
    ]
    columns = ("symbol", "decision", ">conviction", "tier", "evidence", ">P(up)", "analyst")
    return say.table(
        "The board, newest bar (simulated)", (*columns, "first reason", "signal"), rows
    )


def _sentence(reason: Reason | None) -> str:
    return reason.sentence if reason else ""


def truth(done: "Demo") -> "RenderableType":
    """Return what was planted beside what was claimed."""
    head, rows = done.judgement.table()
    return say.table("What was planted, and what was found (simulated)", head, rows)
