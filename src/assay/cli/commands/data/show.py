"""`assay data show`: the newest bars of a series."""

from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import desk
from assay.core.values.timeframe import Timeframe

EXAMPLES = "Example: assay data show EURUSD --timeframe 1h --rows 20"


def run(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A stored symbol.")],
    timeframe: Annotated[str, typer.Option(help="For example 1h.")],
    rows: Annotated[int, typer.Option(min=1, max=10_000, help="How many bars.")] = 10,
    *,
    json: say.Json = False,
) -> None:
    """Show the newest bars of SYMBOL; times are closes, UTC."""
    from assay.workflows.data import show_bars

    opened = desk(context)
    frame = show_bars(opened, symbol, Timeframe.parse(timeframe), rows)
    if json:
        say.as_json(frame.to_dicts())
        return
    digits = opened.instrument(symbol).price_digits
    shown = [
        (f"{t:%Y-%m-%d %H:%M}", *(f"{p:.{digits}f}" for p in prices), f"{volume:,.0f}")
        for t, *prices, volume in frame.iter_rows()
    ]
    columns = ("close UTC", ">open", ">high", ">low", ">close", ">volume")
    say.console().print(say.table(f"{symbol.upper()} {timeframe}", columns, shown))
