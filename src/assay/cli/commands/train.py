"""`assay train`: fit members and fusions on what is stored."""

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.asked import Fits, Symbols, Timeframes
from assay.cli.main import writing_desk
from assay.core.values.timeframe import Timeframe

if TYPE_CHECKING:
    from assay.workflows.train import Trained

EXAMPLES = (
    "Examples: assay train\n\nassay train EURUSD XAUUSD --timeframe 1h --timeframe 4h\n\n"
    "assay train --all --jobs 4"
)


def run(
    context: typer.Context,
    symbols: Symbols = None,
    timeframe: Timeframes = None,
    jobs: Fits = None,
    *,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Give every series nets of its own, instead of one for each timeframe."
        ),
    ] = False,
    json: say.Json = False,
) -> None:
    """Fit every member on each series, then the fusion; what is fitted already is kept.

    It may take minutes, with --all hours; ASSAY_JOBS says how many fits may run at once (2 if
    unset). Stopped, the same command goes on where it was, a net at the epoch it had reached. A
    series with too little history is left out and named.
    """
    from assay.workflows.train import train

    wanted = [Timeframe.parse(text) for text in timeframe or ()]
    desk = writing_desk(context)
    desk.jobs = jobs or desk.jobs
    with say.progress(quiet=json) as bars:
        done = train(desk, symbols or (), wanted, apart=every, tick=bars, watch=bars.watch)
    if json:
        say.as_json(done.to_json() | ({"pace": grid(done, desk.jobs)} if every else {}))
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
    if every:
        typer.echo(grid(done, desk.jobs))
    for problem in done.problems:
        typer.echo(f"  left out: {problem}")


def grid(done: "Trained", jobs: int) -> str:
    """Return how long the standard grid would take at the pace of what was trained now."""
    from assay.core.instruments import STANDARD_GRID

    fresh = len(done.members) - done.reused
    series = {(symbol, row.timeframe) for row in done.members for symbol in row.symbols}
    if not fresh or not series:
        return "Nothing had to be trained, so there is no pace to tell a whole grid from."
    each = done.seconds / fresh * len(done.members) / len(series)
    minutes = each * len(STANDARD_GRID) / 60
    return (
        f"{len(series)} series took {each:.0f} s each with {jobs} at once; the standard grid of "
        f"{len(STANDARD_GRID)} would take about {minutes:.0f} minutes."
    )
