"""`assay demo`: the whole way, on a simulated market whose truth is known."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk

EXAMPLES = "Examples: assay demo\n\nASSAY_SEED=11 assay --home demo-11 demo"


def run(
    context: typer.Context,
    years: Annotated[float, typer.Option(min=2, max=20, help="Years of market to simulate.")] = 6.0,
    *,
    json: say.Json = False,
) -> None:
    """Simulate a market, train, fuse, referee, backtest, and judge what was found of its truth.

    Every figure is simulated. It takes some minutes; ASSAY_SEED (7 if unset) chooses the market.
    Give it a workspace of its own (--home), for simulated and real bars of one series do not mix.
    """
    from assay.cli.demos import told
    from assay.workflows.demo import demo

    with say.progress(quiet=json) as tick:
        done = demo(writing_desk(context), years=years, tick=tick)
    if json:
        say.as_json(done.to_json())
        return
    say.console().print(told(done))
