"""`assay macro sync`: bring figures and calendars up to date."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import writing_desk
from assay.cli.syncs import DryRun

if TYPE_CHECKING:
    from assay.workflows.macro.sync import MacroRun, Question

EXAMPLES = (
    "Examples: assay macro sync\n\nassay macro sync --source fred --source fmp\n\n"
    "assay macro sync --dry-run"
)
SHOWN_NOTES = 8


def run(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Option("--source", help="In place of the configured ones: fred, fmp, finnhub."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="From when (UTC) on, as 2015-01-01; else all there is.")
    ] = None,
    *,
    dry_run: DryRun = False,
    json: say.Json = False,
) -> None:
    """Fetch what became known since the last time, and store it; safe to stop and to run again.

    FRED tells every version of a figure with the day on which it appeared; calendars tell what was
    expected, what came out, and what is due. assay.toml says which are asked, and on what:

    [macro]

    sources = ["fred", "fmp"]

    currencies = ["USD", "EUR"]

    A source that is busy, down or refuses its key is asked nothing more; the others go on.
    """
    from assay.workflows.macro.feed import feed_of
    from assay.workflows.macro.sync import plan_macro, sync_macro

    desk = writing_desk(context)
    feed = feed_of(desk, tuple(sources or ()), moment(since, "--since") if since else None)
    if dry_run:
        plan = plan_macro(desk, feed)
        if json:
            say.as_json([one.to_json() for one in plan])
        else:
            _show_plan(plan)
        return
    with say.progress(quiet=json) as tick:
        done = sync_macro(desk, feed, tick=tick)
    if json:
        say.as_json(done.to_json())
    else:
        _show_run(done)
    if done.failed:
        raise typer.Exit(1)


def _show_plan(plan: "list[Question]") -> None:
    rows = [
        (one.source, one.question, f"{one.start:%Y-%m-%d %H:%M}", f"{one.calls:,}") for one in plan
    ]
    if rows:
        say.console().print(say.table("", ("source", "question", "after UTC", ">calls"), rows))
    cost = Counter[str]()
    for one in plan:
        cost[one.source] += one.calls
    said = ", ".join(f"{count:,} of {source}" for source, count in cost.items())
    typer.echo(f"This would cost about {said}" if said else "Nothing is to be asked")


def _show_run(done: "MacroRun") -> None:
    rows = [
        (one.source, one.question, f"{one.figures:,}", f"{one.events:,}", f"{one.calls:,}")
        for one in done.answered
        if one.figures or one.events
    ]
    columns = ("source", "question", ">new figures", ">new events", ">pages")
    if rows:
        say.console().print(say.table("", columns, rows))
    quiet = len(done.answered) - len(rows)
    if quiet:
        typer.echo(f"{quiet:,} questions brought nothing new")
    notes = list(dict.fromkeys(note.sentence for one in done.answered for note in one.notes))
    for sentence in notes[:SHOWN_NOTES]:
        typer.echo(f"note: {sentence}")
    if len(notes) > SHOWN_NOTES:
        typer.echo(f"note: and {len(notes) - SHOWN_NOTES:,} more; --json gives all")
    for failure in done.failed:
        more = f"; {failure.left:,} more were not asked" if failure.left else ""
        typer.echo(
            f"assay: {failure.question} of {failure.source}: {failure.reason}{more}", err=True
        )
