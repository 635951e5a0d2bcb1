"""`assay features drift`: whether the newest bars still look like those that were learned from."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.asked import Set, Symbols
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay features drift\n\nassay features drift EURUSD --timeframe 1h --recent 1000\n\n"
    "assay features drift --json"
)


def run(
    context: typer.Context,
    symbols: Symbols = None,
    timeframe: Annotated[
        list[str] | None, typer.Option(help="Only this one, such as 1h; may be given again.")
    ] = None,
    recent: Annotated[
        int, typer.Option(min=50, help="How many of the newest bars to judge.")
    ] = 500,
    which: Set = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the page; implies --html.")
    ] = None,
    *,
    html: Annotated[
        bool, typer.Option("--html", help="Write a page too, in the workspace's reports/.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Compare the newest bars with the span that the serving models were trained on.

    Column by column: the population stability index beside what the column does by chance, the
    distance of Kolmogorov and Smirnov, and how much is unknown. Without a model the first 60 % of
    history stand in. It is information, not an error: it ends with 0 whatever it finds.
    """
    from assay.cli.columns import drifted
    from assay.workflows.drifting import drifting
    from assay.workflows.reports import write_drift

    opened = desk(context)
    frames = [Timeframe.parse(text) for text in timeframe or ()]
    with say.progress(quiet=json) as tick:
        found = drifting(opened, symbols or (), frames, recent=recent, which=which, tick=tick)
    page = write_drift(opened, found, out) if html or out else None
    if json:
        say.as_json(found | {"page": str(page) if page else None})
        return
    drifted(found)
    if page:
        typer.echo(f"Page: {page}")
