"""What moves prices: currencies, gold, coins and shares as factors with volatility of their own.

Every pair is its base factor less its quote factor and a little of its own, so that EURUSD, GBPUSD
and EURGBP agree up to that little.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.sources.simulation.chance import stream
from assay.sources.simulation.grid import Floats, Grid, bump, local_hour, weekday
from assay.sources.simulation.numerics import decay_filter, scale_steps

LONDON, NEW_YORK, TOKYO = "Europe/London", "America/New_York", "Asia/Tokyo"


@dataclass(frozen=True, slots=True)
class Profile:
    """How one factor behaves: root mean square of an open hour in basis points, and who wakes it.

    `asia`, `europe` and `america` weigh the bells of activity over the day; `risk` is the loading
    on the common appetite for risk; `jumps_a_year` are rare and come without a reason; `closed` is
    the share of its volatility that is left while its market is closed and makes the gap after it.
    """

    hour_bps: float
    asia: float
    europe: float
    america: float
    risk: float = 0.0
    jumps_a_year: float = 10.0
    closed: float = 0.14
    always_open: bool = False


PROFILES = {
    "USD": Profile(7.5, 0.5, 0.9, 1.6, -0.20),
    "EUR": Profile(7.5, 0.3, 1.5, 1.1, 0.10),
    "GBP": Profile(9.5, 0.3, 1.6, 1.1, 0.25),
    "JPY": Profile(9.5, 1.3, 0.8, 1.0, -0.55),
    "CHF": Profile(8.0, 0.3, 1.4, 0.9, -0.35),
    "AUD": Profile(11.0, 1.3, 0.8, 0.9, 0.60),
    "NZD": Profile(11.5, 1.2, 0.7, 0.9, 0.60),
    "CAD": Profile(8.5, 0.3, 0.7, 1.6, 0.35),
    "XAU": Profile(17.0, 0.8, 0.9, 1.5, -0.25, 10.0),
    "BTC": Profile(80.0, 0.9, 0.9, 1.1, 0.50, 16.0, always_open=True),
    "ETH": Profile(55.0, 0.9, 0.9, 1.1, 0.20, 16.0, always_open=True),
    "SHARES": Profile(30.0, 0.2, 0.5, 1.9, 0.80, 8.0, closed=0.3),
}
RISK = Profile(8.0, 0.7, 1.0, 1.3, 0.0, 4.0)
SLOW_HOURS, OWN_HOURS, FAST_HOURS = 15 * 24.0, 25 * 24.0, 9.0
COMMON_SPREAD, OWN_SPREAD, FAST_SPREAD = 0.28, 0.26, 0.32


def season(profile: Profile, grid: Grid, is_open: NDArray[np.bool_]) -> Floats:
    """Return the activity of every hour (hours,), root mean square about 1 while open.

    `is_open` (hours,) says when the market that the factor trades in is open; a factor that is
    always open does not look at it.
    """
    start, hours = grid.start_us, grid.hours
    london, york = local_hour(LONDON, start, hours), local_hour(NEW_YORK, start, hours)
    tokyo = local_hour(TOKYO, start, hours)
    shape = 0.55 + profile.asia * (0.6 * bump(tokyo, 10.0, 1.8) + 0.25 * bump(tokyo, 15.0, 1.5))
    shape += profile.europe * (0.65 * bump(london, 8.5, 1.4) + 0.4 * bump(london, 14.0, 2.2))
    shape += profile.america * (0.7 * bump(york, 9.8, 1.7) + 0.15 * bump(york, 14.2, 1.2))
    day = weekday(grid)
    if profile.always_open:
        shape = 0.75 + 0.25 * shape
        shape[(day == 5) | (day == 6)] *= 0.72
        return np.asarray(shape / 0.98)
    shape /= 1.0 + 0.06 * (day == 0)
    shape /= 1.13
    shape[~is_open] = profile.closed
    return np.asarray(shape)


def log_volatility(
    seed: int, name: str, grid: Grid, begins: tuple[float, float] | None = None
) -> Floats:
    """Return the log of the volatility multiplier of every hour (hours,), its own part.

    Two decaying components: weeks and hours; the mean of the squared multiplier is 1. `begins` is
    where they stand in the first hour, drawn if None.
    """
    slow, fast = _components(seed, name, grid, begins)
    return np.asarray(slow + fast - OWN_SPREAD**2 - FAST_SPREAD**2)


def where_volatility_ends(
    seed: int, name: str, grid: Grid, begins: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Return where the two components of `log_volatility` stand in the last hour."""
    slow, fast = _components(seed, name, grid, begins)
    return float(slow[-1]), float(fast[-1])


def _components(
    seed: int, name: str, grid: Grid, begins: tuple[float, float] | None
) -> tuple[Floats, Floats]:
    first = (None, None) if begins is None else begins
    return (
        ornstein_uhlenbeck(
            seed, name, "slow volatility", grid.hours, OWN_HOURS, OWN_SPREAD, first[0]
        ),
        ornstein_uhlenbeck(
            seed, name, "fast volatility", grid.hours, FAST_HOURS, FAST_SPREAD, first[1]
        ),
    )


def common_volatility(seed: int, grid: Grid, begins: float | None = None) -> Floats:
    """Return the part of log volatility that all markets share."""
    both = ornstein_uhlenbeck(
        seed, "world", "volatility", grid.hours, SLOW_HOURS, COMMON_SPREAD, begins
    )
    return np.asarray(both - COMMON_SPREAD**2)


def ornstein_uhlenbeck(
    seed: int,
    name: str,
    what: str,
    hours: int,
    memory_hours: float,
    spread: float,
    begins: float | None = None,
) -> Floats:
    """Return a stationary process that forgets over `memory_hours`, standard deviation `spread`.

    It stands at `begins` in the first hour, or where chance has it.
    """
    draws = stream(seed, name, what).standard_normal(hours)
    if begins is not None:
        draws[0] = begins / spread
    keep = float(np.exp(-1.0 / memory_hours))
    return np.asarray(decay_filter(draws, keep, spread))


def rare_jumps(seed: int, name: str, grid: Grid, a_year: float) -> Floats:
    """Return jumps by step (hours * steps,), in units of one hour's standard deviation."""
    chance = stream(seed, name, "jumps")
    jumps = np.zeros(grid.hours * grid.steps)
    count = int(chance.poisson(a_year * grid.hours / 8766.0))
    where = (chance.random(count) * jumps.size).astype(np.int64)
    np.add.at(
        jumps, where, chance.choice([-1.0, 1.0], count) * (2.5 + chance.exponential(2.2, count))
    )
    return jumps


def steps_of(seed: int, name: str, grid: Grid, hourly: Floats, *, jumps_a_year: float) -> Floats:
    """Return log steps (hours, steps) of standard deviation `hourly` (hours,) an hour."""
    noise = stream(seed, name, "steps").standard_normal((grid.hours, grid.steps))
    shocks = rare_jumps(seed, name, grid, jumps_a_year).reshape(grid.hours, grid.steps)
    return np.asarray(scale_steps(noise, shocks, hourly))
