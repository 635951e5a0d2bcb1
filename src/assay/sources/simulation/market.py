"""One instrument of the simulated world: its edge planted, its prices rolled out hour by hour."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.simulation import numerics
from assay.sources.simulation.chance import stream
from assay.sources.simulation.factors import (
    log_volatility,
    steps_of,
    where_volatility_ends,
)
from assay.sources.simulation.grid import Floats, Times
from assay.sources.simulation.headlines import Sort
from assay.sources.simulation.news import Schedule, schedule
from assay.sources.simulation.oracle import (
    NOTHING,
    Figures,
    Forecasts,
    days_of,
    figures,
    ledger_of,
)
from assay.sources.simulation.plan import Decoy, Form, Kind, Plan, plan_of
from assay.sources.simulation.run import Ground, Run
from assay.sources.simulation.spread import (
    HIGHEST_LEVEL,
    LOWEST_LEVEL,
    OTHER_SIDE_BPS,
    half_spreads,
)
from assay.sources.simulation.world import World, legs

OWN_SHARE = {AssetClass.EQUITY: 1.1, AssetClass.INDEX: 0.35}
OWN_SHARE_OF_PAIRS = 0.28
PULL = np.log(2.0) / (60 * 24)
"""How fast a pair's own part goes back to where its factors are: half in sixty trading days."""
STORY_JUMP = 0.22
WILD_TRIGGER, WILD_HOURS, WILD_FACTOR = 1.6, 6, 3.0
MOST_ATTEMPTS = 60
NET_SHARPE, LOWEST_NET, HIGHEST_NET = 1.45, 0.85, 1.95
HIGHEST_HIT = 0.549


@dataclass(frozen=True, slots=True)
class Carry:
    """What an instrument takes from one stretch of its market into the next.

    `attempt`, `amplitude` and `spread` are of its planted edge and its costs, settled over the
    first stretch; the rest is where it stood at the end: how far the log price has come (`moved`,
    from its start on), the own part (`away`), the mean of squares, the components of its own
    volatility.
    """

    attempt: int
    amplitude: float
    spread: float
    moved: float
    away: float
    square: float
    volatility: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rolled:
    """An instrument's hours after its prices have been rolled out; arrays (m,) over open hours.

    `steps` (hours, k) are the log steps of the whole grid without drift; `hour` the open hours and
    `time` their closes; `gap` the move before each; `added` drift and pull of each; `moves` the log
    move close to close; `volatility` the multiplier of `season`, their usual deviation, as known at
    the close; `half` half the spread as a fraction of the price; `known` what the oracle knew.
    """

    plan: Plan
    hour: NDArray[np.int64]
    time: Times
    steps: Floats
    gap: Floats
    added: Floats
    moves: Floats
    volatility: Floats
    season: Floats
    half: Floats
    known: Forecasts
    figures: Figures
    news: Schedule
    carry: Carry


class Market:
    """Rolls out instruments of a world; one that goes on is handed what each `carries`."""

    def __init__(self, world: World, carries: Mapping[str, Carry] | None = None) -> None:
        self._world = world
        self._carries = carries or {}

    def roll(self, instrument: Instrument) -> Rolled:
        """Return the hours of `instrument`.

        A planted edge is made for its target over the realised sample: the size of the drift is
        solved for it, and the instrument's own noise is drawn again until the oracle's hit rate
        and Sharpe ratio are inside their caps, so that no seed is easier than it says. Where the
        market goes on, the edge stays as large as it was, and there is one draw.
        """
        carry = self._carries.get(instrument.symbol)
        if carry is not None:
            plan = plan_of(self._world.origin, instrument, carry.attempt)
            ground = self._ground(instrument, plan)
            return self._attempt(instrument, plan, ground, carry.attempt, carry)[1]
        plan = plan_of(self._world.seed, instrument)
        ground = self._ground(instrument, plan)
        best: tuple[float, Rolled] | None = None
        for attempt in range(MOST_ATTEMPTS if plan.has_drift else 1):
            plan = plan_of(self._world.seed, instrument, attempt)
            away, rolled = self._attempt(instrument, plan, ground, attempt)
            if best is None or away < best[0]:
                best = away, rolled
            if away == 0.0:
                break
        assert best is not None, "there is at least one attempt"
        return best[1]

    def _ground(self, instrument: Instrument, plan: Plan) -> Ground:
        world = self._world
        hour = world.open_hours(instrument.calendar)
        weights = legs(instrument)
        factors = np.zeros((world.grid.hours, world.grid.steps))
        square = np.zeros(world.grid.hours)
        for name, weight in weights.items():
            factors += weight * world.steps(name)
            square += (weight * world.size(name)) ** 2
        share = OWN_SHARE.get(instrument.asset_class, OWN_SHARE_OF_PAIRS)
        own_size = share * np.sqrt(square)
        if plan.decoy is Decoy.VOLATILITY:
            own_size = own_size * _wild(factors, np.sqrt(square))
        total = np.concatenate([[0.0], np.cumsum(square * (1.0 + share**2))])
        before = np.concatenate([[hour[0]], hour[:-1] + 1])
        season = np.sqrt(total[hour + 1] - total[before])
        time = world.grid.closes[hour]
        gate = world.day_sessions()[hour]
        return Ground(hour, time, days_of(time), factors, np.sqrt(square), own_size, season, gate)

    def _outside(self, instrument: Instrument, plan: Plan, time: Times, news: Schedule) -> Floats:
        """Return what news or figures first seen in each hour set in motion, in [-1.5, 1.5]."""
        push = np.zeros(time.size)
        if plan.form is Form.NEWS:
            where = news.sort == Sort.DRIVER
            heard(push, time, news.seen_us[where], news.tone[where].astype(np.float64))
            return np.clip(push, -1.0, 1.0)
        if plan.form is Form.MACRO:
            for currency, side in ((instrument.base, 1.0), (instrument.quote, -1.0)):
                known = self._world.agenda(currency)
                heard(
                    push, time, known.seen_us, plan.sign * side * np.clip(known.surprise, -1.0, 1.0)
                )
            return np.clip(push, -1.5, 1.5)
        return push

    def _own_steps(
        self,
        symbol: str,
        ground: Ground,
        news: Schedule,
        attempt: int,
        begins: tuple[float, float] | None,
    ) -> Floats:
        """Return the log steps that belong to the instrument alone (hours, steps)."""
        world = self._world
        wild = np.exp(log_volatility(world.seed, symbol, world.grid, begins))
        own = steps_of(
            world.seed, f"{symbol} {attempt}", world.grid, ground.own_size * wild, jumps_a_year=3.0
        )
        driver = news.sort == Sort.DRIVER
        hour = np.clip(world.grid.hour_from(news.event_us[driver]), 0, world.grid.hours - 1)
        strength = stream(world.seed, symbol, "news answers").gamma(2.0, 0.5, int(driver.sum()))
        jump = STORY_JUMP * strength * news.tone[driver] * ground.size[hour]
        np.add.at(own.reshape(-1), world.grid.step_from(news.event_us[driver]), jump)
        return own

    def _attempt(
        self,
        instrument: Instrument,
        plan: Plan,
        ground: Ground,
        attempt: int,
        carry: Carry | None = None,
    ) -> tuple[float, Rolled]:
        """Return how far outside its caps an attempt is (0 inside), and the attempt."""
        world, symbol = self._world, instrument.symbol
        begins = carry.volatility if carry else None
        news = schedule(
            world.seed, instrument, world.grid, follows=plan.decoy is Decoy.FOLLOWS_PRICE,
            attempt=attempt,
        )  # fmt: skip
        own = self._own_steps(symbol, ground, news, attempt, begins)
        inside, gap = numerics.moves_of(own, ground.hour)
        alone = inside + gap
        steps = ground.factors + own
        inside, gap = numerics.moves_of(steps, ground.hour)
        pull = PULL if instrument.asset_class is AssetClass.FX else 0.0
        outside = self._outside(instrument, plan, ground.time, news)
        stands = (carry.square, carry.away) if carry else (1.0, 0.0)
        run = Run(plan, ground, outside, inside + gap, alone, pull, stands)
        amplitude, far = (carry.amplitude, 0.0) if carry else run.solved()
        added, volatility, moves, known = run.at(amplitude)
        half, record, level = self._priced(instrument, plan, ground, volatility, known, carry)
        if plan.kind is not Kind.NONE and carry is None:
            far += _outside_caps(record)
        left = Carry(
            attempt=attempt,
            amplitude=0.0 if plan.decoy is Decoy.FIRST_HALF else amplitude,
            spread=level,
            moved=(carry.moved if carry else 0.0) + float(moves.sum()),
            away=stands[1] + float((alone + added).sum()),
            square=float(volatility[-1] ** 2),
            volatility=where_volatility_ends(world.seed, symbol, world.grid, begins),
        )
        rolled = Rolled(
            plan, ground.hour, ground.time, steps, gap, added, moves, volatility, ground.season,
            half, known, record, news, left,
        )  # fmt: skip
        return far, rolled

    def _priced(
        self,
        instrument: Instrument,
        plan: Plan,
        ground: Ground,
        volatility: Floats,
        known: Forecasts,
        carry: Carry | None,
    ) -> tuple[Floats, Figures, float]:
        """Return half the spread by hour, the oracle's record under it, and the spread's level.

        Every instrument draws the level of its spread from one range; a planted one takes from
        that range the level that leaves it closest to the net Sharpe ratio it is made for.
        """
        seed, days = self._world.seed, instrument.days_per_year
        fee = 1e-4 * OTHER_SIDE_BPS[instrument.asset_class]
        shape = half_spreads(seed, instrument, self._world, ground.hour, volatility)
        if carry is not None:
            return carry.spread * shape, NOTHING, carry.spread
        chance = stream(seed, instrument.symbol, "spread level")
        level = float(chance.uniform(LOWEST_LEVEL, HIGHEST_LEVEL))
        if not plan.has_drift:
            return level * shape, NOTHING, level
        if plan.decoy is Decoy.UNDER_COST:
            level = HIGHEST_LEVEL
        elif plan.decoy is None:
            ledger = ledger_of(known)
            levels = np.linspace(LOWEST_LEVEL, HIGHEST_LEVEL, 9).tolist()
            nets = [ledger.net_sharpe(tried * shape, fee, days) or 0.0 for tried in levels]
            level = levels[int(np.argmin([abs(net - NET_SHARPE) for net in nets]))]
        return level * shape, figures(known, level * shape, fee, days), level


def _outside_caps(record: Figures) -> float:
    """Return by how much a planted record leaves its band of net Sharpe ratio and hit rate."""
    net = record.net_sharpe if record.net_sharpe is not None else -5.0
    far = max(0.0, LOWEST_NET - net) + max(0.0, net - HIGHEST_NET)
    for rate in (record.hit_rate, record.trade_hit_rate):
        far += 50.0 * max(0.0, (rate or 0.0) - HIGHEST_HIT)
    return far


def heard(push: Floats, time: Times, seen: Times, what: Floats) -> None:
    """Add `what` to the first hour that closes at or after it was `seen`."""
    row = np.searchsorted(time, seen, side="left")
    known = row < time.size
    np.add.at(push, row[known], what[known])


def _wild(factors: Floats, size: Floats) -> Floats:
    """Return how much wilder the instrument's own part is, by hour: after large moves, no sign."""
    move = np.abs(factors.sum(axis=1)) / size
    wild = np.ones(move.size)
    for lag in range(1, WILD_HOURS + 1):
        wild[lag:][move[:-lag] > WILD_TRIGGER] = WILD_FACTOR
    return wild
