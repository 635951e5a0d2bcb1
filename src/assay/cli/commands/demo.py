"""`assay demo`: the main job on a market whose truth is known."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk

EXAMPLES = "Examples: assay demo\n\nASSAY_SEED=11 assay --home demo-11 demo"


def run(
    context: typer.Context,
    years: Annotated[
        float, typer.Option(min=2, max=20, help="How many years of market to simulate.")
    ] = 6.0,
    *,
    json: say.Json = False,
) -> None:
    """Simulate a market, train, fuse, referee, backtest, and judge what was found of its truth."""
    from assay.cli.demos import told
    from assay.workflows.demo import demo

    with say.progress(quiet=json) as tick:
        done = demo(desk(context), years=years, tick=tick)
    if json:
        say.as_json(done.to_json())
        return
    say.console().print(told(done))
