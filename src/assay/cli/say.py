"""How commands speak: a table for people, one JSON document for programs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.core.ids import canonical

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PAGE = 100
"""Columns of a page of text."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]


def as_json(value: Any) -> None:  # noqa: ANN401 - whatever a workflow returns as plain data
    """Print `value` as one line of canonical JSON."""
    typer.echo(canonical(value).decode())


def console(*, stderr: bool = False) -> "Console":
    """Return a rich console; on a pipe it is as wide as its tables need."""
    from rich.console import Console

    wide = Console(stderr=stderr)
    return wide if wide.is_terminal else Console(stderr=stderr, width=max(wide.width, 120))


def page(*, wide: bool = False) -> "Console":
    """Return a console for a page of text: never wider than is good to read, unless `wide`."""
    from rich.console import Console

    return Console(width=console().width if wide else min(console().width, PAGE))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> "RenderableType":
    """Return a table; columns whose name starts with ">" are right-aligned numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    made = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_edge=False,
        show_header=any(name.lstrip(">") for name in columns),
    )
    for name in columns:
        number = name.startswith(">")
        made.add_column(
            name.lstrip(">"), justify="right" if number else "left", no_wrap=number, overflow="fold"
        )
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return made


def facts(rows: Iterable[tuple[str, object]]) -> "RenderableType":
    """Return names and what is said of them, in two columns; a name repeated is said once."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    last = None
    for name, text in rows:
        made.add_row("" if name == last else name, Text(str(text)))
        last = name
    return made


Tick = Callable[[str, int, int], None]
"""Called as (what is being done, how many are done, out of how many)."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Tick]:
    """Yield a callback that draws progress bars with the time left on stderr; none when quiet."""
    if quiet:
        yield lambda what, done, total: None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bars = Progress(
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console(stderr=True),
    )
    tasks: dict[str, Any] = {}

    def tick(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total)
        bars.update(tasks[what], completed=done, total=total)

    with bars:
        yield tick
