"""What the commands about people and tokens share: the door, a password asked for, tables."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.main import writing_desk
from assay.core.values.scope import Scope

if TYPE_CHECKING:
    from datetime import datetime

    from assay.workflows.access.door import Door

Rights = Annotated[
    list[Scope],
    typer.Option("--scope", help="A right: read, research, trade or admin; none includes another."),
]


def door(context: typer.Context) -> "Door":
    """Return the door of the workspace; whoever can write the workspace may do everything."""
    from assay.workflows.access.door import Door

    return Door(writing_desk(context))


def asked_password() -> str:
    """Return a password: asked for twice and unseen in a terminal, else a line of stdin."""
    if sys.stdin.isatty():
        found: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return found
    return sys.stdin.readline().rstrip("\n")


def moment(at: "datetime | None") -> str:
    """Return a time as tables show it."""
    return f"{at:%Y-%m-%d %H:%M}" if at else "–"


def rights(scopes: Sequence[Scope] | frozenset[Scope]) -> str:
    """Return rights as tables show them, in their own order."""
    return " ".join(scope.value for scope in Scope if scope in scopes) or "none"
