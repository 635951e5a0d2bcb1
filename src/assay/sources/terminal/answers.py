"""What a terminal is asked for, and what its answers say."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard

from assay.core.errors import (
    AssayError,
    CredentialError,
    DataError,
    NotFoundError,
    RefusedError,
    TransientError,
)
from assay.core.values.timeframe import Timeframe
from assay.sources.terminal.frames import LATER, LONGEST_QUESTION, TITLE, framed, unframed, worded

MOST_BARS = 5_000
"""An answer covers at most so many steps of the timeframe, also where bars are missing."""
PERIODS: Mapping[Timeframe, str] = {
    Timeframe.M1: "M1",
    Timeframe.M5: "M5",
    Timeframe.M10: "M10",
    Timeframe.M15: "M15",
    Timeframe.M30: "M30",
    Timeframe.H1: "H1",
}


FLAGS = ("older", "room", "synced")
NUMBERS = ("served", "ticked", "gmt", "oldest", "limit", "until")
"""What every answer with bars says besides."""


class SilentError(TransientError):
    """No terminal is there or it says nothing: asking again at once does not help."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Bars that open from `first` to `last`, in seconds since 1970 by the server's clock."""

    symbol: str
    timeframe: Timeframe
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Told:
    """An answer; all times but `gmt` are seconds since 1970 by the server's clock.

    `rows` are [open time, open, high, low, close, ticks] of the bars that open by `until`, the open
    one among them. `oldest` is the open of the first bar that the terminal holds (None: not known),
    `older` that its broker may have older ones, `room` that the terminal would hold more than the
    `limit` "Max bars in chart" allows now, `synced` that it has caught up. `ticked` is the last
    quote, `gmt` UTC by the terminal's computer, `offset` how far the server's clock is ahead of it.
    """

    rows: object
    until: int
    oldest: int | None
    older: bool
    room: bool
    synced: bool
    limit: int
    ticked: int
    gmt: int
    offset: int | None


class Terminal(ABC):
    """A terminal that is asked for bars, and for nothing else."""

    @abstractmethod
    def bars(self, wanted: Wanted) -> Told:
        """Return the first of the bars that are wanted; a symbol it lacks is a `NotFoundError`."""


Reader = Callable[[bytes], Mapping[str, Any] | None]
"""Reads a line: None where it answers another question."""


class Channel(Protocol):
    """Carries one line there and one back."""

    def ask(self, line: bytes, read: Reader, timeout: float) -> Mapping[str, Any]:
        """Return what `read` finds in the answer; a `SilentError` after `timeout` seconds."""
        ...


class Bridge(Terminal):
    """A terminal with AssayBridge.mq5 on a chart, at the other end of `channel`."""

    def __init__(self, channel: Channel, token: str, where: str, timeout: float) -> None:
        self._channel, self._token, self._where = channel, token, where
        self._timeout = timeout

    def bars(self, wanted: Wanted) -> Told:
        """See `Terminal.bars`."""
        mine = secrets.token_hex(8)
        line = framed(_message(wanted, mine), self._token)
        if len(line) > LONGEST_QUESTION or not _plain(wanted.symbol):
            raise NotFoundError(f"{TITLE} knows no symbol like {worded(wanted.symbol)!r}")

        def read(answer: bytes) -> Mapping[str, Any] | None:
            message = unframed(answer, self._token, self._where)
            return message if message["id"] in (mine, "") else None

        return told(self._channel.ask(line, read, self._timeout), wanted)


def told(message: Mapping[str, Any], wanted: Wanted) -> Told:
    """Return what a message tells, or raise what it says is wrong."""
    if "error" in message:
        raise _fault(str(message["error"]), worded(message.get("said", "")))
    for name in FLAGS + NUMBERS:
        value = message.get(name)
        if not (isinstance(value, bool) if name in FLAGS else _whole(value)):
            raise DataError(f"{TITLE} answered without a usable {name!r}; nothing was taken")
    if not wanted.first <= message["until"] <= wanted.last:
        raise DataError(f"{TITLE} answered about another span than was asked for")
    return Told(
        rows=message.get("bars"),
        offset=message["served"] - message["gmt"],
        **{name: message[name] for name in FLAGS + NUMBERS if name != "served"},
    )


def _message(wanted: Wanted, mine: str) -> dict[str, str | int]:
    return {
        "id": mine,
        "ask": "bars",
        "symbol": wanted.symbol,
        "period": PERIODS[wanted.timeframe],
        "first": wanted.first,
        "last": wanted.last,
        "most": MOST_BARS,
    }


def _plain(symbol: str) -> bool:
    """Say whether the expert, which knows no escapes, can read a symbol."""
    return symbol.isascii() and symbol.isprintable() and not set(symbol) & set('"\\')


def seconds(values: Sequence[object]) -> list[int | None]:
    """Return what can be times of the server in seconds; else None."""
    return [value if _whole(value) else None for value in values]


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32


def _fault(code: str, said: str) -> AssayError:
    words = f" ({said})" if said else ""
    match code:
        case "unknown_symbol":
            return NotFoundError(f"{TITLE} knows no such symbol{words}")
        case "logged_out":
            return CredentialError(
                f"{TITLE} is logged into no account{words}; log in there: File, Login to Trade "
                "Account"
            )
        case "not_connected":
            return TransientError(f"{TITLE} has no connection to its broker now{words}", LATER)
        case "not_selected":
            return RefusedError(f"{TITLE} cannot put the symbol into its Market Watch{words}")
        case "damaged":
            return TransientError(f"{TITLE}: a question was damaged on the way; try again", LATER)
    return RefusedError(f"{TITLE} refused the question: {worded(code)}{words}")
