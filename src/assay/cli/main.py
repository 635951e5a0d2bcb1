"""The command line: one file in `commands`, one command; errors become one sentence."""

import contextlib
import errno
import importlib
import json
import pkgutil
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.offers import Where, offer, untyped
from assay.cli.say import Json
from assay.core.errors import AssayError

if TYPE_CHECKING:
    from assay.workflows.desk import Desk

COMMANDS = "assay.cli.commands"
START = (
    "Start with: assay init (it asks), assay demo (a simulated market, all of it), or with bars of "
    "your own:\n\n"
    "assay data import EURUSD_1h.csv --symbol EURUSD --timeframe 1h\n\n"
    "assay train\n\n"
    "assay daily\n\n"
    "assay explain ID\n\n"
    "Every command ends with 0 if it did what was asked, 2 for a mistake in what was asked, 1 for "
    "a failure that is not yours, 130 if you stopped it; each has --help and --json."
)
BUG = (
    "This is a bug in Assay, not a mistake of yours ({}); nothing was half-written. Please report "
    "it with the lines above"
)
STOPPED = 130
"""What a command stopped by Ctrl-C ends with, as shells have it; typer returns it, too."""


Serve = Callable[[Path | None, Mapping[str, object], Callable[[str], None]], None]
"""Serves the workspace at a folder as told, until stopped; calls back with its address."""


Work = Callable[[Path | None, Mapping[str, object]], None]
"""Works for the workspace at a folder as told, until stopped."""


def _given(home: Path | None) -> Path:
    return home or Path()


def _unserved(*_: object) -> None:
    raise AssayError("Nothing was handed in that could serve")


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens the desk when a command needs it, so that `--help` is instant.

    `where` says which folder that will be, without opening anything; `serve` serves it; `works` are
    what else goes on until stopped, by name.
    """

    make: "Callable[[Path | None], Desk]"
    home: Path | None = None
    where: Where = _given
    serve: Serve = _unserved
    works: Mapping[str, Work] = field(default_factory=dict)


def desk(context: typer.Context) -> "Desk":
    """Return the desk of the workspace that this command was asked to work in."""
    opener = context.find_object(Opener)
    assert opener is not None
    return opener.make(opener.home)


def writing_desk(context: typer.Context) -> "Desk":
    """Return the desk for a command that writes: refused at once where the database was lost."""
    found = desk(context)
    found.refuse_loss()
    return found


def serving_desk(
    context: typer.Context, given: Mapping[str, object], told: Callable[[str], None]
) -> None:
    """Serve the workspace that this command was asked to work in, until stopped."""
    opener = context.find_object(Opener)
    assert opener is not None
    opener.serve(opener.home, given, told)


def working(context: typer.Context, name: str, given: Mapping[str, object]) -> None:
    """Let `name` work for the workspace that this command was asked to work in, until stopped."""
    opener = context.find_object(Opener)
    assert opener is not None
    opener.works.get(name, _unserved)(opener.home, given)


def build() -> typer.Typer:
    """Return the whole command tree, found by file name; a folder is a group of commands."""
    app = typer.Typer(
        name="assay",
        help="Trading signals you can question: what, why, and how do you know?",
        epilog=START,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def root(
        context: typer.Context,
        home: Annotated[
            Path | None,
            typer.Option(help="The workspace folder (else ASSAY_HOME, else ~/.assay)."),
        ] = None,
    ) -> None:
        opener = context.find_object(Opener)
        assert opener is not None
        context.obj = replace(opener, home=home)

    _add(app, COMMANDS)
    return app


def _add(app: typer.Typer, package: str) -> None:
    folder = importlib.import_module(package)
    for found in sorted(pkgutil.iter_modules(folder.__path__), key=lambda m: m.name):
        module = importlib.import_module(f"{package}.{found.name}")
        name = found.name.removesuffix("_").replace("_", "-")
        if found.ispkg:
            group = _group(module)
            _add(group, f"{package}.{found.name}")
            app.add_typer(group, name=name)
        else:
            offer(module.run)
            short = str(module.__doc__).partition(": ")[2]
            app.command(
                name,
                epilog=getattr(module, "EXAMPLES", None),
                short_help=short[:1].upper() + short[1:],
            )(module.run)


def _group(module: ModuleType) -> typer.Typer:
    """Return the group of a folder; named alone it shows its help, or is the command `ALONE`."""
    alone = getattr(module, "ALONE", None)
    group = typer.Typer(
        help=module.__doc__,
        no_args_is_help=alone is None,
        invoke_without_command=alone is not None,
        rich_markup_mode=None,
    )
    if alone is None:
        return group

    @group.callback()
    def shown(context: typer.Context, *, json: Json = False) -> None:
        if context.invoked_subcommand is None:
            command = context.command.commands[alone]  # type: ignore[attr-defined] # it is a group
            with command.make_context(alone, ["--json"] if json else [], parent=context) as own:
                command.invoke(own)

    return group


def run(
    arguments: Sequence[str],
    make: "Callable[[Path | None], Desk]",
    where: Where = _given,
    serve: Serve = _unserved,
    works: Mapping[str, Work] = MappingProxyType({}),
    *,
    completing: bool = False,
) -> int:
    """Run one command and return its exit code; `where` and `completing` are for shells' Tab key.

    0, 2 for the person's mistake, 1 for ours, 130 where the person stopped it. A bug prints its
    traceback and ends with 1, too.
    """
    command = typer.main.get_command(build())
    if completing:
        untyped(command)
    try:
        result = command.main(
            list(arguments),
            prog_name="assay",
            standalone_mode=False,
            obj=Opener(make, where=where, serve=serve, works=works),
        )
    except AssayError as error:
        return _said(str(error), type(error).__name__, error.exit_code, arguments)
    except (KeyboardInterrupt, typer.Abort):
        result = STOPPED
    except OSError as error:
        return _said(_disk(error), type(error).__name__, 1, arguments)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - the last edge; a panic in polars is no Exception
        return _unforeseen(error, arguments)
    if result == STOPPED:
        typer.echo("assay: Stopped; nothing is half-written, the same command goes on", err=True)
    return result if isinstance(result, int) else 0


def _said(sentence: str, kind: str, code: int, arguments: Sequence[str]) -> int:
    if "--json" in arguments:
        with contextlib.suppress(OSError):  # the reader may be what went away
            typer.echo(json.dumps({"error": sentence, "kind": kind}))
    typer.echo(f"assay: {sentence}", err=True)
    return code


def _unforeseen(error: BaseException, arguments: Sequence[str]) -> int:
    """Say what typer found wrong in the words typed; of a bug show the traceback, whole, first."""
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(str(error), err=True)
        return 2
    if hasattr(error, "exit_code") and hasattr(error, "format_message"):
        return _said(error.format_message(), "UsageError", 2, arguments)
    traceback.print_exception(error, file=sys.stderr)
    return _said(BUG.format(type(error).__name__), type(error).__name__, 1, arguments)


def _disk(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full; nothing was half-written. Free some room and run it again"
    if error.errno == errno.EPIPE:
        sys.stderr.close()
        return "the reader went away"
    return f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
