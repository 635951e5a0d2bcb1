"""What the features over peers share: arrays (peers, rows), NaN where a peer has no bar."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from assay.features.contract import Frames, Input
from assay.features.series import log, ratio
from assay.features.windows import Vector, compiled, lagged, window_sum

_LEAST_SHARE = 1.0 / 3.0


@dataclass(frozen=True, slots=True)
class Peers:
    """The closes of the peers, one row a peer in the frame's order, and their moves, made once."""

    closes: Vector
    _made: dict[tuple[str, int, int], Vector] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, frames: Frames) -> "Peers":
        """Return the peers of `frames`; the same object each time."""
        found: Peers = frames.once("peers", lambda: cls(_closes(frames)))
        return found

    def returns(self, rows: int = 1) -> Vector:
        """Return ln(close / close `rows` rows ago), NaN unless the peer has both bars."""
        return self._once("returns", rows, 0, lambda: self._returns(rows))

    def scaled(self, rows: int, window: int) -> Vector:
        """Return each peer's return over `rows` bars by the RMS of its 1-bar returns, within ±20.

        Over the returns there are in the last `window` bars, at least a third of them; else NaN. 0
        where the peer stood still.
        """
        return self._once(
            "scaled", rows, window, lambda: ratio(self.returns(rows), self._usual(window))
        )

    def _returns(self, rows: int) -> Vector:
        return log((self.closes / lagged(self.closes, rows)).ravel()).reshape(self.closes.shape)

    def _usual(self, window: int) -> Vector:
        return self._once("usual", 1, window, lambda: self._root_mean(window))

    def _root_mean(self, window: int) -> Vector:
        single = self.returns()
        there = ~np.isnan(single)
        squares = window_sum(np.where(there, single * single, 0.0), window)
        count = window_sum(there.astype(np.float64), window)
        enough = count >= _LEAST_SHARE * window
        found: Vector = np.sqrt(squares / np.where(enough, count, np.nan))
        return found

    def _once(self, what: str, rows: int, window: int, make: Callable[[], Vector]) -> Vector:
        key = (what, rows, window)
        if key not in self._made:
            made = make()
            made.flags.writeable = False
            self._made[key] = made
        return self._made[key]


def _closes(frames: Frames) -> Vector:
    if not frames.peer_symbols:
        return np.empty((0, frames.rows))
    return np.stack([frames.numbers(Input.PEERS, name) for name in frames.peer_symbols])


def correlations(own: Vector, others: Vector, window: int) -> Vector:
    """Return the correlation about zero of `own` (rows,) with each of `others` (peers, rows).

    Over the pairs there are in the last `window` rows, at least a third of them; else 0. Bars a
    peer lacks are left out. NaN in the first `window - 1` rows.
    """
    least = _LEAST_SHARE * window
    fast = compiled()
    if fast:
        found = np.empty(others.shape)
        for place, other in enumerate(others):
            found[place] = fast.correlated(own, np.ascontiguousarray(other), window, least)
        return found
    paired = np.isfinite(others) & np.isfinite(own)
    mine, theirs = np.where(paired, own, 0.0), np.where(paired, others, 0.0)
    count = window_sum(paired.astype(np.float64), window)
    spread = np.sqrt(window_sum(mine * mine, window)) * np.sqrt(window_sum(theirs * theirs, window))
    found = ratio(window_sum(mine * theirs, window), spread, cap=1.0)
    return np.where(count < least, 0.0, found)


def mean_over_peers(values: Vector) -> tuple[Vector, Vector]:
    """Return the mean over the peers that have a value (0 where none has), and their number."""
    fast = compiled()
    if fast:
        return cast("tuple[Vector, Vector]", fast.mean_of_rows(np.ascontiguousarray(values)))
    total, count = np.zeros(values.shape[-1]), np.zeros(values.shape[-1])
    for peer in values:  # one after the other: the same bits for any number of rows
        there = ~np.isnan(peer)
        total += np.where(there, peer, 0.0)
        count += there
    return total / np.maximum(count, 1.0), count
