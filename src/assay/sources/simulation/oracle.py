"""What one who knows the truth would have earned: the figures of a planted edge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.sources.simulation.grid import DAY_US, Floats, Times

HORIZON_HOURS = 4
"""The decision horizon the figures are for."""
LEAST_TRADES = 100
"""Under this many trades a net record says nothing and is None."""


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What the oracle knew at the close of every open hour, and what came; all (m,).

    `day` counts the UTC days on which the market was open; `mean` is the expected log move over the
    horizon, `deviation` its standard deviation as known, `came` the log move that came. NaN where
    the horizon passes the end.
    """

    day: NDArray[np.int64]
    mean: Floats
    deviation: Floats
    came: Floats

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Return the hours whose outcome is known and in which there is an opinion to judge."""
        return np.isfinite(self.mean) & np.isfinite(self.came)


@dataclass(frozen=True, slots=True)
class Figures:
    """The oracle's record.

    `information_coefficient` is the correlation of expected with realised move, both over the
    known deviation. `hit_rate` is the share of right signs among hours with an opinion, and
    `trade_hit_rate` among those it trades. Sharpe ratios are annualised from the daily sums, days
    without a trade included: gross of every opinion, net of only those above the round trip,
    `always_net` of every opinion after costs. Each hour's opinion is its own quarter-size trade,
    held for the horizon, paying half the spread and the fees on both sides. None where there is
    nothing to measure.
    """

    information_coefficient: float | None
    hit_rate: float | None
    trade_hit_rate: float | None
    gross_sharpe: float | None
    net_sharpe: float | None
    always_net_sharpe: float | None
    trades: int


NOTHING = Figures(None, None, None, None, None, None, 0)


def correlation(known: Forecasts, where: NDArray[np.bool_] | None = None) -> float:
    """Return the information coefficient over all usable hours, or those of `where` as well."""
    rows = known.usable if where is None else known.usable & where
    x = known.mean[rows] / known.deviation[rows]
    y = known.came[rows] / known.deviation[rows]
    if x.size < 3 or not x.std() > 0:
        return 0.0
    return float(np.corrcoef(x, y)[0, 1])


def days_of(time: Times) -> NDArray[np.int64]:
    """Return the number of the UTC day of each close, counting only days there are."""
    return np.concatenate([[0], np.cumsum(np.diff((time - 1) // DAY_US) > 0)])


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every opinion as a trade: `row` its hour, `leave` the hour it ends, `gross` what it made."""

    row: NDArray[np.int64]
    leave: NDArray[np.int64]
    size: Floats
    gross: Floats
    day: NDArray[np.int64]
    days: int

    def net(self, half: Floats, fee: float) -> Floats:
        """Return what each made after half the spread and the fee on both sides."""
        return self.gross - half[self.row] - half[self.leave] - 2.0 * fee

    def worth(self, half: Floats, fee: float) -> NDArray[np.bool_]:
        """Say which promised more than the round trip as it was known."""
        return np.asarray(self.size > 2.0 * (half[self.row] + fee))

    def sharpe(self, earned: Floats, days_a_year: int) -> float:
        """Return the annualised Sharpe ratio of `earned` by day, days without a trade as 0."""
        daily = np.bincount(self.day, weights=earned, minlength=self.days)
        deviation = float(daily.std())
        return float(daily.mean()) / deviation * float(np.sqrt(days_a_year)) if deviation else 0.0

    def net_sharpe(self, half: Floats, fee: float, days_a_year: int) -> float | None:
        """Return the Sharpe ratio of the opinions worth a trade, after costs; None of too few."""
        worth = self.worth(half, fee)
        if np.count_nonzero(worth) < LEAST_TRADES:
            return None
        return self.sharpe(np.where(worth, self.net(half, fee), 0.0), days_a_year)


def ledger_of(known: Forecasts) -> Ledger:
    """Return every opinion of the oracle as a trade over the horizon."""
    row = np.flatnonzero(known.usable & (known.mean != 0.0))
    leave = np.minimum(row + HORIZON_HOURS, known.mean.size - 1)
    gross = np.sign(known.mean[row]) * known.came[row]
    size = np.abs(known.mean[row])
    return Ledger(row, leave, size, gross, known.day[row], int(known.day[-1]) + 1)


def figures(known: Forecasts, half: Floats, fee: float, days_a_year: int) -> Figures:
    """Return the oracle's record.

    `half` (m,) is half the spread of each hour and `fee` what else one side costs, as fractions
    of the price.
    """
    ledger = ledger_of(known)
    if not ledger.row.size:
        return NOTHING
    won, worth = ledger.gross > 0, ledger.worth(half, fee)
    trades = int(np.count_nonzero(worth))
    return Figures(
        correlation(known),
        float(won.mean()),
        float(won[worth].mean()) if trades >= LEAST_TRADES else None,
        ledger.sharpe(ledger.gross, days_a_year),
        ledger.net_sharpe(half, fee, days_a_year),
        ledger.sharpe(ledger.net(half, fee), days_a_year),
        trades,
    )
