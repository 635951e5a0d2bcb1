"""`assay init`: begin a workspace, question by question."""

import contextlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assay.cli import say
from assay.cli.beginning import KINDS, Questions
from assay.cli.main import Opener, desk, writing_desk
from assay.core.errors import SettingsError

if TYPE_CHECKING:
    from assay.workflows.begin import Choices

EXAMPLES = (
    "Examples: assay init\n\nassay init ~/fx --yes\n\n"
    "assay init ~/fx --data simulated --markets EURUSD,XAUUSD --years 4 --jobs 2 --yes\n\n"
    'assay init ~/own --data files --files "prices/*.csv" --database sqlite --yes --json'
)
SETS = ("standard", "full")


def run(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="The workspace; --home or ~/.assay if left out.")
    ] = None,
    data: Annotated[
        Literal["simulated", "files", "none"] | None,
        typer.Option(help="What to fill it with."),
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option(help="A file, folder or glob to import; may be given again."),
    ] = None,
    markets: Annotated[
        str | None,
        typer.Option(
            help="Simulated: symbols such as EURUSD,XAUUSD, or all. Files: what symbols nobody "
            "knows are, equity or index."
        ),
    ] = None,
    years: Annotated[
        float | None, typer.Option(min=1, max=20, help="Years of market to simulate; 4.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=256, help="Fits at once; one for each processor.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The seed of everything that uses chance; 7.")
    ] = None,
    features: Annotated[
        Literal["standard", "full"] | None, typer.Option(help="What members read; standard.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="sqlite, or a URL postgresql+pg8000://…; it is tried.")
    ] = None,
    overwrite: Annotated[
        bool | None,
        typer.Option("--overwrite/--keep", help="Write assay.toml anew, or keep what is there."),
    ] = None,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; what no flag says is the default.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Begin a workspace: ask for its settings and data, write assay.toml, look whether all is well.

    Every question has a flag and a default. An assay.toml that is there is kept unless you say
    otherwise. It ends with the three commands to go on with.
    """
    if not yes and not sys.stdin.isatty():
        raise SettingsError(
            "assay init asks in a terminal, and this is none; say --yes for the defaults, with "
            "flags for what is to be other (assay init --help)"
        )
    from assay.workflows.begin import write_settings

    asked = Questions(yes)
    place = _place(context, folder, asked)
    choices = _settings(place, asked, overwrite, jobs, seed, features, database)
    filling = _filling(asked, data, files or [], markets, years)
    if choices is not None:
        write_settings(place, choices)
    opener = context.find_object(Opener)
    assert opener is not None
    context.obj = replace(opener, home=place)
    _fill(context, filling, quiet=json, yes=yes)
    _end(context, place, written=choices is not None, json=json)


@dataclass(frozen=True, slots=True)
class Filling:
    """What goes into the workspace; `kinds` are classes for symbols nobody knows."""

    kind: str
    files: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    years: float = 0.0


def _place(context: typer.Context, folder: Path | None, asked: Questions) -> Path:
    from assay.workflows.begin import refuse_file

    opener = context.find_object(Opener)
    assert opener is not None

    def meant(text: str) -> Path:
        found = Path(text).expanduser().absolute()
        refuse_file(found)
        return found

    given = None if folder is None else str(folder)
    return asked.ask(given, "Where is the workspace", str(opener.where(opener.home)), meant)


def _settings(
    place: Path,
    asked: Questions,
    overwrite: bool | None,  # noqa: FBT001 - a flag, or nothing
    jobs: int | None,
    seed: int | None,
    features: str | None,
    database: str | None,
) -> "Choices | None":
    """Return what the settings file is to say; None where the one that is there is kept."""
    from assay.workflows.begin import FILE, SQLITE, Choices, database_named
    from assay.workflows.machine import processors

    if (place / FILE).exists() and not asked.agree(
        overwrite, f"{place / FILE} is there already. Write it anew"
    ):
        return None
    which = asked.choose(features, "Features that members read", "standard", SETS)
    return Choices(
        jobs=int(asked.number(jobs, "How many fits at once", processors(), 1)),
        seed=int(asked.number(seed, "The seed of everything that uses chance", 7, 0)),
        features="full" if which == "full" else "standard",
        database_url=asked.ask(
            database, "Database: sqlite, or a PostgreSQL URL", SQLITE, database_named
        ),
    )


def _filling(
    asked: Questions,
    data: str | None,
    files: list[str],
    markets: str | None,
    years: float | None,
) -> Filling:
    from assay.workflows.begin import MARKETS, markets_named

    kind = asked.choose(data or ("files" if files else None), "Which data", "simulated", KINDS)
    if kind == "simulated":
        symbols = asked.ask(
            markets, "Which markets (symbols, or all)", ",".join(MARKETS), markets_named
        )
        return Filling(kind, symbols=symbols, years=asked.number(years, "How many years", 4, 1))
    if kind == "files":
        found = tuple(files) or asked.ask(None, "Files, a folder or a glob", "", _paths)
        kinds = asked.ask(
            markets,
            "What unknown symbols are (equity, index; none if all are known)",
            "none",
            _kinds,
        )
        return Filling(kind, files=found, kinds=kinds)
    return Filling(kind)


def _paths(text: str) -> tuple[str, ...]:
    if not text.strip():
        raise SettingsError("Name the files to import: a path, a folder or a glob (--files)")
    return (str(Path(text.strip()).expanduser()),)


def _kinds(text: str) -> tuple[str, ...]:
    said = text.strip().lower()
    return () if said == "none" else ("--class", said)


def _fill(context: typer.Context, filling: Filling, *, quiet: bool, yes: bool) -> None:
    """Simulate, or hand the files to `assay data import`, which shows and asks by itself."""
    from assay.workflows.begin import add_simulated

    if filling.kind == "simulated":
        with say.progress(quiet=quiet) as tick:
            add_simulated(writing_desk(context), filling.symbols, filling.years, tick=tick)
    elif filling.kind == "files":
        words = [*filling.files, *filling.kinds, *(["--yes"] if yes or quiet else [])]
        groups = context.find_root().command.commands  # type: ignore[attr-defined] # it is a group
        command = groups["data"].commands["import"]
        with (
            contextlib.redirect_stdout(sys.stderr) if quiet else contextlib.nullcontext(),
            command.make_context("import", words, parent=context) as own,
        ):
            command.invoke(own)


def _end(context: typer.Context, place: Path, *, written: bool, json: bool) -> None:
    from assay.cli.boards import diagnosis
    from assay.workflows.begin import begun

    opener = context.find_object(Opener)
    assert opener is not None
    named = None if place == opener.where(None).absolute() else str(place)
    with say.progress(quiet=json) as tick:
        done = begun(desk(context), named, written=written, tick=tick)
    if json:
        say.as_json(done.to_json())
    else:
        diagnosis(done.diagnosis)
        typer.echo(f"\nSettings: {done.settings}{'' if written else ' (as it was)'}\nNext:")
        for line in done.next:
            typer.echo(f"  {line}")
    if not done.diagnosis.sound:
        raise typer.Exit(1)
