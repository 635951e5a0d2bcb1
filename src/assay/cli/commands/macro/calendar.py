"""`assay macro calendar`: what is due, and what came of what was."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import desk

EXAMPLES = (
    "Examples: assay macro calendar\n\n"
    "assay macro calendar --from 2022-06-01 --to 2022-06-30 --currency USD --impact high"
)
FORMATS = ["%Y-%m-%d"]
AHEAD = timedelta(days=7)


def run(
    context: typer.Context,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=FORMATS, help="First day, UTC; else today.")
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=FORMATS, help="Last day, UTC; else a week on."),
    ] = None,
    currency: Annotated[
        list[str] | None, typer.Option(help="Of these currencies alone; repeat it for more.")
    ] = None,
    impact: Annotated[
        str | None, typer.Option(help="high, medium or low: what is said to move so much alone.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="As it was known then (UTC): 2022-06-01, 2022-06-10T12:29.")
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """List economic events of some days: when, how much they are said to move, expected, actual.

    Times are UTC. The actual figure is the first that was told.
    """
    from assay.workflows.macro.looking import due_macro

    opened = desk(context)
    today = datetime.combine(opened.clock.now().date(), time(), UTC)
    start = first.replace(tzinfo=UTC) if first else today
    end = (last.replace(tzinfo=UTC) if last else start + AHEAD) + timedelta(days=1, microseconds=-1)
    by = moment(as_of, "--as-of") if as_of else None
    wanted = [one.upper() for one in currency] if currency else None
    found = [
        one
        for one in due_macro(opened, start, end, by, wanted)
        if impact is None or one["impact"] == impact.lower()
    ]
    if json:
        say.as_json(found)
        return
    if not found:
        typer.echo(f"Nothing is on the calendar from {start:%Y-%m-%d} to {end:%Y-%m-%d}")
        return
    columns = ("UTC", "currency", "impact", "event", ">actual", ">expected", ">previous")
    say.console().print(say.table("", columns, [_line(one) for one in found]))


def _line(one: dict[str, Any]) -> tuple[str, ...]:
    numbers = (one["actual"], one["consensus"], one["previous"])
    shown = ("" if number is None else f"{number:,.10g}" for number in numbers)
    return f"{one['event_at']:%Y-%m-%d %H:%M}", one["currency"], one["impact"], one["title"], *shown
