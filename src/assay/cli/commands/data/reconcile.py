"""`assay data reconcile`: compare the stored bars with what other sources say of them."""

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import say
from assay.cli.main import writing_desk

if TYPE_CHECKING:
    from assay.workflows.syncing.reconciling import Reconciled, Reconciliation

EXAMPLES = (
    "Examples: assay data reconcile\n\nassay data reconcile EURUSD --days 90\n\n"
    "assay data reconcile AAPL --stored"
)
NONE_FED = "No stored series has a second source; name several in its feed"
NONE_STORED = "No symbol has two stored series that came from different sources"


def run(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SYMBOL]…", help="Of the configured feeds; all if left out."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How many of the last stored days.")] = 30,
    *,
    stored: Annotated[
        bool, typer.Option("--stored", help="Ask nobody: compare stored series of one symbol.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Ask the other sources of each feed for bars that are stored, and say in what they differ.

    Differences are of five kinds: price, volume, coverage, time shift and adjustment. Nothing
    stored is changed; what is found is kept, and a feed that prints a small part of the volume
    loses the features that read volume (assay data check says so). With --stored the series of a
    symbol that came from different sources, such as two files, are compared over all their days;
    the shorter bars are made into the longer ones first.
    """
    from assay.workflows.beside import compare_stored
    from assay.workflows.syncing.reconciling import reconcile
    from assay.workflows.syncing.sync import feeds_of

    desk = writing_desk(context)
    with say.progress(quiet=json) as tick:
        if stored:
            found = compare_stored(desk, symbols or (), tick=tick)
        else:
            found = reconcile(desk, feeds_of(desk, symbols or ()), days=days, tick=tick)
    if json:
        say.as_json(found.to_json())
    else:
        _show(found, NONE_STORED if stored else NONE_FED)
    if found.failed:
        raise typer.Exit(1)


def _show(found: "Reconciliation", none: str) -> None:
    if found.compared:
        columns = (
            *("symbol", "timeframe", "stored from", "against", ">bars", ">median bp"),
            *(">volume", "differs in"),
        )
        say.console().print(say.table("", columns, [_row(one) for one in found.compared]))
        for one in found.compared:
            for difference in one.overlap.differences:
                typer.echo(f"{one.symbol} {one.timeframe}: {difference.sentence}")
    elif not found.failed:
        typer.echo(none)
    for failure in found.failed:
        name = f"{failure.symbol} {failure.timeframe} against {failure.source}"
        typer.echo(f"assay: {name}: {failure.reason}", err=True)


def _row(one: "Reconciled") -> tuple[str, ...]:
    overlap = one.overlap
    share = "–" if overlap.volume_share is None else f"{overlap.volume_share:.0%}"
    kinds = ", ".join(difference.kind for difference in overlap.differences)
    return (
        *(one.symbol, one.timeframe, one.source, one.other, f"{overlap.both:,}"),
        *(f"{overlap.median_bps:.1f}", share, kinds or "nothing"),
    )
