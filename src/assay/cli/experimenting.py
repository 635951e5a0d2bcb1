"""What running and resuming experiments share: their options, their progress, their last word."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import say
from assay.core.errors import SettingsError

if TYPE_CHECKING:
    from assay.workflows.desk import Desk
    from assay.workflows.executors.contract import Executor
    from assay.workflows.experiments.reading import Planned

Jobs = Annotated[
    int | None,
    typer.Option(help="How many fits at once; the setting jobs if unset.", min=1, max=4096),
]
ExecutorName = Annotated[
    str, typer.Option(help="local: processes of this machine; ray: a cluster of many.")
]
Address = Annotated[
    str | None,
    typer.Option(help="For ray: auto, host:port or ray://host:port; a cluster here if left out."),
]


def go(
    desk: "Desk",
    planned: "Sequence[Planned]",
    *,
    jobs: int | None,
    executor: str,
    address: str | None,
    json: bool,
) -> None:
    """Run what is planned, a line for each as it finishes, a table at the end; 1 if one failed."""
    from assay.workflows.experiments.looking import ended_run
    from assay.workflows.experiments.running import run_experiments

    desk.jobs = jobs or desk.jobs
    made = made_executor(executor, desk.jobs, address)
    done: list[dict[str, Any]] = []
    with say.progress(quiet=json) as bars:
        counted = _Counted(bars)
        try:
            with closing(run_experiments(desk, planned, made, tick=counted)) as running:  # type: ignore[type-var] # a generator
                for number, each in enumerate(running, 1):
                    done.append(ended_run(desk, each))
                    if not json:
                        _say_one(done[-1], number, len(planned))
        except KeyboardInterrupt:
            typer.echo(f"assay: {counted.kept(len(done), len(planned))}", err=True)
            raise
    _say_all(done, json=json)
    if any(each["reason"] for each in done):
        raise typer.Exit(1)


def made_executor(name: str, jobs: int, address: str | None) -> "Executor":
    """Return the executor called `name`; an address that it has no use for is a `SettingsError`."""
    from assay.workflows.executors.catalog import EXECUTORS

    kind = EXECUTORS.get(name)
    if address is None:
        return kind(jobs=jobs)
    if "address" not in kind.__dataclass_fields__:
        raise SettingsError(f"--address is for an executor of many machines; found {name!r}")
    return kind(jobs=jobs, address=address)  # type: ignore[call-arg] # those that have one


class _Counted:
    """Passes progress on and remembers it, for the last word of a run that is stopped."""

    def __init__(self, tick: Callable[[str, int, int], None]) -> None:
        self._tick = tick
        self._last: tuple[str, int, int] | None = None

    def __call__(self, what: str, done: int, total: int) -> None:
        self._last = (what, done, total)
        self._tick(what, done, total)

    def kept(self, runs: int, planned: int) -> str:
        """Return what of this command is kept, and how to go on."""
        what, done, total = self._last or ("", 0, 0)
        if what not in ("Searching", "Fitting folds"):
            return "No fold was finished yet; the same command begins again"
        named = "folds of all of them" if what == "Fitting folds" else "searches"
        return (
            f"Kept are {runs} of {planned} runs, and {done} of {total} {named}; assay experiment "
            "resume goes on with the others"
        )


def _say_one(one: dict[str, Any], number: int, total: int) -> None:
    from assay.cli.experiments import line

    typer.echo(f"{number} of {total}: {line(one)}", err=True)


def _say_all(done: list[dict[str, Any]], *, json: bool) -> None:
    if json:
        say.as_json({"runs": done, "failed": sum(bool(each["reason"]) for each in done)})
        return
    from assay.cli.experiments import ended

    say.console().print(ended(done))
