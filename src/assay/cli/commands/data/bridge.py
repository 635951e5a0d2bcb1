"""`assay data bridge`: the expert that lets MetaTrader 5 answer, and where it goes."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say

EXAMPLES = 'Example: assay data bridge --copy "~/.wine/drive_c/…/MQL5/Experts"'


def run(
    copy: Annotated[
        Path | None, typer.Option(help="Put the expert into this folder of the terminal.")
    ] = None,
    *,
    json: say.Json = False,
) -> None:
    """Say where the expert AssayBridge.mq5 lies, or copy it to a terminal's MQL5/Experts.

    Compile it in MetaEditor and attach it to one chart; it answers questions for bars and knows no
    orders. Then tell Assay where it is, in assay.toml:

    [providers.metatrader5]

    address = "tcp://127.0.0.1:8765"

    On Windows the package MetaTrader5 (pip install MetaTrader5) serves without an expert.
    """
    from assay.workflows.bridge import copied, expert

    place = expert() if copy is None else copied(copy)
    if json:
        say.as_json({"expert": str(place), "copied": copy is not None})
    else:
        typer.echo(f"The expert {'was copied to' if copy else 'lies at'} {place}")
        typer.echo("assay data bridge --help says what to do with it")
