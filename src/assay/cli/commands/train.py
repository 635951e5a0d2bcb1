"""`assay train`: fit members and fusions on what is stored."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = "Examples: assay train\n\nassay train EURUSD XAUUSD --timeframe 1h --timeframe 4h"


def run(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None, typer.Argument(help="Stored symbols; all of them if none is named.")
    ] = None,
    timeframe: Annotated[
        list[str] | None,
        typer.Option(help="Only this one, such as 1h; may be given again. All if none."),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Fit every member on each series, then the fusion; what is fitted already is kept.

    It may take minutes; ASSAY_JOBS says how many processes may work (2 if unset). Stopped, the same
    command goes on where it was. A series with too little history is left out and named.
    """
    from assay.workflows.train import train

    wanted = [Timeframe.parse(text) for text in timeframe or ()]
    with say.progress(quiet=json) as tick:
        done = train(writing_desk(context), symbols or (), wanted, tick=tick)
    if json:
        say.as_json(done.to_json())
        return
    fresh = len(done.members) - done.reused
    typer.echo(f"{fresh} members trained, {done.reused} were there already")
    rows = [
        (
            f.symbol,
            f.timeframe,
            f.evidence,
            f"{f.proof.gain * 1e4:+.1f} ± {f.proof.gain_error * 1e4:.1f}" if f.proof.days else "–",
            f"{f.proof.p_value:.3f}" if f.proof.days else "–",
            f"{f.proof.days:,}",
            f.id[:12],
        )
        for f in done.fusions
    ]
    columns = (
        "symbol",
        "timeframe",
        "evidence",
        ">gain, 1e-4 nats",
        ">p",
        ">days",
        "fusion",
    )
    say.console().print(say.table("What the members proved together", columns, rows))
    for problem in done.problems:
        typer.echo(f"  left out: {problem}")
