"""How a backtest looks in a terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assay.cli import say
from assay.evaluation.page import OWN, figures, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assay.workflows.again import Past

BLOCKS = "▁▂▃▄▅▆▇█"
WIDE = 72
"""Signs of a line of equity."""
TOLD = 5
"""So many of the worst trades are told."""


def summary(report: Mapping[str, Any]) -> "RenderableType":
    """Return the words, the figures, the equity and the tables that matter most."""
    from rich.console import Group
    from rich.text import Text

    mark = " (simulated)" if report["simulated"] else ""
    columns, rows = figures(report)

    def block(title: str, found: Mapping[str, Any]) -> "RenderableType":
        return say.table(f"{title}{mark}", _right(found["columns"]), found["rows"])

    return Group(
        Text(f"Backtest of {report['title']}{mark}: {report['subtitle']}", style="bold"),
        *(Text(f"  {sentence}") for sentence in report["summary"]),
        say.table(f"Figures, 95 % interval by blocks of days{mark}", _right(columns), rows),
        Text(f"Equity, by day{mark}", style="bold"),
        Text(_equity(report)),
        block("Conviction against outcome", report["tiers"]),
        _sureness(report, mark),
        block("Members, out of sample", report["members"]),
        block("Trades", report["trades"]),
        block("By regime", report["regimes"]),
        block("Ambiguous bars", report["resolutions"]),
        block("Costs", report["stress"]),
        *_worst(report, mark),
        block("Data quality", report["soundness"]),
    )


def past(rows: Sequence["Past"]) -> "RenderableType":
    """Return the backtests of a workspace as a table."""
    return say.table(
        "Backtests, newest first",
        ("trial", "started", "state", "of", "on", ">days", ">Sharpe", "report"),
        [
            (
                row.trial,
                f"{row.started_at:%Y-%m-%d %H:%M}",
                str(row.status),
                ", ".join(row.symbols[:4]) + (" …" if len(row.symbols) > 4 else ""),
                row.timeframe,
                "–" if row.days is None else f"{row.days:,}",
                show(row.sharpe) if row.sharpe else "–",
                "kept" if row.kept else (row.reason or "not kept"),
            )
            for row in rows
        ],
    )


def sparkline(values: Sequence[float], wide: int = WIDE) -> str:
    """Return `values` as a line of at most `wide` blocks, the lowest and the highest at its ends.

    Each block is the last value of its share of the days; a flat line stays at the bottom.
    """
    if not values:
        return "–"
    count = min(wide, len(values))
    shown = [values[(n + 1) * len(values) // count - 1] for n in range(count)]
    low, high = min(values), max(values)
    top = len(BLOCKS) - 1
    return "".join(
        BLOCKS[round((value - low) / (high - low) * top) if high > low else 0] for value in shown
    )


def _equity(report: Mapping[str, Any]) -> str:
    equity = report["equity"]
    curve = equity["curves"][OWN]
    if not curve:
        return "  –"
    return (
        f"  {sparkline(curve)}\n  {equity['days'][0]} to {equity['days'][-1]}: from 1.00 to "
        f"{curve[-1]:.3f}, lowest {min(curve):.3f}, highest {max(curve):.3f}"
    )


def _sureness(report: Mapping[str, Any], mark: str) -> "RenderableType":
    found = report["reliability"]
    rows = [
        (
            f"{found['said'][n] * 100:.1f} %",
            f"{found['happened'][n] * 100:.1f} % [{found['low'][n] * 100:.1f}, "
            f"{found['high'][n] * 100:.1f}]",
            f"{found['n'][n]:,}",
        )
        for n in range(len(found["said"]))
    ]
    columns = (">said to rise", ">rose", ">bars that moved")
    return say.table(f"Were the probabilities right?{mark}", columns, rows)


def _worst(report: Mapping[str, Any], mark: str) -> list["RenderableType"]:
    from rich.text import Text

    told: list[RenderableType] = []
    for place, one in enumerate(report["worst"][:TOLD], 1):
        words = " ".join([one["what"], *one["why"], *one["after"], one["cost"]])
        told.append(Text(f"  {place}. {words}"))
    if told:
        told.insert(0, Text(f"The worst trades, explained{mark}", style="bold"))
    return told


def _right(columns: Sequence[str]) -> list[str]:
    return [columns[0], *(f">{name}" for name in columns[1:])]
