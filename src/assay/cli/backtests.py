"""How a backtest looks in a terminal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assay.cli import say
from assay.evaluation.page import figures

if TYPE_CHECKING:
    from rich.console import RenderableType


def summary(report: Mapping[str, Any]) -> "RenderableType":
    """Return the words, the figures and the tables that matter most."""
    from rich.console import Group
    from rich.text import Text

    simulated = " (simulated)" if report["simulated"] else ""
    columns, rows = figures(report)
    return Group(
        Text(f"Backtest of {report['title']}{simulated}: {report['subtitle']}", style="bold"),
        *(Text(f"  {sentence}") for sentence in report["summary"]),
        say.table("Figures, 95 % interval by blocks of days", _right(columns), rows),
        _block("Conviction against outcome", report["tiers"]),
        _block("Members, out of sample", report["members"]),
        _block("Trades", report["trades"]),
        _block("By regime", report["regimes"]),
        _block("Ambiguous bars", report["resolutions"]),
        _block("Costs", report["stress"]),
    )


def _block(title: str, block: Mapping[str, Any]) -> "RenderableType":
    return say.table(title, _right(block["columns"]), block["rows"])


def _right(columns: list[str]) -> list[str]:
    return [columns[0], *(f">{name}" for name in columns[1:])]
