"""Answers kept as bytes until what they were made of changes: a board is drawn a thousand times."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel
from starlette.requests import HTTPConnection

MOST_BYTES = 64_000_000
MOST_ANSWERS = 5_000
MEDIA_TYPE = "application/json"


@dataclass
class _Slot:
    """One question's last answer; `making` is held by whoever makes it."""

    making: Lock = field(default_factory=Lock)
    made: tuple[Hashable, bytes] | None = None


class Kept:
    """The last answer to each question, up to `most_bytes` of them all, the oldest let go first.

    Nothing is kept by time: an answer holds while its version, which is cheap to ask for, is the
    same. Of many who ask for a new one at once, one makes it.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._lock = Lock()

    def answer(
        self, question: Hashable, version: Hashable, make: Callable[[], BaseModel]
    ) -> Response:
        """Return the answer to `question` at `version`, made by `make` unless it is there."""
        with self._lock:
            slot = self._slots.setdefault(question, _Slot())
            self._slots.move_to_end(question)
            self._let_go()
        made = slot.made
        if made is None or made[0] != version:
            with slot.making:
                made = slot.made
                if made is None or made[0] != version:
                    made = version, make().model_dump_json().encode()
                    self._keep(question, slot, made)
        return Response(made[1], media_type=MEDIA_TYPE)

    def _keep(self, question: Hashable, slot: _Slot, made: tuple[Hashable, bytes]) -> None:
        with self._lock:
            before = slot.made
            slot.made = made
            if self._slots.get(question) is not slot:
                return  # it was let go while it was made
            self._size += len(made[1]) - (len(before[1]) if before else 0)
            self._let_go()

    def _let_go(self) -> None:
        while len(self._slots) > 1 and (self._size > self._most or len(self._slots) > MOST_ANSWERS):
            _, gone = self._slots.popitem(last=False)
            self._size -= len(gone.made[1]) if gone.made else 0


_MAKING = Lock()


def kept_of(connection: HTTPConnection) -> Kept:
    """Return the kept answers of the service that answers."""
    state = connection.app.state
    with _MAKING:
        if not hasattr(state, "kept"):
            state.kept = Kept()
    found: Kept = state.kept
    return found


KeptDep = Annotated[Kept, Depends(kept_of)]
