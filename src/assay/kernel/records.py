"""The flat records the kernel counts in: bars, orders, parameters, state, trades.

Every field is eight bytes, so a record is the same bytes everywhere. Prices and distances are
**integer ticks**, quantities **integer lots**, money is float64 in the account's currency unless a
name says otherwise. A record is handed around as a structured array of length 1.
"""

import hashlib
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from assay.core.errors import DataError

Record: TypeAlias = Any
"""One row of a structured array inside compiled code, its fields as attributes; no stub knows."""
Records: TypeAlias = npt.NDArray[np.void]
Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Signs: TypeAlias = npt.NDArray[np.int8]
Flags: TypeAlias = npt.NDArray[np.bool_]

NEVER = 2**62
"""A bar count that is never reached, and how far away a missing stop or target lies, in ticks."""
TICKS_LIMIT = 2**31
"""Prices lie below this many ticks and quantities below this many lots: products stay exact."""
NO_DAY = -NEVER


class Exit(IntEnum):
    """Why a position was closed; stored in `TRADE.reason`."""

    STOP = 1
    TARGET = 2
    TIME = 3
    OPPOSITE = 4


class Refusal(IntEnum):
    """Why the last order with a side opened nothing; stored in `POSITION.refusal`."""

    NONE = 0
    TOO_SMALL = 1
    EXPOSURE_LIMIT = 2
    LOSS_LIMIT = 3


def _fields(integers: str, floats: str) -> list[tuple[str, str]]:
    return [(name, "<i8") for name in integers.split()] + [(n, "<f8") for n in floats.split()]


BAR = np.dtype(_fields("open high low close tradable half_spread day", "rate"))
"""One bar: prices and `half_spread` in ticks; `tradable` 0 = no session or no bar, everything else
on that row is then ignored; `day` numbers the trading day; `rate` turns quote into account money.
"""

ORDER = np.dtype(_fields("side stop target limit_bars lots", "risk_fraction"))
"""What was decided at the close of a bar: `side` +1, -1 or 0 (WAIT); `stop` and `target` are
distances in ticks from the fill, 0 = none; `limit_bars` bars at most, 0 = no limit; the size is
`lots` if above zero, else as many as lose `risk_fraction` of the equity at the stop.
"""

PARAMS = np.dtype(
    _fields(
        "slippage_ticks through_ticks resolution",
        "tick_value fee_rate max_leverage daily_loss drawdown",
    )
)
"""`tick_value` is one tick of one lot in the quote currency; `fee_rate` a share of the notional a
side; `daily_loss` and `drawdown` are shares of equity, infinite = off.
"""

LIMITS = np.dtype(_fields("max_positions", "max_open_risk max_leverage daily_loss drawdown"))
"""What a whole account may carry: positions, summed open risk and gross leverage (shares of
equity), and the two breakers.
"""

ACCOUNT = np.dtype(_fields("day day_halted halted", "cash equity peak day_start"))
"""`cash` holds all that is realised; `equity` adds open positions at the last close; `peak` is its
maximum; `day_start` the equity before the day's first bar. `day_halted` and `halted` say that the
daily-loss limit and the drawdown breaker have tripped; a person resets `halted`, a new day the
other.
"""

POSITION = np.dtype(
    _fields(
        "bar side lots entry_bar decided_bar entry stop target limit_bars held_bars "
        "adverse favourable close pending_side pending_lots pending_bar pending_stop "
        "pending_target pending_limit refusal",
        "rate entry_fees entry_cost risk pending_risk",
    )
)
"""`bar` is the row being or last stepped (-1 before the first); `stop` and `target` are price
levels in ticks, at ± `NEVER` where there is none; `close` and `rate` are the last tradable bar's;
`risk` and `pending_risk` are money lost if the stop fills at its price. `pending_*` is the order
that waits for the next tradable open, its lots already fixed.
"""

STATE = np.dtype([("layout", "<i8"), *ACCOUNT.descr, *POSITION.descr])
"""An account with one instrument: all that `step` remembers.

`layout` (1) comes first so that no part is a prefix of the whole, which numba would take for a
subtype and serve with code compiled for the part.
"""

TRADE = np.dtype(
    _fields(
        "instrument decided_bar entry_bar exit_bar side lots entry exit stop target reason "
        "ambiguous adverse favourable",
        "fees cost pnl",
    )
)
"""One closed position. `entry` and `exit` are fills in ticks, spread and slippage inside; `fees`
and `cost` (spread and slippage) and `pnl` (net of both) are in the account's currency; `adverse`
and `favourable` are the largest excursions from the entry in ticks (on the exit bar only its open
and the exit price count, since the order of the rest is not known).
"""


def new_account(equity: float) -> Records:
    """Return a fresh `ACCOUNT` with `equity` of money, which must be finite and above zero."""
    if not (np.isfinite(equity) and equity > 0):
        raise DataError(f"An account starts with money above zero; found {equity}")
    account = np.zeros(1, ACCOUNT)
    for name in ("cash", "equity", "peak", "day_start"):
        account[name] = equity
    account["day"] = NO_DAY
    return account


def new_positions(count: int) -> Records:
    """Return `count` flat `POSITION` records."""
    positions = np.zeros(count, POSITION)
    positions["bar"] = -1
    positions["limit_bars"] = NEVER
    positions["rate"] = 1.0
    return positions


def new_state(equity: float) -> Records:
    """Return a fresh `STATE`: flat, with `equity` of money."""
    account, position, state = new_account(equity), new_positions(1), np.zeros(1, STATE)
    state["layout"] = 1
    for part in (account, position):
        for name in part.dtype.names or ():
            state[name] = part[name]
    return state


def reset_breakers(account: Records) -> None:
    """Let an `ACCOUNT` or `STATE` trade again, in place: drawdown and loss count from here on."""
    account["halted"] = 0
    account["day_halted"] = 0
    account["peak"] = account["equity"]
    account["day_start"] = account["equity"]


def new_trades(capacity: int) -> Records:
    """Return room for `capacity` trades; one bar of one instrument closes two at most."""
    return np.zeros(capacity, TRADE)


def to_bytes(records: Records) -> bytes:
    """Return the records as bytes that name their layout, for `from_bytes`."""
    return _signature(records.dtype) + records.tobytes()


def from_bytes(data: bytes, layout: np.dtype[np.void]) -> Records:
    """Return a copy of what `to_bytes` wrote; another layout and cut-off data are refused."""
    head, body = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
    if head != _signature(layout):
        raise DataError(
            "The saved kernel state has another layout than this version; start from the ledger"
        )
    if not body or len(body) % layout.itemsize:
        raise DataError(
            f"The saved kernel state is cut off: {len(body)} bytes is not a multiple of "
            f"{layout.itemsize}; start from the ledger"
        )
    return np.frombuffer(body, layout).copy()


_SIGNATURE_BYTES = 16


def _signature(layout: np.dtype[np.void]) -> bytes:
    return hashlib.sha256(repr(layout.descr).encode()).digest()[:_SIGNATURE_BYTES]
