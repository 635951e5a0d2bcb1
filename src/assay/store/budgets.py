"""How often each key was used lately, counted for all processes of a workspace."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from assay.core.clock import Clock
from assay.store.files import locked, write_atomic

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


class Budgets:
    """The use of keys under `root`, a small file each; taking is atomic over processes.

    Uses are counted in sixtieths of a limit's span, so what is taken in any such span is never more
    than the limit, and at most 1/60 of it comes back late. A file that cannot be read counts as no
    use: the provider then says so itself.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root, self._clock = root, clock

    def take(self, name: str, limits: Sequence[Allowance], cost: int) -> float:
        """Take `cost` and return 0.0, or take nothing and return how many seconds to wait."""
        now = self._clock.now().timestamp()
        with locked(self._lock(name)):
            state = self._read(name)
            waits = [_wait(state, limit, cost, now) for limit in limits]
            wait: float = max([state["until"] - now, *waits])
            if wait > 0.0:
                return wait
            for limit in limits:
                _count(state, limit, cost, now)
            self._write(name, state)
            return 0.0

    def pause(self, name: str, seconds: float) -> None:
        """Let nobody take anything for `seconds`; a longer pause in force stays."""
        until = self._clock.now().timestamp() + seconds
        with locked(self._lock(name)):
            state = self._read(name)
            self._write(name, {**state, "until": max(state["until"], until)})

    def used(self, name: str, limits: Sequence[Allowance]) -> list[int]:
        """Return how much of each limit is used now."""
        now = self._clock.now().timestamp()
        state = self._read(name)
        return [sum(_recent(state, limit, now).values()) for limit in limits]

    def _read(self, name: str) -> dict[str, Any]:
        try:
            state = json.loads(self._file(name).read_bytes())
            return {"until": float(state["until"]), "spans": dict(state["spans"])}
        except (OSError, ValueError, KeyError, TypeError):
            return {"until": 0.0, "spans": {}}

    def _write(self, name: str, state: Mapping[str, Any]) -> None:
        write_atomic(self._file(name), json.dumps(state).encode(), settle=False)

    def _file(self, name: str) -> Path:
        return self._root / f"{quote(name, safe='')}.json"

    def _lock(self, name: str) -> Path:
        return self._root / f"{quote(name, safe='')}.lock"


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
