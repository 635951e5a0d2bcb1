"""`assay data as-of`: what was known here at a time."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import desk

if TYPE_CHECKING:
    from assay.workflows.then import SeriesBars, Then

EXAMPLES = (
    "Examples: assay data as-of 2026-11-01\n\n"
    "assay data as-of 2026-11-01T14:00 EURUSD --timeframe 1h"
)


def run(
    context: typer.Context,
    at: Annotated[str, typer.Argument(metavar="TIME", help="A time (UTC): 2026-11-01T14:00.")],
    symbol: Annotated[
        str | None, typer.Argument(help="Show the bars of this one as they were known then.")
    ] = None,
    timeframe: Annotated[str, typer.Option(help="Of which length.")] = "1h",
    rows: Annotated[int, typer.Option(min=1, help="How many of the last bars.")] = 10,
    *,
    json: say.Json = False,
) -> None:
    """Show what the workspace knew at a time: series, stories, figures and universes as of then.

    It is what was stored by then, in the version of then: bars that came or were corrected later,
    stories and figures that were brought in later are not in it, whatever their own time says. The
    answer never changes afterwards. With SYMBOL it shows the last bars known then, and marks those
    that were corrected since.
    """
    from assay.core.values.timeframe import Timeframe
    from assay.workflows.then import known_at, series_at

    asked = moment(at, "TIME")
    if symbol is None:
        found = known_at(desk(context), asked)
        say.as_json(found.to_json()) if json else _show(found)
        return
    bars = series_at(desk(context), symbol, Timeframe.parse(timeframe), asked, rows)
    say.as_json(bars.to_json()) if json else _show_bars(bars)


def _show(found: "Then") -> None:
    rows: list[tuple[Any, ...]] = [
        (
            s.symbol,
            s.timeframe,
            f"{s.rows:,}",
            f"{s.first:%Y-%m-%d %H:%M}",
            f"{s.last:%Y-%m-%d %H:%M}",
        )
        for s in found.series
    ]
    columns = ("symbol", "timeframe", ">bars", "first close UTC", "last close UTC")
    typer.echo(f"At {found.at:%Y-%m-%d %H:%M} UTC this workspace knew")
    if rows:
        say.console().print(say.table("", columns, rows))
    typer.echo(
        f"{len(found.series):,} series, {found.stories:,} stories, {found.releases:,} figures"
        f"{', ' + ', '.join(found.universes) if found.universes else ''}"
    )


def _show_bars(found: "SeriesBars") -> None:
    rows = [
        (
            f"{row['time']:%Y-%m-%d %H:%M}",
            *(f"{row[name]:g}" for name in ("open", "high", "low", "close", "volume")),
            "corrected since" if row["corrected"] else "",
        )
        for row in found.bars
    ]
    columns = ("close UTC", ">open", ">high", ">low", ">close", ">volume", "")
    say.console().print(say.table("", columns, rows))
    typer.echo(
        f"{found.symbol} {found.timeframe}: {found.known:,} bars were known at "
        f"{found.at:%Y-%m-%d %H:%M} UTC, {found.since:,} have come since, {found.corrected:,} of "
        "those known then were corrected or taken away since"
    )
