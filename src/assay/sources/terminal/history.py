"""A terminal asked with patience: within an allowance, again where that helps, until ready."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeGuard

import polars as pl
import stamina

from assay.core.errors import QuotaError, TransientError
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Abilities, Access
from assay.sources.terminal.answers import SilentError, Terminal, Told, Wanted, seconds
from assay.sources.terminal.frames import LATER, TITLE
from assay.sources.wire.http import ATTEMPTS, FIRST_WAIT, JITTER, LONGEST_WAIT, account, take
from assay.sources.wire.rows import picked

WAITS = (1.0, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between questions while a terminal loads."""
STILL = 2
"""A terminal whose oldest bar stays the same for so many questions has no older one to come."""
HOURLY = {"time": pl.Int64, "high": pl.Float64, "low": pl.Float64}
AHEAD = timedelta(hours=15)
"""No clock on earth is further ahead of UTC."""


class History:
    """What `terminal` holds; the questions of everybody with one token share an allowance."""

    def __init__(self, terminal: Terminal, access: Access, abilities: Abilities) -> None:
        self._terminal, self._access, self._abilities = terminal, access, abilities
        self._account = account(access.name, tuple(access.secrets.values()))
        self._settled: set[tuple[str, Timeframe, int | None]] = set()

    def told(self, wanted: Wanted) -> Told:
        """Return the first of the bars that are wanted, once the terminal has loaded them.

        It loads from its broker what it is asked for, and answers with what is there meanwhile. A
        `TransientError` where it is not done after half a minute.
        """
        found, still = self._asked(wanted), 0
        for wait in WAITS:
            if found.synced and self._is_all(found, wanted, still):
                self._settled.add((wanted.symbol, wanted.timeframe, found.oldest))
                return found
            self._access.sleep(wait)
            later = self._asked(wanted)
            still = still + 1 if later.oldest == found.oldest else 0
            found = later
        raise TransientError(
            f"{TITLE} is still loading {wanted.timeframe} bars of {wanted.symbol} from its broker; "
            "try again later",
            LATER,
        )

    def hours(self, symbol: str, since: datetime) -> Iterator[Told]:
        """Yield all answers about hourly bars from `since` on, whatever the clock shows."""
        now = self._access.clock.now()
        first, last = (int(at.timestamp()) for at in (since, now + AHEAD))
        wanted = Wanted(symbol, Timeframe.H1, first, last)
        while wanted.first <= last:
            found = self.told(wanted)
            yield found
            wanted = replace(wanted, first=found.until + 1)

    def _is_all(self, found: Told, wanted: Wanted, still: int) -> bool:
        """Say whether no older bars are to come."""
        known = (wanted.symbol, wanted.timeframe, found.oldest) in self._settled
        return not (found.older and found.room) or still >= STILL or known

    def _asked(self, wanted: Wanted) -> Told:
        for attempt in stamina.retry_context(
            on=_is_worth_another,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=FIRST_WAIT,
            wait_max=LONGEST_WAIT,
            wait_jitter=JITTER,
        ):
            with attempt:
                take(self._access, self._abilities, self._account, 1)
                return self._terminal.bars(wanted)
        raise AssertionError("the last attempt returns or raises")


def hourly(told: Sequence[Told]) -> pl.DataFrame:
    """Return `time` (seconds by the server's clock, rising), `high`, `low` of the readable bars."""
    times: list[int] = []
    highs: list[float] = []
    lows: list[float] = []
    for one in told:
        columns = picked(one.rows, (0, 2, 3), TITLE)
        for at, high, low in zip(seconds(columns[0]), *columns[1:], strict=True):
            if at is not None and _is_number(high) and _is_number(low):
                times.append(at)
                highs.append(high)
                lows.append(low)
    frame = pl.DataFrame({"time": times, "high": highs, "low": lows}, schema=HOURLY, strict=False)
    frame = frame.filter(
        pl.col("low") > 0, pl.col("high") >= pl.col("low"), pl.col("high").is_finite()
    )
    return frame.unique("time", keep="first").sort("time")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_worth_another(error: Exception) -> bool:
    return isinstance(error, TransientError) and not isinstance(error, QuotaError | SilentError)
