"""`assay gate calibrate`: how often the gate lets noise through, and how often it sees skill."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import say
from assay.cli.experimenting import Address, ExecutorName, Jobs, made_executor
from assay.cli.main import desk
from assay.core.errors import SettingsError

if TYPE_CHECKING:
    from assay.workflows.desk import Desk
    from assay.workflows.executors.contract import Executor

EXAMPLES = (
    "Examples: assay gate calibrate (some minutes)\n\n"
    "assay gate calibrate --full --jobs 8 --json\n\n"
    "assay gate calibrate --chain --families 60 --bars EURUSD_1h.csv"
)


def run(
    context: typer.Context,
    families: Annotated[
        int, typer.Option(help="Of each null, with --chain.", min=1, max=100_000)
    ] = 60,
    bars: Annotated[
        list[Path] | None,
        typer.Option(
            help="With --chain: real bars to turn round, as files or as a workspace, instead of "
            "those stored here; may be given again."
        ),
    ] = None,
    profile: Annotated[str, typer.Option(help="How hard: standard or strict.")] = "standard",
    seed: Annotated[int | None, typer.Option(help="Of the first family.", min=0)] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Write what was found into this JSON file.")
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(help="Write a page of all that the file of --keep holds, in Markdown."),
    ] = None,
    jobs: Jobs = None,
    executor: ExecutorName = "local",
    address: Address = None,
    *,
    full: Annotated[
        bool,
        typer.Option("--full/--quick", help="All that is published (half an hour), or the least."),
    ] = False,
    chain: Annotated[
        bool,
        typer.Option("--chain", help="With members, markets and every check; an hour or two."),
    ] = False,
    json: say.Json = False,
) -> None:
    """Judge families of trials whose truth is known, and say how often the gate was wrong.

    Every batch is kept in the workspace as it finishes, apart from all trials of experiments:
    stopped or killed, the same command goes on from there, and what this gate has judged before is
    never judged again. Without --chain the checks that look at returns alone are asked, of
    correlated trials with fat tails, in order of registration.
    """
    if page is not None and keep is None:
        raise SettingsError("--page writes what the file of --keep holds; name that file too")
    if chain and full:
        raise SettingsError("--full is about returns alone; with --chain ask for more --families")
    if bars and not chain:
        raise SettingsError("--bars are real bars for --chain; add it, or leave them out")
    opened = desk(context)
    made = made_executor(executor, jobs or opened.jobs, address)
    with say.progress(quiet=json) as drawn:
        if chain:
            found = _chain(opened, made, drawn, families, bars or [], profile, seed)
        else:
            found = _statistics(opened, made, drawn, profile, seed, full=full)
    _tell(found, chain=chain, keep=keep, page=page, json=json)


def _statistics(
    desk: "Desk",
    executor: "Executor",
    tick: say.Bars,
    profile: str,
    seed: int | None,
    *,
    full: bool,
) -> dict[str, Any]:
    from assay.workflows.calibrating import FIRST_SEED, calibrate, points

    first = FIRST_SEED if seed is None else seed
    return calibrate(desk.home, executor, points(full=full), profile=profile, seed=first, tick=tick)


def _chain(
    desk: "Desk",
    executor: "Executor",
    tick: say.Bars,
    families: int,
    bars: list[Path],
    profile: str,
    seed: int | None,
) -> dict[str, Any]:
    from assay.workflows.calibrating import FIRST_SEED
    from assay.workflows.calibrating_chain import calibrate_chain
    from assay.workflows.calibrating_nulls import real_bars

    first = FIRST_SEED if seed is None else seed
    real = real_bars(desk, bars, tick)
    return calibrate_chain(
        desk.home, executor, families=families, real=real, profile=profile, seed=first, tick=tick
    )


def _tell(
    found: dict[str, Any], *, chain: bool, keep: Path | None, page: Path | None, json: bool
) -> None:
    from assay.workflows.calibrating_kept import CHAIN, STATISTICS, published

    if keep is not None:
        told = published(keep, CHAIN if chain else STATISTICS, found)
        if page is not None:
            from assay.cli.gate_pages import page_of
            from assay.store.files import write_atomic

            write_atomic(page, page_of(told).encode())
    if json:
        say.as_json(found)
        return
    from assay.cli.gates import calibrated, calibrated_chain

    say.console().print(calibrated_chain(found) if chain else calibrated(found))
