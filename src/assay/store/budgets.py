"""How often each key was used lately, counted for all processes of a workspace."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import sqlalchemy as sa

from assay.core.clock import Clock
from assay.store.files import locked, write_atomic
from assay.store.tables import USES

if TYPE_CHECKING:
    from assay.store.database import Database

PARTS = 60
"""Into so many parts a span is cut; a part counts until all of it is older than the span."""


class Allowance(Protocol):
    """At most `calls` within any `seconds`."""

    @property
    def calls(self) -> int:
        """Return how many."""
        ...

    @property
    def seconds(self) -> int:
        """Return in how long."""
        ...


class Uses(Protocol):
    """Keeps what was used of each key; changing it is atomic for all who use the same keys."""

    def changing(self, name: str) -> AbstractContextManager[dict[str, Any]]:
        """Give the state of a key, nobody else's until the end; what it is then is kept."""
        ...

    def look(self, name: str) -> dict[str, Any]:
        """Return the state of a key."""
        ...


class FileUses:
    """A small file for each key under `root`: shared by all processes of one machine.

    A file that cannot be read counts as no use: the provider then says so itself.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def changing(self, name: str) -> Iterator[dict[str, Any]]:
        """See `Uses.changing`."""
        plain = quote(name, safe="")
        with locked(self._root / f"{plain}.lock"):
            state = self.look(name)
            before = json.dumps(state)
            yield state
            if json.dumps(state) != before:
                content = json.dumps(state).encode()
                write_atomic(self._root / f"{plain}.json", content, settle=False)

    def look(self, name: str) -> dict[str, Any]:
        """See `Uses.look`."""
        try:
            return _state(json.loads((self._root / f"{quote(name, safe='')}.json").read_bytes()))
        except (OSError, ValueError):
            return _state(None)


class SqlUses:
    """A row for each key in the database: shared by the workers of all machines that use it."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    @contextmanager
    def changing(self, name: str) -> Iterator[dict[str, Any]]:
        """See `Uses.changing`; writers of one database come one after the other."""
        with self._database.write() as connection:
            row = connection.execute(sa.select(USES.c.state).where(USES.c.name == name)).scalar()
            state = _state(row)
            yield state
            connection.execute(USES.delete().where(USES.c.name == name))
            connection.execute(USES.insert(), {"name": name, "state": state})

    def look(self, name: str) -> dict[str, Any]:
        """See `Uses.look`."""
        with self._database.read() as connection:
            query = sa.select(USES.c.state).where(USES.c.name == name)
            return _state(connection.execute(query).scalar())


class Budgets:
    """The use of keys.

    Uses are counted in sixtieths of a limit's span, so what is taken in any such span is never more
    than the limit, and at most 1/60 of it comes back late.
    """

    def __init__(self, uses: Uses, clock: Clock) -> None:
        self._uses, self._clock = uses, clock

    def take(self, name: str, limits: Sequence[Allowance], cost: int) -> float:
        """Take `cost` and return 0.0, or take nothing and return how many seconds to wait."""
        now = self._clock.now().timestamp()
        with self._uses.changing(name) as state:
            waits = [_wait(state, limit, cost, now) for limit in limits]
            wait: float = max([state["until"] - now, *waits])
            if wait > 0.0:
                return wait
            for limit in limits:
                _count(state, limit, cost, now)
            return 0.0

    def pause(self, name: str, seconds: float) -> None:
        """Let nobody take anything for `seconds`; a longer pause in force stays."""
        until = self._clock.now().timestamp() + seconds
        with self._uses.changing(name) as state:
            state["until"] = max(state["until"], until)

    def used(self, name: str, limits: Sequence[Allowance]) -> list[int]:
        """Return how much of each limit is used now."""
        now = self._clock.now().timestamp()
        state = self._uses.look(name)
        return [sum(_recent(state, limit, now).values()) for limit in limits]


def _state(kept: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return what was kept, as no use where it is nothing of the kind."""
    try:
        return {"until": float(kept["until"]), "spans": dict(kept["spans"])}
    except (ValueError, KeyError, TypeError):
        return {"until": 0.0, "spans": {}}


def _recent(state: Mapping[str, Any], limit: Allowance, now: float) -> dict[int, int]:
    """Return the counts of the parts of which some moment is within the limit's span, or to come.

    Parts to come are of a clock that was set back: they count, for the provider has seen them.
    """
    part = limit.seconds / PARTS
    counts = state["spans"].get(str(limit.seconds), {})
    return {int(at): n for at, n in counts.items() if (int(at) + 1) * part > now - limit.seconds}


def _wait(state: Mapping[str, Any], limit: Allowance, cost: int, now: float) -> float:
    """Return in how many seconds `cost` fits into the limit."""
    recent = _recent(state, limit, now)
    over = sum(recent.values()) + min(cost, limit.calls) - limit.calls
    part = limit.seconds / PARTS
    for at in sorted(recent):
        if over <= 0:
            return 0.0
        over -= recent[at]
        if over <= 0:
            return max((at + 1) * part + limit.seconds - now, 1e-3)
    return 0.0


def _count(state: dict[str, Any], limit: Allowance, cost: int, now: float) -> None:
    recent = _recent(state, limit, now)
    at = int(now // (limit.seconds / PARTS))
    recent[at] = recent.get(at, 0) + cost
    state["spans"][str(limit.seconds)] = {str(place): n for place, n in recent.items()}
