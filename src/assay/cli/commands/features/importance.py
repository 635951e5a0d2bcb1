"""`assay features importance`: what the members lean on, or what each column foretells."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from assay.cli import say
from assay.cli.asked import Set, Symbols
from assay.cli.main import desk
from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay features importance\n\n"
    "assay features importance EURUSD --timeframe 1h --by ic --set full\n\n"
    "assay features importance --by members --group volatility --html"
)


def run(
    context: typer.Context,
    symbols: Symbols = None,
    timeframe: Annotated[
        str | None, typer.Option(help="Only this one, such as 1h; --by ic needs one.")
    ] = None,
    by: Annotated[
        Literal["members", "ic"] | None,
        typer.Option(
            help="members: what trained models listen to; ic: how well each column alone foretells "
            "the outcome. Members where some are trained, else ic."
        ),
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="Show this group alone; may be given again.")
    ] = None,
    span: Annotated[
        Literal["train", "all"],
        typer.Option(
            help="For ic: only history before a backtest's tests, or all of it, which spoils them."
        ),
    ] = "train",
    which: Set = None,
    top: Annotated[int, typer.Option(min=1, help="How many columns to show.")] = 25,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the page; implies --html.")
    ] = None,
    *,
    html: Annotated[
        bool, typer.Option("--html", help="Write a page too, in the workspace's reports/.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Say which columns matter: to the trained members, or for the outcome itself.

    Members: how far answers move when rows of the calibrate span swap a column's values. IC: the
    rank correlation of each column with the return after it, with an interval over whole days and
    a correction for having looked at many.
    """
    from assay.cli.columns import foretold, leaned
    from assay.workflows.catalogue import group_called
    from assay.workflows.foretelling import foretelling
    from assay.workflows.leaning import leaning, serving_members
    from assay.workflows.reports import write_importance

    opened = desk(context)
    frame = Timeframe.parse(timeframe) if timeframe else None
    groups = [group_called(name) for name in group or ()]
    names = symbols or ()
    own = span == "all" or which is not None
    if own and by == "members":
        raise SettingsError(
            "--span and --set are for --by ic; models read what they were made with"
        )
    chosen = by or ("members" if not own and serving_members(opened, names, frame) else "ic")
    found: dict[str, Any]
    with say.progress(quiet=json) as tick:
        if chosen == "members":
            found = leaning(opened, names, frame, groups=groups, tick=tick)
        else:
            found = foretelling(
                opened, names, frame, span=span, which=which, groups=groups, tick=tick
            )
    page = write_importance(opened, found, top, out) if html or out else None
    if json:
        say.as_json(found | {"page": str(page) if page else None})
        return
    (leaned if chosen == "members" else foretold)(found, top)
    if page:
        typer.echo(f"Page: {page}")
