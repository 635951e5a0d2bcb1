"""`assay data universe show`: who belonged to a universe on a day, as known at a time."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.asked import moment
from assay.cli.main import desk

EXAMPLES = (
    "Examples: assay data universe show sp500 --on 2020-03-16\n\n"
    "assay data universe show sp500 --on 2020-03-16 --as-of 2026-01-01"
)


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="As listed by `assay data universe list`.")],
    on: Annotated[
        str | None, typer.Option(help="Who belonged on this day alone, as 2020-03-16.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="As known here then (UTC).")] = None,
    *,
    json: say.Json = False,
) -> None:
    """Show the members of a universe with the days on which they came and left."""
    from assay.workflows.universes import show_universe

    day = moment(on, "--on").date() if on else None
    known = moment(as_of, "--as-of") if as_of else None
    found = show_universe(desk(context), name, day, known)
    if json:
        say.as_json([{n: getattr(one, n) for n in one.__dataclass_fields__} for one in found])
        return
    rows = [(one.symbol, one.first, one.last or "–") for one in found]
    say.console().print(say.table("", ("symbol", "from", "to"), rows))
    typer.echo(f"{len({one.symbol for one in found}):,} instruments")
