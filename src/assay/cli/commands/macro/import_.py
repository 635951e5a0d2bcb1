"""`assay macro import`: put figures and calendars of anybody's files into the store."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.main import desk, writing_desk
from assay.cli.told import Dates

if TYPE_CHECKING:
    from assay.workflows.macro.importing import MacroRead

EXAMPLES = (
    "Examples: assay macro import CPIAUCSL_vintages.csv\n\n"
    "assay macro import fred.parquet --look\n\n"
    "assay macro import UNRATE.csv --series UNRATE\n\n"
    "assay macro import calendar.csv --zone America/New_York"
)
SHOWN = 12


def run(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="Files, folders or globs: CSV, JSON, Parquet, Feather, gz, zip."
        ),
    ],
    series: Annotated[
        str | None, typer.Option(help="What a file of one series holds, as FRED calls it: UNRATE.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(help="Of a calendar's times that name none, and of days: America/New_York …"),
    ] = None,
    dates: Dates = None,
    *,
    look: Annotated[
        bool, typer.Option("--look", help="Show what is found; store nothing.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Store figures with the time each could first be known; safe to run again.

    A file of series of FRED is one with a date and values. Its date is what a figure is about,
    never when it was known. Where a column of vintages (realtime_start, vintage_date …), or columns
    named like CPIAUCSL_20240312, say when it appeared, every version is stored with that day.
    Where nothing says it, each figure counts as known when figures of its series had surely come
    out, days or weeks late, and is marked as ASSUMED: it is today's version, and what was known
    then may have been another.

    A calendar is a file with times, a currency or country and events, with or without what was
    expected (forecast), came out (actual) and was before (previous). A previous figure that differs
    is a revision of the last one and never takes its place.
    """
    from assay.sources.told import Told
    from assay.workflows.macro.importing import import_macro

    opened = desk(context) if look else writing_desk(context)
    told = Told.of(clock=zone, dates=dates)
    with say.progress(quiet=json) as tick:
        done = import_macro(opened, paths, told, series, store=not look, tick=tick)
    if len(done.refused) == 1 and not done.read:
        raise done.refused[0].error
    if json:
        say.as_json(done.to_json())
    else:
        for one in done.read:
            _say(one, look=look)
        for refusal in done.refused:
            typer.echo(f"assay: {refusal.name} was refused: {refusal.error}", err=True)
    if done.refused:
        raise typer.Exit(1)


def _say(one: "MacroRead", *, look: bool) -> None:
    span = f", first known {one.first:%Y-%m-%d %H:%M} to {one.last:%Y-%m-%d %H:%M} UTC"
    added = (
        "nothing stored"
        if look
        else f"{one.figures:,} versions of figures and {one.events:,} of events added"
    )
    typer.echo(
        f"{one.name}: {one.rows:,} rows of {one.kind}, {one.found:,} read, {added}"
        f"{span * bool(one.first)}"
    )
    say.console().print(say.facts(_facts(one)))


def _facts(one: "MacroRead") -> Iterator[tuple[str, str]]:
    for found in one.findings:
        yield found.what, found.value + (f" ({found.evidence})" if found.evidence else "")
    shown = ", ".join(one.series[:SHOWN])
    more = f" and {len(one.series) - SHOWN:,} more" if len(one.series) > SHOWN else ""
    yield "series", (shown or "none") + more
    if one.assumed:
        yield "note", f"{one.assumed:,} figures are assumed: `assay macro show` marks them"
    for count, said in (
        (one.left_out, "have no value"),
        (one.unreadable, "have no time or number that can be read"),
    ):
        if count:
            yield "left out", f"{count:,} rows {said}"
    if one.strangers:
        unknown = ", ".join(one.strangers[:SHOWN])
        yield "left out", f"what nobody knows here: {unknown}"
    for note in one.notes[:SHOWN]:
        yield "note", note.sentence
