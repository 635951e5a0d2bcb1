"""`assay explain`: walk a signal back to its evidence."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = (
    "Examples: assay explain sig-5456e608ccd3\n\n"
    "assay explain 5456 (any beginning that only one signal has)\n\n"
    "assay explain 5456 --plot why.html\n\n"
    "assay explain 5456 --json"
)


def run(
    context: typer.Context,
    signal: Annotated[
        str, typer.Argument(help="A signal's id, or how it begins (see assay daily).")
    ],
    plot: Annotated[
        Path | None,
        typer.Option(help="Write the plots to this HTML file too; it needs no network."),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Say why a signal is what it is, how that is known, and what would change it.

    Models, bars and journal are checked again while you wait.
    """
    from assay.cli.explanations import show
    from assay.workflows.explain import explain

    found = explain(desk(context), signal)
    if plot is not None:
        from assay.workflows.reports import write_explanation

        place = write_explanation(found.to_json(), plot)
        typer.echo(f"The plots are in {place}", err=True)
    if json:
        say.as_json(found.to_json())
        return
    show(found)
