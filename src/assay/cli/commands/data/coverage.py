"""`assay data coverage`: how complete and how sound each stored series is."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.cli.stored import series_of, strip, table

EXAMPLES = (
    "Examples: assay data coverage\n\n"
    "assay data coverage EURUSD --timeframe 1h\n\n"
    "assay data coverage --html coverage.html"
)


def run(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SYMBOL]…", help="Stored symbols; all if left out."),
    ] = None,
    timeframe: Annotated[str | None, typer.Option(help="For example 1h; all if left out.")] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write heatmaps by month and by day as a page to FILE."),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Say of each stored series how much of it is there, and how much of that is sound.

    Coverage is the share of the bars that the trading calendar expects between the first and the
    last stored one; weekends, holidays and half days expect none. Flagged are bars that mislead
    (assay data check names them). Score = 100 x coverage x (1 - share of flagged bars). A series
    under least_coverage (assay.toml) is not trained on. One series is also shown by year and month.

    What the rules find is kept until the bars change: the first look at a big store takes longer.
    """
    from assay.workflows.quality import qualities

    opened = desk(context)
    problems: list[str] = []
    wanted = series_of(opened, symbols or (), timeframe, problems)
    with say.progress(quiet=json) as tick:
        found = qualities(opened, wanted, problems=problems, tick=tick)
    if html is not None:
        from assay.workflows.reports import write_coverage

        write_coverage(opened, found, html)
    if json:
        told = [one.to_json() for one in found]
        say.as_json([*told, *({"problem": problem} for problem in problems)])
    else:
        table(found)
        if len(found) == 1:
            strip(found[0])
        if html is not None:
            typer.echo(f"By month and by day: {html}")
    for problem in problems:
        typer.echo(f"assay: {problem}", err=True)
    if problems:
        raise typer.Exit(1)
