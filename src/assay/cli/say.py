"""How commands speak: a table for people, one JSON document for programs."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.core.ids import canonical

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress as Drawn
    from rich.progress import TaskID

    from assay.models.contract import Progress

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


class Bars:
    """Bars of progress on stderr: called as (what is being done, how many are done, of how many).

    `watch` shows one training, with its loss; where stderr is no terminal it writes an event in
    JSON for every epoch instead.
    """

    def __init__(self, drawn: "Drawn | None", *, events: bool) -> None:
        self._drawn = drawn
        self._events = events
        self._tasks: dict[str, TaskID] = {}
        self._epochs: dict[str, int] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        self._show(what, done, total, "")

    def watch(self, what: str, progress: "Progress") -> None:
        """Show where a training stands."""
        held = "" if progress.held_loss is None else f", stop span {progress.held_loss:.4f}"
        note = f"epoch {progress.epoch} of {progress.epochs}, loss {progress.loss:.4f}{held}"
        self._show(what, progress.step, progress.steps, note)
        ended = progress.step * progress.epochs == progress.epoch * progress.steps
        if self._events and ended and self._epochs.get(what) != progress.epoch:
            self._epochs[what] = progress.epoch
            typer.echo(canonical({"training": what, **asdict(progress)}).decode(), err=True)

    def _show(self, what: str, done: int, total: int, note: str) -> None:
        if self._drawn is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._drawn.add_task(what, total=total, note=note)
        self._drawn.update(self._tasks[what], completed=done, total=total, note=note)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Bars]:
    """Yield bars of progress with the time left, drawn on stderr; none when quiet."""
    if quiet:
        yield Bars(None, events=False)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Drawn

    screen = console(stderr=True)
    bars = Drawn(
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[note]}"),
        console=screen,
    )
    with bars:
        yield Bars(bars, events=not screen.is_terminal)
