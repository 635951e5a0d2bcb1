"""A terminal on this Windows machine, through the package `MetaTrader5` of its maker."""

from typing import Any

import numpy as np

from assay.core.clock import Clock
from assay.core.errors import (
    AssayError,
    CredentialError,
    NotFoundError,
    RefusedError,
    TransientError,
)
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import EARLIEST
from assay.sources.terminal.answers import MOST_BARS, PERIODS, SilentError, Terminal, Told, Wanted
from assay.sources.terminal.frames import LATER, TITLE, worded

COLUMNS = ("time", "open", "high", "low", "close", "tick_volume")
NO_HISTORY, WRONG_ACCOUNT = -4, -6
"""Codes of `last_error`: no bars in the span, and authorisation failed."""
DAY = 86_400
QUIET = 7 * DAY
"""Seconds without a bar that no weekend and no holiday explains."""


class Library(Terminal):
    """The functions of the package that read; `module` is the package itself.

    It can neither say whether the terminal has caught up with its broker nor how far the server's
    clock is ahead.
    """

    def __init__(self, module: Any, clock: Clock) -> None:  # noqa: ANN401 - untyped, and Windows alone
        self._module, self._clock = module, clock

    def bars(self, wanted: Wanted) -> Told:
        """See `Terminal.bars`."""
        limit = self._ready(wanted.symbol)
        first, oldest = wanted.first, None
        rows = self._rates(wanted, first)
        if not len(rows) or int(rows["time"][0]) > first + QUIET:
            oldest = self._oldest(wanted)
            first = max(first, min(oldest, wanted.last))
            rows = self._rates(wanted, first)
        return Told(
            rows=[
                list(row) for row in zip(*(rows[name].tolist() for name in COLUMNS), strict=True)
            ],
            until=_until(wanted, first),
            oldest=oldest,
            older=oldest is not None and oldest > wanted.first,
            room=True,
            synced=True,
            limit=limit,
            ticked=self._ticked(wanted.symbol),
            gmt=int(self._clock.now().timestamp()),
            offset=None,
        )

    def _ready(self, symbol: str) -> int:
        """Make sure that the terminal can be asked about `symbol`; return its most bars a chart."""
        if not self._module.initialize():
            raise self._error("cannot be reached")
        terminal = self._module.terminal_info()
        if terminal is None:
            raise self._error("cannot be reached")
        if self._module.account_info() is None:
            raise CredentialError(
                f"{TITLE} is logged into no account; log in there: File, Login to Trade Account"
            )
        if not terminal.connected:
            raise TransientError(f"{TITLE} has no connection to its broker now", LATER)
        known = self._module.symbol_info(symbol)
        if known is None:
            raise NotFoundError(f"{TITLE} knows no symbol {symbol!r}")
        select = self._module.symbol_select
        if not known.select and not select(symbol, True):  # noqa: FBT003 - it takes no names
            raise RefusedError(f"{TITLE} cannot put {symbol} into its Market Watch")
        return int(terminal.maxbars)

    def _rates(self, wanted: Wanted, first: int) -> Any:  # noqa: ANN401 - numpy's structured arrays
        """Return the bars that open from `first` to where an answer ends."""
        length = self._length(wanted.timeframe)
        until = _until(wanted, first)
        found = self._module.copy_rates_range(wanted.symbol, length, first, until)
        if found is None:
            code, said = self._module.last_error()
            if code != NO_HISTORY:
                raise TransientError(f"{TITLE} gave no bars ({worded(said)}, {code})", LATER)
            return np.zeros(0, dtype=[(name, np.float64) for name in COLUMNS])
        return found[(found["time"] >= first) & (found["time"] <= until)]

    def _oldest(self, wanted: Wanted) -> int:
        """Return the open of the first bar the terminal holds, a day from now if it holds none.

        `copy_rates_from` gives the last bar that opens by a time: there is one from the oldest on.
        """
        length = self._length(wanted.timeframe)
        low, high = (int(at.timestamp()) for at in (EARLIEST, self._clock.now()))
        high += DAY
        while high - low > 1:
            middle = (low + high) // 2
            found = self._module.copy_rates_from(wanted.symbol, length, middle, 1)
            if found is not None and len(found):
                high = int(found["time"][0])
            else:
                low = middle
        return high

    def _ticked(self, symbol: str) -> int:
        found = self._module.symbol_info_tick(symbol)
        return 0 if found is None else int(found.time)

    def _length(self, timeframe: Timeframe) -> int:
        found: int = getattr(self._module, f"TIMEFRAME_{PERIODS[timeframe]}")
        return found

    def _error(self, what: str) -> AssayError:
        code, said = self._module.last_error()
        words = f"({worded(said)}, {code})"
        if code == WRONG_ACCOUNT:
            return CredentialError(f"{TITLE} was refused by its broker {words}; log in there again")
        return SilentError(f"{TITLE} {what} {words}; start the terminal on this machine", LATER)


def _until(wanted: Wanted, first: int) -> int:
    return min(wanted.last, first + (MOST_BARS - 1) * wanted.timeframe.minutes * 60)
