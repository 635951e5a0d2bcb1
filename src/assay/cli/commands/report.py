"""`assay report`: the page of an earlier backtest again, without running it again."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.errors import SettingsError

EXAMPLES = (
    "Examples: assay report\n\n"
    "assay report --list\n\n"
    "assay report 5456 --out report.html --open (any beginning that only one trial has)\n\n"
    "assay report --terminal"
)


def run(
    context: typer.Context,
    trial: Annotated[
        str | None,
        typer.Argument(help="A backtest's trial, or how it begins; the newest if left out."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The HTML file to write; in the workspace's reports/ if left out."),
    ] = None,
    *,
    listed: Annotated[
        bool, typer.Option("--list", help="List the backtests there are, and write nothing.")
    ] = False,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Show it here, and write no page.")
    ] = False,
    opened: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser of this machine.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Write the page of a backtest from what it kept; nothing is run or fetched.

    What was kept is believed only if its digest is the one that the ledger of trials recorded.
    """
    from assay.workflows.again import kept_report, past_backtests

    if terminal and (out or opened):
        raise SettingsError("--terminal writes no page: leave out --out and --open, or it")
    found = desk(context)
    if listed:
        from assay.cli.backtests import past

        rows = past_backtests(found)
        if json:
            say.as_json([row.to_json() for row in rows])
        else:
            say.console().print(past(rows))
        return
    report = kept_report(found, trial)
    if terminal:
        from assay.cli.backtests import summary

        if json:
            say.as_json(report)
        else:
            say.console().print(summary(report))
        return
    from assay.workflows.reports import write_page

    page = write_page(found, report, out)
    if json:
        say.as_json({**report, "page": str(page)})
    else:
        typer.echo(f"Report of {report['trial']}: {page}")
    if opened:
        typer.launch(page.resolve().as_uri())
