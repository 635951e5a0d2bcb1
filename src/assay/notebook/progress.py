"""How long work shows where it stands: bars in a terminal or a notebook, or a call of one's own."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

from assay.models.contract import Progress as Training

if TYPE_CHECKING:
    from rich.progress import Progress as Drawn
    from rich.progress import TaskID

Asked = bool | Callable[[str, int, int], None]
"""True shows bars where somebody looks, False nothing; a callable gets (what, done, total)."""


@dataclass
class Shown:
    """Told of progress by a workflow, it shows it; `watch` is told of every step of a training."""

    tell: Callable[[str, int, int], None]

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        self.tell(what, done, total)

    def watch(self, what: str, progress: Training) -> None:
        """Show how far a training is, in steps."""
        self.tell(what, progress.step, progress.steps)


@dataclass
class _Bars:
    drawn: "Drawn"
    tasks: "dict[str, TaskID]" = field(default_factory=dict)

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self.tasks:
            self.tasks[what] = self.drawn.add_task(what, total=total)
        self.drawn.update(self.tasks[what], completed=done, total=total)


def _line(what: str, done: int, total: int) -> None:
    """Rewrite one line: for a notebook that cannot draw bars."""
    sys.stderr.write(f"\r{what}: {done:,} of {total:,}{' ' * 20}")
    if done >= total:
        sys.stderr.write("\n")


def _nothing(what: str, done: int, total: int) -> None:
    """Show nobody."""


@contextmanager
def shown(asked: Asked) -> Iterator[Shown]:
    """Yield what a workflow may tell its progress; bars are gone when the work is done."""
    if not isinstance(asked, bool):
        yield Shown(asked)
        return
    if not asked:
        yield Shown(_nothing)
        return
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_jupyter and find_spec("ipywidgets") is None:
        yield Shown(_line)
    elif console.is_terminal or console.is_jupyter:
        from rich.progress import Progress

        with Progress(console=console, transient=True) as drawn:
            yield Shown(_Bars(drawn))
    else:
        yield Shown(_nothing)
