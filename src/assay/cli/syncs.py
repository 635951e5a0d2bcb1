"""How syncs are asked for and shown: the options, the plan, what became of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assay.cli import say

if TYPE_CHECKING:
    from assay.sources.quality.flaw import Flaw
    from assay.workflows.desk import Desk
    from assay.workflows.syncing.feeds import Feed
    from assay.workflows.syncing.planning import Part
    from assay.workflows.syncing.running import SyncRun
    from assay.workflows.syncing.sync import Plan

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be asked and what it costs; ask nothing.")
]
Since = Annotated[
    str | None, typer.Option(help="From when (UTC) on, as 2020-01-01; else five years back.")
]
Kind = Annotated[
    Literal["fx", "metal", "crypto", "equity", "index"] | None,
    typer.Option("--class", help="What a symbol is that does not say so itself."),
]
SHOWN_NOTES, SHOWN_FLAWS = 8, 3


def run_sync(
    desk: "Desk",
    feeds: "Sequence[Feed]",
    parts: "Sequence[Part]",
    *,
    dry_run: bool,
    json: bool,
) -> None:
    """Plan or run a sync, show what became of it, and end with 1 if something failed."""
    from assay.workflows.syncing.sync import plan_sync, sync

    if dry_run:
        plan = plan_sync(desk, feeds, parts)
        if json:
            say.as_json(plan.to_json())
        else:
            _show_plan(plan)
        failed = bool(plan.refused) and not plan.questions
    else:
        with say.progress(quiet=json) as tick:
            plan, run = sync(desk, feeds, parts, tick=tick)
        if json:
            refused = [{"series": o.name, "reason": str(o.error)} for o in plan.refused]
            say.as_json({**run.to_json(), "refused": refused})
        else:
            _show_run(plan, run)
        failed = bool(plan.refused or run.failed)
    if failed:
        raise typer.Exit(1)


def _show_plan(plan: "Plan") -> None:
    rows = [
        (
            q.route.instrument.symbol,
            q.route.timeframe,
            q.source,
            q.part,
            f"{q.span.start:%Y-%m-%d %H:%M}",
            f"{q.span.end:%Y-%m-%d %H:%M}",
            f"{q.calls:,}",
        )
        for q in plan.questions
    ]
    columns = ("symbol", "timeframe", "source", "part", "after UTC", "until UTC", ">calls")
    if rows:
        say.console().print(say.table("", columns, rows))
        said = ", ".join(f"{count:,} of {source}" for source, count in plan.cost.items())
        typer.echo(f"This would cost about {said}")
    else:
        typer.echo("Nothing is to be asked")
    _show_refused(plan)


def _show_run(plan: "Plan", run: "SyncRun") -> None:
    rows = [
        (
            one.symbol,
            one.timeframe,
            ", ".join(one.sources),
            f"{one.added:,}",
            f"{one.filled:,}",
            f"{one.corrected:,}",
            f"{one.disagreed:,}",
            f"{one.calls:,}",
            ", ".join(f"{count:,} {length}" for length, count in one.made.items()),
        )
        for one in run.synced
    ]
    columns = (
        *("symbol", "timeframe", "source", ">new", ">filled", ">corrected", ">disagreed"),
        *(">calls", "made of them"),
    )
    if rows:
        say.console().print(say.table("", columns, rows))
    for one in run.synced:
        for note in one.notes[:SHOWN_NOTES]:
            typer.echo(f"note: {note.sentence}")
        if len(one.notes) > SHOWN_NOTES:
            typer.echo(f"note: and {len(one.notes) - SHOWN_NOTES:,} more; --json gives all")
        if one.flaws:
            _show_flaws(f"{one.symbol} {one.timeframe}", one.flaws)
    for failure in run.failed:
        name = f"{failure.symbol} {failure.timeframe}"
        typer.echo(f"assay: {name} from {failure.source}: {failure.reason}", err=True)
    _show_refused(plan)


def _show_flaws(name: str, flaws: "Sequence[Flaw]") -> None:
    """Print how many of the stored bars are flagged as what, and the first sentences."""
    from assay.workflows.mend import counted

    kinds = ", ".join(
        f"{times:,} x {code} ({bars:,} bars)" for code, _, times, bars in counted(flaws)
    )
    typer.echo(f"! {name}: the rules flag {kinds}; a signal waits while such a bar is in its ATR")
    for flaw in flaws[:SHOWN_FLAWS]:
        typer.echo(f"  {flaw.first:%Y-%m-%d %H:%M} UTC {flaw.code}: {flaw.sentence}")
    if len(flaws) > SHOWN_FLAWS:
        typer.echo(f"  and {len(flaws) - SHOWN_FLAWS:,} more; --json gives all")


def _show_refused(plan: "Plan") -> None:
    for one in plan.refused:
        typer.echo(f"assay: {one.name}: {one.error}", err=True)
