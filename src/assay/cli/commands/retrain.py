"""`assay retrain`: train again what is due, and let the better of old and new be heard."""

from datetime import timedelta
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.asked import Fits, Symbols, Timeframes
from assay.cli.main import writing_desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = (
    "Examples: assay retrain --dry-run\n\nassay retrain\n\n"
    "assay retrain EURUSD --every 7 --fine-tune"
)


def run(
    context: typer.Context,
    symbols: Symbols = None,
    timeframe: Timeframes = None,
    every: Annotated[
        int | None,
        typer.Option(min=1, metavar="DAYS", help="The setting retrain_days (30) if left out."),
    ] = None,
    jobs: Fits = None,
    *,
    fine_tune: Annotated[
        bool | None,
        typer.Option(
            "--fine-tune/--anew",
            help="Go on from the last weights where a member can; the setting if neither is said.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Train also what is not due, if it got any bar since.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is due, and why.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Train what is due again; of the old and the new model the better one is heard from now on.

    Due is what has not learned from the last 30 days of bars (or --every), what its monitors find
    drifted (assay models monitor), and what was never trained; so the command may run every night.
    What is trained is a challenger. Beside its champion it is held against the newest outcomes,
    which neither has learned from, on each instrument by itself; then the gate judges it anew, and
    twice as hard, for there were two to choose from. assay backtest --retrain-every does the same
    to history.
    """
    from assay.workflows.retraining import retrain

    wanted = [Timeframe.parse(text) for text in timeframe or ()]
    desk = writing_desk(context)
    desk.jobs = jobs or desk.jobs
    with say.progress(quiet=json) as bars:
        done = retrain(
            desk,
            symbols or (),
            wanted,
            every=timedelta(days=every) if every else None,
            fine_tune=fine_tune,
            force=force,
            plan_only=dry_run,
            tick=bars,
            watch=bars.watch,
        )
    found = done.to_json()
    if json:
        say.as_json(found)
        return
    from assay.cli import retrainings

    told = say.console()
    told.print(retrainings.due(done))
    if done.fusions:
        grown = sum(one["went_on_from"] is not None for one in found["members"])
        typer.echo(
            f"{len(done.members) - done.reused} members trained ({grown} went on from earlier "
            f"weights), {done.reused} were there already"
        )
        told.print(retrainings.contests(found["contests"]))
        told.print(retrainings.fusions(done))
    elif not any(each.is_due for each in done.due):
        typer.echo("Nothing is due")
    for problem in done.problems:
        typer.echo(f"  left out: {problem}")
