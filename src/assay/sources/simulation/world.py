"""The world all instruments share: hours, factors, releases; each made once, when asked for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.calendars.table import micros
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.simulation.chance import stream
from assay.sources.simulation.factors import (
    COMMON_SPREAD,
    LONDON,
    NEW_YORK,
    PROFILES,
    RISK,
    Profile,
    common_volatility,
    log_volatility,
    season,
    steps_of,
    where_volatility_ends,
)
from assay.sources.simulation.grid import EPOCH, HOUR_US, Floats, Grid, Times, local_hour
from assay.sources.simulation.releases import CURRENCIES, Agenda, agenda

SHARES = "SHARES"
FACTOR_CALENDAR = {"XAU": "METAL", SHARES: "XNYS"}
RELEASE_JUMP, RELEASE_NOISE = 1.15, 0.45
"""An hour's deviations that a surprise of 1 sigma and weight 1 moves at once, and the noise."""
AFTERSHOCK = (1.5, 1.35, 1.2, 1.1)
"""How much wilder the hour of a release of weight 1 is, and the hours after it."""
ETHER_ON_BITCOIN = 0.8


@dataclass(frozen=True, slots=True)
class Seam:
    """Where a world goes on: `number` stretches after its first one, which began at `start_us`.

    `common` and `volatility` (by factor) are where the volatilities stood at the end of the stretch
    before.
    """

    number: int
    start_us: int
    common: float
    volatility: Mapping[str, tuple[float, float]] = field(default_factory=dict)


class World:
    """Factors and releases under one seed; what is asked for never changes what else there is.

    Without a `seam` it is the first stretch of its market. With one it goes on from there: the
    agenda of releases and the volatilities are continued, and the rest of its chance (`seed`) is
    that of the stretch; `origin` is the market's own seed.
    """

    def __init__(self, seed: int, grid: Grid, seam: Seam | None = None) -> None:
        self.origin = seed
        self.seed = _of_stretch(seed, seam.number) if seam else seed
        self.grid = grid
        self._seam = seam
        self._common = common_volatility(self.seed, grid, seam.common if seam else None)
        self._seasons: dict[str, Floats] = {}
        self._steps: dict[str, Floats] = {}
        self._agendas: dict[str, Agenda] = {}
        self._open: dict[tuple[str, Timeframe], Times] = {}

    def closes(self, name: str, timeframe: Timeframe) -> Times:
        """Return the closes of the bars that should exist, UTC microseconds."""
        key = (name, timeframe)
        if key not in self._open:
            start = EPOCH + timedelta(microseconds=self.grid.start_us + 1)
            end = EPOCH + timedelta(microseconds=self.grid.end_us)
            self._open[key] = micros(calendar(name).expected_closes(timeframe, start, end))
        return self._open[key]

    def open_hours(self, name: str) -> NDArray[np.int64]:
        """Return the indices of the grid's hours in which a calendar is open."""
        return self.grid.hour_of(self.closes(name, Timeframe.H1))

    def day_sessions(self) -> Floats:
        """Return 1 for hours in which London or New York is at its desks, else 0 (hours,)."""
        london = local_hour(LONDON, self.grid.start_us, self.grid.hours)
        york = local_hour(NEW_YORK, self.grid.start_us, self.grid.hours)
        busy = ((london >= 8.0) & (london < 17.0)) | ((york >= 8.0) & (york < 17.0))
        return busy.astype(np.float64)

    def agenda(self, currency: str) -> Agenda:
        """Return the releases of one currency."""
        if currency not in self._agendas:
            whole = self.grid
            if self._seam:
                start = self._seam.start_us
                whole = replace(whole, start_us=start, hours=(whole.end_us - start) // HOUR_US)
            every = agenda(self.origin, currency, whole)
            self._agendas[currency] = every.after(self.grid.start_us) if self._seam else every
        return self._agendas[currency]

    def end(self, number: int) -> Seam:
        """Return where the stretch `number` goes on from."""
        start = self._seam.start_us if self._seam else self.grid.start_us
        names = (*PROFILES, "RISK")
        ends = {
            name: where_volatility_ends(self.seed, name, self.grid, self._begins(name))
            for name in names
        }
        return Seam(number, start, float(self._common[-1] + COMMON_SPREAD**2), ends)

    def _begins(self, name: str) -> tuple[float, float] | None:
        return self._seam.volatility.get(name) if self._seam else None

    def season(self, name: str) -> Floats:
        """Return the usual activity of every hour for one factor (hours,)."""
        if name not in self._seasons:
            is_open = np.zeros(self.grid.hours, dtype=np.bool_)
            is_open[self.open_hours(FACTOR_CALENDAR.get(name, "FX"))] = True
            self._seasons[name] = season(self._profile(name), self.grid, is_open)
        return self._seasons[name]

    def size(self, name: str) -> Floats:
        """Return the usual deviation of every hour's log move for one factor (hours,)."""
        return np.asarray(1e-4 * self._profile(name).hour_bps * self.season(name))

    def volatility(self, name: str) -> Floats:
        """Return the multiplier of the usual deviation in every hour (hours,)."""
        own = log_volatility(self.seed, name, self.grid, self._begins(name))
        return np.asarray(np.exp(self._common + own))

    def steps(self, name: str) -> Floats:
        """Return the log steps of one factor's own part (hours, steps), releases included."""
        if name not in self._steps:
            hourly = self.size(name) * self.volatility(name)
            profile = self._profile(name)
            if name in CURRENCIES:
                hourly = hourly * self._aftershocks(name)
            made = steps_of(self.seed, name, self.grid, hourly, jumps_a_year=profile.jumps_a_year)
            if name in CURRENCIES:
                self._answer(name, made)
            self._steps[name] = made
        return self._steps[name]

    def _profile(self, name: str) -> Profile:
        return RISK if name == "RISK" else PROFILES[name]

    def _aftershocks(self, currency: str) -> Floats:
        """Return how much wilder releases make each hour (hours,), at least 1."""
        known = self.agenda(currency)
        wild = np.ones(self.grid.hours)
        hour = self.grid.hour_from(known.event_us)
        for lag, factor in enumerate(AFTERSHOCK):
            where = np.minimum(hour + lag, self.grid.hours - 1)
            np.maximum.at(wild, where, 1.0 + (factor - 1.0) * np.minimum(known.weight, 1.5))
        return wild

    def _answer(self, currency: str, steps: Floats) -> None:
        """Add to `steps` what each release moves at once, at the step of the release."""
        known = self.agenda(currency)
        chance = stream(self.seed, currency, "release answers")
        noise = chance.standard_normal(known.event_us.size)
        bounded = np.clip(known.surprise, -2.5, 2.5)
        moved = 1e-4 * PROFILES[currency].hour_bps * known.weight
        moved *= RELEASE_JUMP * bounded + RELEASE_NOISE * noise
        flat = steps.reshape(-1)
        np.add.at(flat, self.grid.step_from(known.event_us), moved)


def _of_stretch(seed: int, number: int) -> int:
    """Return the seed of the chance of one stretch of a market."""
    return int.from_bytes(hashlib.sha256(f"{seed} stretch {number}".encode()).digest()[:6], "big")


def legs(instrument: Instrument) -> dict[str, float]:
    """Return the factors of an instrument with their weights, the common risk among them."""
    if instrument.asset_class in (AssetClass.EQUITY, AssetClass.INDEX):
        weights = {SHARES: 1.0}
    else:
        quote = "USD" if instrument.quote == "USDT" else instrument.quote
        weights = {quote: -1.0, instrument.base: 1.0}
        if instrument.base == "ETH":
            weights["BTC"] = ETHER_ON_BITCOIN
    risk = sum(weight * PROFILES[name].risk for name, weight in weights.items())
    return weights | {"RISK": risk}
