"""Simulated worlds with known skill: what producers say, and what comes of it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assay.core.values.timeframe import Timeframe
from assay.fusion.evidence import Floats, History, Moments, Producer, expit, logit

HOUR = 3_600_000_000
FAMILIES = ("linear", "trees", "nets")
HORIZON = 4


def producers(
    count: int, timeframes: tuple[Timeframe, ...] = (Timeframe.H1,)
) -> tuple[Producer, ...]:
    return tuple(
        Producer(f"m{i}", FAMILIES[i % 3], timeframes[i % len(timeframes)], f"artefact-{i}")
        for i in range(count)
    )


def history_of(evidence: Floats, outcome: Floats, *, base: float = 0.5) -> History:
    """Return hourly decisions over four bars: `evidence` (n, M) is logit p less logit base."""
    rows, members = evidence.shape
    time = np.arange(rows, dtype=np.int64) * HOUR
    moments = Moments(
        producers(members),
        time,
        expit(evidence + logit(np.array(base))),
        np.full(members, base),
        np.zeros((rows, members)),
        evidence / 1.6,
        np.full(members, 60.0 * HORIZON),
    )
    return History("EURUSD", Timeframe.H1, HORIZON, moments, time // (24 * HOUR), outcome,
                   time + HORIZON * HOUR)  # fmt: skip


def world(
    rows: int,
    members: int,
    *,
    correlation: float = 0.0,
    persistence: float = 0.0,
    skill: float = 0.0,
    skilled: int | None = None,
    seed: int = 0,
) -> History:
    """Return `members` whose forecasts follow an AR(1) of `persistence` and share `correlation`.

    The next bar's return has information coefficient `skill` (with the four-bar sum) with the
    mean signal of the first `skilled` members (all by default); 0 is a world without skill. The
    outcome is the sign of the sum of four bars, so that labels overlap.
    """
    chance = np.random.default_rng(seed)
    shocks = chance.normal(size=(rows + HORIZON, members)) * np.sqrt(1 - correlation)
    shocks += chance.normal(size=(rows + HORIZON, 1)) * np.sqrt(correlation)
    signal = _persistent(shocks, persistence)
    noise = chance.standard_t(5, size=rows + HORIZON) * np.sqrt(3 / 5)
    ends = np.concatenate([[0.0], np.cumsum(noise)])
    ahead = (ends[HORIZON:] - ends[:-HORIZON])[:rows] / np.sqrt(HORIZON)
    told = signal[:rows, : skilled or members].mean(axis=1)
    told /= told.std()
    outcome = (ahead + skill * told > 0).astype(float)
    return history_of(0.1 * signal[:rows], outcome)


def drifting(rows: int, members: int, *, seed: int, leaning: str, moving: str) -> History:
    """Return a world without skill whose base, .59 when it was learned, has come down to .49.

    `moving` says how: "before" the first row, "after" a third of the rows, or "slowly" over all of
    them. The `members` persist for a day and tell no good moment from a bad one, but `leaning` to
    the side that happens to be right: "always" as much, "steadily" more, or each on a random
    "walk" of its own. The outcome is the sign of four bars' sum, so that labels overlap.
    """
    chance = np.random.default_rng(seed)
    past = np.arange(rows) / rows
    down = {"before": np.ones(rows), "after": (past > 1 / 3) * 1.0, "slowly": past}[moving]
    noise = chance.standard_t(5, size=rows + HORIZON) * np.sqrt(3 / 5)
    ends = np.concatenate([[0.0], np.cumsum(noise)])
    ahead = (ends[HORIZON:] - ends[:-HORIZON])[:rows] / np.sqrt(HORIZON)
    outcome = (ahead > 0.025 - 0.2525 * (1.0 - down)).astype(float)  # .49 where all the way down
    shocks = _persistent(chance.normal(size=(rows, members)), 0.95)
    walk = np.cumsum(chance.normal(size=(rows, members)), axis=0) / np.sqrt(rows)
    lean = {"always": -0.2 + 0 * walk, "steadily": -0.3 * past[:, None] + 0 * walk,
            "walk": 0.3 * walk}[leaning]  # fmt: skip
    return history_of(lean + 0.05 * shocks, outcome, base=0.59)


def gaussian(rows: int, members: int, correlation: float, strength: float, seed: int) -> History:
    """Return calibrated, equicorrelated Gaussian evidence given the outcome, one row a day.

    x | y is normal about y strength / 2 with unit variance and `correlation`, so that each
    member's true log-odds are strength x, and the exact pool multiplies their mean by
    M / (1 + (M - 1) correlation).
    """
    chance = np.random.default_rng(seed)
    outcome = (chance.random(rows) < 0.5).astype(float)
    noise = chance.normal(size=(rows, members)) * np.sqrt(1 - correlation)
    noise += chance.normal(size=(rows, 1)) * np.sqrt(correlation)
    x = noise + (outcome[:, None] - 0.5) * strength
    return daily(history_of(strength * x, outcome))


def daily(history: History) -> History:
    """Return the same rows a day apart, labels known four hours later: nothing overlaps."""
    time = np.arange(len(history.day), dtype=np.int64) * 24 * HOUR
    return replace(
        history,
        moments=replace(history.moments, time=time),
        day=np.arange(len(time), dtype=np.int64),
        t1=time + HORIZON * HOUR,
    )


def with_columns(history: History, columns: list[int]) -> History:
    """Return the history with the producers chosen, in that order; a repeated one is a clone."""
    old = history.moments
    named = tuple(
        replace(old.producers[c], artefact=f"{old.producers[c].artefact}-{k}")
        for k, c in enumerate(columns)
    )
    pick: NDArray[np.int64] = np.array(columns)
    moments = Moments(
        named,
        old.time,
        old.p_up[:, pick],
        old.base[..., pick],
        old.age_bars[:, pick],
        old.median_move[:, pick],
        old.horizon_minutes[pick],
    )
    return replace(history, moments=moments)


def _persistent(shocks: Floats, persistence: float) -> Floats:
    if not persistence:
        return shocks
    signal, scale = shocks.copy(), np.sqrt(1 - persistence**2)
    for row in range(1, len(shocks)):
        signal[row] = persistence * signal[row - 1] + scale * shocks[row]
    return signal
