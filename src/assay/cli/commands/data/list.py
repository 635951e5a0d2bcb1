"""`assay data list`: what is stored."""

from typing import TYPE_CHECKING

import typer

from assay.cli import say
from assay.cli.main import desk

if TYPE_CHECKING:
    from assay.store.series import SeriesInfo

EXAMPLES = "Example: assay data list"


def run(context: typer.Context, *, json: say.Json = False) -> None:
    """List the stored series with their spans.

    A damaged one is named beside the others, with what to do, and the command ends with 1.
    """
    from assay.workflows.data import list_series

    problems: list[str] = []
    series = list_series(desk(context), problems)
    if json:
        say.as_json(
            [
                {
                    "symbol": i.symbol,
                    "timeframe": i.timeframe,
                    "rows": i.rows,
                    "first": i.first,
                    "last": i.last,
                    "source": i.source,
                    "simulated": i.simulated,
                    "corrections": i.corrections,
                }
                for i in series
            ]
            + [{"problem": problem} for problem in problems]
        )
    elif series or not problems:
        _show(series)
    for problem in problems:
        typer.echo(f"assay: {problem}", err=True)
    if problems:
        raise typer.Exit(1)


def _show(series: "list[SeriesInfo]") -> None:
    if not series:
        typer.echo("Nothing is stored yet: assay data import FILE --symbol S --timeframe T")
        return
    rows = [
        (
            i.symbol,
            i.timeframe,
            f"{i.rows:,}",
            f"{i.first:%Y-%m-%d %H:%M}",
            f"{i.last:%Y-%m-%d %H:%M}",
            i.source + _marks(i),
        )
        for i in series
    ]
    columns = ("symbol", "timeframe", ">bars", "first close UTC", "last close UTC", "source")
    say.console().print(say.table("", columns, rows))


def _marks(info: "SeriesInfo") -> str:
    """Return what a reader of the source must also know."""
    corrected = f", corrected {info.corrections} time{'s' * (info.corrections > 1)}"
    return (corrected if info.corrections else "") + (" (simulated)" if info.simulated else "")
