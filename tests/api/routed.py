"""Every endpoint of a service, found by walking its application."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from assay.api.guards import RIGHTS, Guard

IDS = {f"{kind}_id": f"{kind}-0123456789ab" for kind in ("session", "token", "person")}
SAMPLE = "EURUSD"
SELF_MADE = {"/api/openapi.json"}
"""What FastAPI adds of itself; it says nothing of anybody's data."""


@dataclass(frozen=True)
class Endpoint:
    """A method of a path, and the guards that stand before it."""

    method: str
    path: str
    guards: tuple[Guard, ...]

    @property
    def address(self) -> str:
        """Return an address of this path, its parameters filled with something."""
        parts = []
        for part in self.path.split("/"):
            name = part.strip("{}").partition(":")[0]
            parts.append(IDS.get(name, SAMPLE) if part.startswith("{") else part)
        return "/".join(parts)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def endpoints(app: FastAPI) -> Iterator[Endpoint]:
    """Yield every endpoint of `app`, but for its WebSockets; unknown kinds of routes have none."""
    for context in iter_route_contexts(app.routes):
        if context.path in SELF_MADE or context.methods is None:
            continue
        for method in sorted(context.methods - {"HEAD"}):
            yield Endpoint(method, str(context.path), tuple(_guards(context)))


def sockets(app: FastAPI) -> Iterator[str]:
    """Yield the path of every WebSocket."""
    for context in iter_route_contexts(app.routes):
        if context.methods is None and context.path is not None:
            yield context.path


def _guards(context: Any) -> Iterator[Guard]:
    dependant = getattr(context, "dependant", None)
    if dependant is not None:
        yield from (call for call in _calls(dependant) if call in RIGHTS)


def _calls(dependant: Dependant) -> Iterator[Any]:
    for part in dependant.dependencies:
        yield part.call
        yield from _calls(part)
