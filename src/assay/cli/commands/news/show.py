"""`assay news show`: the newest stored stories, how each came, and what was found in it."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import desk

EXAMPLES = (
    "Examples: assay news show\n\nassay news show EURUSD --last 50\n\n"
    "assay news show --suspect --since 2026-11-01"
)


def run(
    context: typer.Context,
    symbol: Annotated[
        str | None, typer.Argument(help="What the stories are about; anything if left out.")
    ] = None,
    last: Annotated[int, typer.Option(help="How many, the newest first.", min=1)] = 20,
    since: Annotated[
        str | None, typer.Option(help="First seen since then (UTC), as 2026-11-01.")
    ] = None,
    *,
    suspect: Annotated[
        bool, typer.Option("--suspect", help="Those alone that hide words or disguise letters.")
    ] = False,
    copies: Annotated[
        bool, typer.Option("--copies", help="Also the tellings of a story after its first.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Show stored stories: when first seen, by whom told, about what, and their words.

    A first-seen time that is assumed is marked: the story was fetched later, and could be had by
    then. Suspect stories are shown without what was hidden in them.
    """
    from assay.workflows.news.showing import shown_stories

    start = moment(since, "--since") if since else None
    found = shown_stories(
        desk(context), symbol, last=last, since=start, suspect=suspect, copies=copies
    )
    if json:
        say.as_json(found)
        return
    if not found:
        typer.echo("No such story is stored: assay news sync, or assay news import FILE")
    for one in found:
        say.page().print(say.facts(_facts(one)))
        typer.echo("")


def _facts(one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    seen = f"{one['seen_at']:%Y-%m-%d %H:%M:%S} UTC"
    if one["assumed"]:
        seen += ", assumed: nobody looked then"
    yield "first seen", seen + " (simulated)" * one["simulated"]
    if one["event_at"] != one["seen_at"]:
        yield "published", f"{one['event_at']:%Y-%m-%d %H:%M:%S} UTC"
    via = f", through {one['provider']}" if one["provider"] not in ("", one["source"]) else ""
    yield "source", one["source"] + via
    about = ", ".join(one["instruments"])
    if one["origin"]:
        yield "copy of", one["origin"][:12] + (f", and about {about}" if about else "")
    else:
        yield "about", about or "the whole market"
    yield "words", one["text"]
    if one["summary"]:
        yield "further", one["summary"]
    if one["url"]:
        yield "where", one["url"]
    if one["suspect"]:
        yield "suspect", one["suspect"]
