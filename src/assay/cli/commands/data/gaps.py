"""`assay data gaps`: which bars are missing, and who was asked for them."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.cli.stored import gaps, series_of

EXAMPLES = (
    "Examples: assay data gaps\n\n"
    "assay data gaps EURUSD --timeframe 1h --rows 100\n\n"
    "assay data gaps --json"
)


def run(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SYMBOL]…", help="Stored symbols; all if left out."),
    ] = None,
    timeframe: Annotated[str | None, typer.Option(help="For example 1h; all if left out.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="How many gaps are shown.")] = 30,
    *,
    json: say.Json = False,
) -> None:
    """List the runs of bars that the calendar expects and the store lacks, the longest first.

    A weekend, a holiday or a half day is no gap. A source was asked in vain if it has answered for
    the whole run and does not have it; it is not asked for it again. The sources that can still be
    asked are those of the feed in assay.toml, or those that the bars came from. Nobody is asked
    here: assay data fill-gaps does that. With --json all gaps are told.
    """
    from assay.workflows.lacking import lacking

    opened = desk(context)
    problems: list[str] = []
    wanted = series_of(opened, symbols or (), timeframe, problems)
    with say.progress(quiet=json) as tick:
        found = lacking(opened, wanted, problems=problems, tick=tick)
    if json:
        told = [one.to_json() for one in found]
        say.as_json([*told, *({"problem": problem} for problem in problems)])
    else:
        gaps(found, rows)
    for problem in problems:
        typer.echo(f"assay: {problem}", err=True)
    if problems:
        raise typer.Exit(1)
