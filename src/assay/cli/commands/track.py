"""`assay track`: what came of the signals, and how good that is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import writing_desk
from assay.core.values.timeframe import Timeframe

if TYPE_CHECKING:
    from assay.workflows.track_rows import Asked

EXAMPLES = (
    "Examples: assay track\n\n"
    "assay track --by member --symbol EURUSD\n\n"
    "assay track --signals 20\n\n"
    "assay track --gap\n\n"
    "assay track --csv signals.csv"
)
By = Literal["all", "member", "tier", "symbol", "timeframe", "series", "decision"]


def run(
    context: typer.Context,
    by: Annotated[By, typer.Option(help="What to group by.")] = "all",
    symbol: Annotated[str | None, typer.Option(help="Only this instrument.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="Only this one, such as 1h.")] = None,
    tier: Annotated[
        Literal["HIGH", "MODERATE", "LOW", "DIVERGENT"] | None, typer.Option(help="Only this tier.")
    ] = None,
    decision: Annotated[
        Literal["LONG", "SHORT", "WAIT"] | None, typer.Option(help="Only this decision.")
    ] = None,
    member: Annotated[
        str | None, typer.Option(help="Judge this member's own probabilities.")
    ] = None,
    kind: Annotated[
        Literal["live", "replay", "simulated"] | None,
        typer.Option(help="Only these; replays were issued on history."),
    ] = None,
    sample: Annotated[
        Literal["out", "in", "all"] | None,
        typer.Option(
            help="out: the fusion had not learnt from what came of them; in: it had. Out for "
            "figures and all for signals, if left out."
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Bars that closed from then on (ISO, UTC).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Bars that closed by then (ISO, UTC).")
    ] = None,
    signals: Annotated[
        int | None,
        typer.Option(help="List so many of the newest signals instead.", min=1, max=500),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write all signals with their outcomes to this file.")
    ] = None,
    *,
    gap: Annotated[
        bool, typer.Option("--gap", help="Set each series beside its newest backtest.")
    ] = False,
    calibration: Annotated[
        bool, typer.Option("--calibration", help="Set what was said beside what came true.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Resolve the signals whose horizon is over, and show how good they were.

    Each signal is resolved once, from stored bars, and the outcome is journalled. WAIT is resolved,
    too: what the same plan would have given. Figures of under 30 outcomes, or of under 10 days, are
    marked and have no interval. Live signals, those issued on history and those of simulated
    markets never share a figure.
    """
    from assay.workflows.resolving import resolve
    from assay.workflows.track_rows import Kind, Sample, asked_for

    desk = writing_desk(context)
    with say.progress(quiet=json) as tick:
        done = resolve(desk, tick=tick)
    figures = signals is None and csv is None
    asked: Asked = asked_for(
        desk.instrument(symbol).symbol if symbol else None,
        Timeframe.parse(timeframe) if timeframe else None,
        tier,
        decision,
        member,
        Kind(kind) if kind else None,
        moment(since, "--from") if since else None,
        moment(until, "--to") if until else None,
        Sample(sample or ("out" if figures else "all")),
    )
    from assay.cli import tracks

    if csv is not None:
        tracks.write(desk, asked, csv)
    elif signals is not None:
        tracks.show_signals(desk, asked, signals, json=json)
    elif gap:
        tracks.show_gaps(desk, asked, json=json)
    elif calibration:
        tracks.show_calibration(desk, asked, by, json=json)
    else:
        tracks.show(desk, asked, by, done, json=json)
