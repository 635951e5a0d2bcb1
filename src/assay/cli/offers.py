"""What the shell offers when a key is pressed: stored names, by the name of the parameter."""

import contextlib
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

from assay.core.values.timeframe import Timeframe
from assay.store import glance

Where = Callable[[Path | None], Path]
"""Returns the workspace's folder from what `--home` says."""
Names = Callable[[typer.Context], Sequence[str]]
SHORT_MODEL = 12
"""Digits of an artefact's id, as `assay models list` shows them."""
RUNS = "SELECT id FROM trials JOIN run_facts ON id = trial_id ORDER BY no DESC LIMIT ?"
FAMILIES = "SELECT DISTINCT family FROM run_facts ORDER BY family LIMIT ?"
NAMES = "SELECT DISTINCT name FROM run_facts ORDER BY name LIMIT ?"
"""Of the runs of experiments: their ids, the newest first, their families, their names."""


def offer(run: Callable[..., None]) -> None:
    """Give the parameters of a command whose names are known here what a shell may offer."""
    for name, hint in run.__annotations__.items():
        if name in OFFERED:
            for said in getattr(hint, "__metadata__", ()):
                said.autocompletion = _quiet(OFFERED[name])


def untyped(command: Any, parent: typer.Context | None = None) -> None:  # noqa: ANN401 - typer's own
    """Let every parameter be the text that was typed: half a line needs no types.

    Typer's types bring in pydantic, a third of the time between the key and the answer.
    """
    context = typer.Context(command, parent=parent, **command.context_settings)
    for parameter in command.get_params(context):
        parameter.process_value = _as_typed
    for child in getattr(command, "commands", {}).values():
        untyped(child, context)


def _as_typed(context: typer.Context, value: object) -> object:
    return value


def _quiet(names: Names) -> Callable[[typer.Context, str], list[str]]:
    """Return a completion that says nothing, rather than fail in somebody's prompt."""

    def offered(context: typer.Context, incomplete: str) -> list[str]:
        found: list[str] = []
        with contextlib.suppress(Exception):
            found = [name for name in names(context) if name.startswith(incomplete)]
        return found

    return offered


def _home(context: typer.Context) -> Path:
    """Return the folder; the root command has not run, so its flag is read where it was parsed."""
    root = context.find_root()
    where: Where = root.obj.where
    said = root.params.get("home")
    return where(Path(said) if isinstance(said, str | Path) else None)


def _symbols(context: typer.Context) -> Sequence[str]:
    return glance.symbols(_home(context))


def _timeframes(context: typer.Context) -> Sequence[str]:
    """Return those stored of the symbol that was typed, of any, or all that there can be."""
    home = _home(context)
    symbol = context.params.get("symbol")
    own = glance.timeframes(home, symbol) if isinstance(symbol, str) else []
    stored = own or glance.timeframes(home)
    return stored or [each.value for each in Timeframe]


def _signals(context: typer.Context) -> Sequence[str]:
    ids = glance.signals(_home(context))
    return [*ids, *(one.removeprefix("sig-") for one in ids)]


def _artefacts(context: typer.Context) -> Sequence[str]:
    return [one[:SHORT_MODEL] for one in glance.artefacts(_home(context))]


def _features(context: typer.Context) -> Sequence[str]:
    return _files("features/library", "[a-z]*.py")


def _files(folder: str, pattern: str) -> Sequence[str]:
    """Return the names of a library's files: a file's name is its registration."""
    spec = find_spec("assay")
    roots = (spec.submodule_search_locations or []) if spec else []
    return sorted(file.stem for root in roots for file in (Path(root) / folder).glob(pattern))


def _runs(context: typer.Context) -> Sequence[str]:
    """Return the ids of runs, with and without what all of them begin with."""
    ids = glance._ids(_home(context), RUNS)
    return [*ids, *(one.removeprefix("trial-") for one in ids)]


OFFERED: dict[str, Names] = {
    "symbol": _symbols,
    "symbols": _symbols,
    "timeframe": _timeframes,
    "source": _timeframes,
    "to": lambda _: [each.value for each in Timeframe],
    "signal": _signals,
    "artefact": _artefacts,
    "trial": lambda context: glance.trials(_home(context)),
    "runs": _runs,
    "experiment_run": _runs,
    "family": lambda context: glance._ids(_home(context), FAMILIES),
    "experiment": lambda context: glance._ids(_home(context), NAMES),
    "experiments": lambda _: _files("workflows/experiments/library", "*.yaml"),
    "executor": lambda _: _files("workflows/executors/library", "[a-z]*.py"),
    "status": lambda _: ("running", "finished", "failed", "aborted"),
    "name": _features,
    "columns": _features,
}
"""By the name of a command's parameter; others are completed by the shell as it sees fit."""
