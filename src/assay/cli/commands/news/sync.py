"""`assay news sync`: fetch the stories that the sources tell and are not stored yet."""

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import writing_desk
from assay.cli.syncs import DryRun

if TYPE_CHECKING:
    from assay.workflows.news.planning import NewsPlan
    from assay.workflows.news.syncing import NewsRun

EXAMPLES = (
    "Examples: assay news sync\n\nassay news sync rss alpaca --since 2026-11-01\n\n"
    "assay news sync --dry-run"
)
SHOWN_NOTES = 8


def run(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]…", help="Of news; those in assay.toml if left out."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="From when (UTC) on, as 2026-11-01; else 30 days back at first."),
    ] = None,
    *,
    dry_run: DryRun = False,
    json: say.Json = False,
) -> None:
    """Ask the sources of news for what is new about the instruments of the workspace, and store it.

    [news]

    sources = ["rss", "alpaca"]

    [providers.rss]

    places = ["https://www.federalreserve.gov/feeds/press_all.xml"]

    A story that was fetched within 15 minutes of being worded was first seen then. What is older
    was worded in a time in which nobody looked: it is assumed to have been there, and marked so.
    Every telling of a story is kept and the first one counts. Words are stored as a reader would
    see them; what hides words or disguises letters is marked as suspect. Of posts (Reddit, X) those
    alone are kept that name an instrument here. A source that fails is named with the reason; the
    command ends with 1 then, and the others go on. Safe to stop and to run again.
    """
    from assay.workflows.news.planning import news_feed, plan_news
    from assay.workflows.news.syncing import sync_news

    desk = writing_desk(context)
    start = moment(since, "--since") if since else None
    feed = news_feed(desk, sources or (), start)
    if dry_run:
        plan = plan_news(desk, feed)
        if json:
            say.as_json(plan.to_json())
        else:
            _show_plan(plan)
        failed = bool(plan.unasked) and not plan.questions
    else:
        with say.progress(quiet=json) as tick:
            plan, done = sync_news(desk, feed, tick=tick)
        if json:
            say.as_json({**done.to_json(), "refused": plan.to_json()["refused"]})
        else:
            _show_run(plan, done)
        failed = bool(plan.unasked or done.failed)
    if failed:
        raise typer.Exit(1)


def _show_plan(plan: "NewsPlan") -> None:
    rows = [
        (one.source, one.question, f"{one.start:%Y-%m-%d %H:%M}", f"{one.end:%Y-%m-%d %H:%M}")
        for one in plan.questions
    ]
    if rows:
        columns = ("source", "question", "after UTC", "until UTC")
        say.console().print(say.table("", columns, rows))
        said = ", ".join(f"{count:,} of {source}" for source, count in plan.cost.items())
        typer.echo(f"Calls this would cost: {said}, and one more for every further page")
    else:
        typer.echo("Nothing is to be asked")
    _show_unasked(plan)


def _show_run(plan: "NewsPlan", done: "NewsRun") -> None:
    rows = [
        (
            name,
            f"{one.added:,}",
            f"{one.assumed:,}",
            f"{one.copies:,}",
            f"{one.suspect:,}",
            f"{one.known:,}",
            f"{one.calls:,}",
        )
        for name, one in done.gained.items()
    ]
    columns = (">new", ">of these assumed", ">copies", ">suspect", ">known", ">calls")
    if rows:
        say.console().print(say.table("", ("source", *columns), rows))
    for one in done.gained.values():
        for note in one.notes[:SHOWN_NOTES]:
            typer.echo(f"note: {note.sentence}")
        if one.without_words:
            typer.echo(f"note: {one.without_words:,} have no words that can be seen")
        if one.unlinked:
            typer.echo(f"note: {one.unlinked:,} posts name no instrument here, and are not kept")
        if len(one.notes) > SHOWN_NOTES:
            typer.echo(f"note: and {len(one.notes) - SHOWN_NOTES:,} more; --json gives all")
    _show_failed(done)
    _show_unasked(plan)


def _show_failed(done: "NewsRun") -> None:
    """Say once why questions were not answered, however many they are."""
    alike: dict[tuple[str, str], list[str]] = {}
    for one in done.failed:
        alike.setdefault((one.source, one.reason), []).append(one.question)
    for (source, reason), (first, *others) in alike.items():
        more = f" and {len(others):,} more" if others else ""
        typer.echo(f"assay: {source} on {first}{more}: {reason}", err=True)


def _show_unasked(plan: "NewsPlan") -> None:
    for one in plan.unasked:
        typer.echo(f"assay: {one.source}: {one.error}", err=True)
