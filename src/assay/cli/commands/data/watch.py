"""`assay data watch`: keep the configured feeds up to date as long as it runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk

if TYPE_CHECKING:
    from assay.workflows.syncing.happenings import Happened

EXAMPLES = "Examples: assay data watch\n\nassay data watch BTCUSDT --json"


def run(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SYMBOL]…", help="Of the configured feeds; all if left out."),
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Store bars as they close, until it is stopped with Ctrl-C.

    Where a source has a stream, bars come by it; after each reconnection, and where a bar was left
    out, what lies between is asked for. A stream that is silent though bars were due is opened
    again. Other series are asked for when their bars have closed. With --json every event is one
    line.
    """
    from assay.workflows.syncing.sync import feeds_of
    from assay.workflows.syncing.watching import Watcher

    desk = writing_desk(context)
    feeds = feeds_of(desk, symbols or ())
    if not json:
        names = ", ".join(feed.symbol for feed in feeds)
        typer.echo(f"Watching {names}; Ctrl-C ends it, and nothing is lost")
    Watcher(desk, feeds, _as_line if json else _said).run()


def _as_line(event: "Happened") -> None:
    say.as_json(event.to_json())


def _said(event: "Happened") -> None:
    about = " ".join(filter(None, (event.symbol, event.timeframe))) or event.source
    typer.echo(f"{event.at:%H:%M:%S} {event.what:<9} {about}: {event.sentence}")
