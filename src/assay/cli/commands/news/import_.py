"""`assay news import`: put the stories of anybody's files into the store."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.main import desk, writing_desk
from assay.cli.told import Dates

if TYPE_CHECKING:
    from assay.workflows.stories import StoriesRead

EXAMPLES = (
    "Examples: assay news import headlines.csv\n\n"
    "assay news import headlines.csv --zone America/New_York --look\n\n"
    "assay news import tweets.parquet --symbol ticker\n\n"
    'assay news import gold.csv --symbol XAUUSD --time published --delay "15 minutes"'
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
    text: Annotated[
        str | None, typer.Option(help="The column of the words; found by its name if left out.")
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="The column of the times; found by its name if left out.")
    ] = None,
    symbol: Annotated[
        str | None,
        typer.Option(help="The column of the tickers, or what every row is about: XAUUSD, AAPL …"),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="The column of the sources, or one name for all rows.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(help="Of times that name none, and of days: UTC, America/New_York, UTC+2 …"),
    ] = None,
    delay: Annotated[
        str | None, typer.Option(help='How much later a story reaches you: "15 minutes", "1 day".')
    ] = None,
    dates: Dates = None,
    *,
    look: Annotated[
        bool, typer.Option("--look", help="Show what is found; store nothing.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Store the stories of files, each with the time it could first be known; safe to run again.

    A row that names a moment was first seen then. A row that only names its day was first seen at
    the END of that day, never earlier: in --zone if given, else when the day is over everywhere on
    earth. Rows without tickers are about the whole market, and count for the instruments they name.
    The same words about the same instruments on one day are stored once. A file that is refused is
    named with the reason; the command ends with 1 then, and stores the others.
    """
    from assay.workflows.stories import import_stories, told_of

    opened = desk(context) if look else writing_desk(context)
    told = told_of(
        text=text, time=time, symbol=symbol, source=source, zone=zone, delay=delay, dates=dates
    )
    with say.progress(quiet=json) as tick:
        done = import_stories(opened, paths, told, store=not look, tick=tick)
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


def _say(one: "StoriesRead", *, look: bool) -> None:
    verb = "would be added" if look else "added"
    span = f", first seen {one.first:%Y-%m-%d %H:%M} to {one.last:%Y-%m-%d %H:%M} UTC"
    typer.echo(
        f"{one.name}: {one.rows:,} rows, {one.added:,} stories {verb}{span * bool(one.first)}"
    )
    say.console().print(say.facts(_facts(one)))


def _facts(one: "StoriesRead") -> Iterator[tuple[str, str]]:
    for found in one.findings:
        yield found.what, found.value + (f" ({found.evidence})" if found.evidence else "")
    most = [f"{name} {count:,}" for name, count in list(one.about.items())[:SHOWN]]
    more = f" and {len(one.about) - SHOWN:,} more" if len(one.about) > SHOWN else ""
    yield "stories about", (", ".join(most) or "nothing") + more
    for count, said in (
        (one.repeats, "say the same of the same instruments on one day as an earlier row"),
        (one.known, "are stored already"),
        (one.without_text, "have no text, or not the fields of the others"),
        (one.without_time, "have no time that can be read"),
    ):
        if count:
            yield "left out", f"{count:,} rows {said}"
    if one.known_earlier:
        yield (
            "note",
            f"{one.known_earlier:,} of the stored ones keep an earlier first-seen time than is "
            "asked now; to replace them, move documents/stories of the workspace away first",
        )
    if one.unread:
        shown = ", ".join(one.unread[:SHOWN])
        yield "note", f"the bars here are simulated, and read simulated stories alone: {shown}"
    if one.strangers:
        shown = ", ".join(one.strangers[:SHOWN])
        said = f"no instrument is called {shown} here: import its bars, then this file again"
        yield "note", said
