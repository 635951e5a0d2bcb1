"""`assay experiment export`: runs as tables, JSON, or runs of MLflow."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.errors import SettingsError

EXAMPLES = (
    "Examples: assay experiment export 5456 9e1f --format csv --out runs\n\n"
    "assay experiment export 5456 --format mlflow --out runs\n\n"
    "assay experiment export 5456 --format mlflow --out runs --tracking-uri sqlite:///all.db"
)


def run(
    context: typer.Context,
    runs: Annotated[list[str], typer.Argument(metavar="ID…", help="Runs, or how their ids begin.")],
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
    form: Annotated[
        Literal["csv", "parquet", "json", "mlflow"], typer.Option("--format", help="What to write.")
    ] = "csv",
    tracking_uri: Annotated[
        str | None,
        typer.Option(help="For mlflow: where it keeps runs; OUT/mlflow.db if left out."),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Write daily returns, folds and figures of the runs for other programs.

    Files of the same name are replaced, each at once. In MLflow a run that is there is left alone.
    """
    from assay.workflows.experiments.exporting import export, export_mlflow

    if tracking_uri is not None and form != "mlflow":
        raise SettingsError(f"--tracking-uri is for --format mlflow; found --format {form}")
    if form == "mlflow":
        entered = export_mlflow(desk(context), runs, out, tracking_uri=tracking_uri)
        if json:
            say.as_json(entered)
            return
        for one in entered:
            typer.echo(f"{one['run']}: {one['mlflow']}{'' if one['new'] else ', there already'}")
        return
    written = export(desk(context), runs, form, out)
    if json:
        say.as_json({"files": [str(file) for file in written]})
        return
    for file in written:
        typer.echo(f"Written: {file}")
