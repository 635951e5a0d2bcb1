"""`assay experiment report`: a page on runs, or on a family, from what is kept of them."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.errors import SettingsError

EXAMPLES = (
    "Examples: assay experiment report\n\n"
    "assay experiment report 5456 --out run.html --open (any beginning that only one run has)\n\n"
    "assay experiment report --family trend"
)


def run(
    context: typer.Context,
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID…]",
            help="Finished runs, or how their ids begin; the newest if none is named.",
        ),
    ] = None,
    family: Annotated[
        str | None, typer.Option(help="A page on all trials of this family instead.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The HTML file to write; in the workspace's reports/ if left out."),
    ] = None,
    *,
    opened: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser of this machine.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Write a page on each run: what was asked, the gate's verdict, and what to make of it.

    Nothing is run or fetched, and the page loads nothing. It begins with findings, each with the
    numbers it rests on and what to do; they are in --json, too, with everything the page shows.
    """
    if runs and family is not None:
        raise SettingsError("Name runs or a --family to report on, not both")
    if out is not None and len(runs or ()) > 1:
        raise SettingsError(f"--out names one page; leave it out for {len(runs or ())} runs")
    from assay.workflows.experiments.reporting import (
        family_report,
        newest_finished,
        run_report,
        write_report,
    )

    found = desk(context)
    if family is not None:
        told = [family_report(found, family)]
    else:
        told = [run_report(found, each) for each in runs or [newest_finished(found)]]
    pages = [(one, write_report(found, one, out)) for one in told]
    if json:
        say.as_json({"reports": [{**one, "page": str(page)} for one, page in pages]})
    for one, page in pages:
        if not json:
            name = one.get("title") or f"the family {one['family']}"
            typer.echo(f"Report of {name}: {page}")
        if opened:
            typer.launch(page.resolve().as_uri())
