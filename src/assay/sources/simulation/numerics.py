"""The inner loops of the simulated market, compiled."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from assay.sources.simulation.grid import Floats

Ints = NDArray[np.int64]


@njit(cache=True)
def decay_filter(draws: Floats, keep: float, spread: float) -> Floats:
    """Return the stationary AR(1) of `draws` (n,) with memory `keep` and deviation `spread`."""
    out = np.empty(draws.size)
    push = np.sqrt(1.0 - keep * keep) * spread
    level = spread * draws[0]
    out[0] = level
    for i in range(1, draws.size):
        level = keep * level + push * draws[i]
        out[i] = level
    return out


@njit(cache=True)
def scale_steps(noise: Floats, shocks: Floats, hourly: Floats) -> Floats:
    """Return `noise` (n, k) at `hourly` (n,) deviation an hour, plus `shocks` in hours' units."""
    hours, steps = noise.shape
    root = 1.0 / np.sqrt(steps)
    for i in range(hours):
        size = hourly[i]
        for k in range(steps):
            noise[i, k] = size * (noise[i, k] * root + shocks[i, k])
    return noise


@njit(cache=True)
def moves_of(steps: Floats, hour: Ints) -> tuple[Floats, Floats]:
    """Return the log moves of the open hours and of the gaps before them, each (m,).

    `steps` is (hours, k); `hour` (m,) lists the open hours. What moves while the market is closed
    is the gap before its next open hour; the first one has none.
    """
    inside, gap = np.zeros(hour.size), np.zeros(hour.size)
    row = hour[0]
    for j in range(hour.size):
        while row < hour[j]:
            for k in range(steps.shape[1]):
                gap[j] += steps[row, k]
            row += 1
        for k in range(steps.shape[1]):
            inside[j] += steps[row, k]
        row += 1
    return inside, gap


@njit(cache=True)
def levels_of(
    steps: Floats, hour: Ints, gap: Floats, added: Floats, start: float
) -> tuple[Floats, Floats]:
    """Return the log price at the open of each open hour (m,) and after each step of it (m, k)."""
    opens, levels = np.empty(hour.size), np.empty((hour.size, steps.shape[1]))
    level = start
    for j in range(hour.size):
        level += gap[j]
        opens[j] = level
        share = added[j] / steps.shape[1]
        for k in range(steps.shape[1]):
            level += steps[hour[j], k] + share
            levels[j, k] = level
    return opens, levels


@njit(cache=True)
def bars_of(
    opens: Floats, levels: Floats, row: Ints, last_step: Ints, steps_a_bar: int, slip: Floats
) -> Floats:
    """Return log open, high, low, close of each bar (bars, 4).

    Bar b ends with step `last_step[b]` of open hour `row[b]` and is `steps_a_bar` long; `slip` is
    how far its first trade lies from the price before it.
    """
    out = np.empty((row.size, 4))
    for b in range(row.size):
        j, end = row[b], last_step[b]
        first = end - steps_a_bar + 1
        opened = (opens[j] if first == 0 else levels[j, first - 1]) + slip[b]
        high = low = opened
        for k in range(first, end + 1):
            high = max(high, levels[j, k])
            low = min(low, levels[j, k])
        out[b, 0], out[b, 1], out[b, 2], out[b, 3] = opened, high, low, levels[j, end]
    return out


@njit(cache=True)
def push_of(form: int, scaled: float, gate: float, sign: int) -> float:
    """Return what a bar's scaled return sets in motion, in [-3, 3]; `form` as in `FORMS`."""
    size = 0.0
    if form == 1:
        size = min(scaled * scaled, 3.0)
    elif form == 2 and abs(scaled) >= 1.0:
        size = min(abs(scaled), 1.5)
    elif form == 3:
        size = gate * min(scaled * scaled, 3.0)
    elif form == 4:
        size = 1.0
    return sign * size if scaled > 0.0 else -sign * size


@njit(cache=True)
def roll(
    noise: Floats,
    own: Floats,
    season: Floats,
    usual: float,
    outside: Floats,
    gate: Floats,
    amplitude: Floats,
    weights: Floats,
    form: int,
    sign: int,
    pull: float,
    square: float = 1.0,
    away: float = 0.0,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Run the market hour by hour and return `added`, `push`, `volatility`, `moves`, each (m,).

    `noise` is the log move without drift, `own` its part that belongs to the pair alone, `season`
    the usual size of the hour and `usual` that of all hours, `outside` the push of news or figures
    seen by the hour's close, `amplitude` the size of the drift in usual sizes. `added[t]` (drift
    and the slow pull of the pair's own part towards zero) depends on hours up to t - 1 alone;
    `push[t]` and `volatility[t]` (a decaying mean of the observed moves, as a multiplier of
    `season`) on hours up to t. `square` and `away` are where the mean of squares and the pair's own
    part stand when the first hour begins.
    """
    count = noise.size
    added, push = np.zeros(count), np.zeros(count)
    volatility, moves = np.ones(count), np.zeros(count)
    start = np.sqrt(square)
    for t in range(count):
        drift = 0.0
        for m in range(weights.size):
            if t - 1 - m >= 0:
                before = t - 1 - m
                drift += amplitude[before] * weights[m] * push[before] * volatility[before]
        drift *= usual
        added[t] = drift - pull * away
        away += own[t] + added[t]
        moves[t] = noise[t] + added[t]
        known = volatility[t - 1] if t else start
        scaled = moves[t] / (usual * known)
        seen = min(max(moves[t] / season[t], -4.0 * known), 4.0 * known)
        square = 0.975 * square + 0.025 * seen * seen
        volatility[t] = np.sqrt(square)
        push[t] = outside[t] + push_of(form, scaled, gate[t], sign)
    return added, push, volatility, moves


@njit(cache=True)
def expectation(
    push: Floats,
    volatility: Floats,
    usual: float,
    amplitude: Floats,
    weights: Floats,
    horizon: int,
) -> tuple[Floats, Floats]:
    """Return the expected log move over the next `horizon` hours and its deviation, each (m,).

    The expectation at t is the drift already set in motion by then: it looks at `push`,
    `volatility` and `amplitude` up to t and at nothing beyond. NaN where the horizon passes the
    end.
    """
    count = push.size
    mean, deviation = np.full(count, np.nan), np.full(count, np.nan)
    for t in range(count - horizon):
        drift = 0.0
        for h in range(1, horizon + 1):
            for m in range(h - 1, weights.size):
                before = t + h - 1 - m
                if before >= 0:
                    drift += amplitude[before] * weights[m] * push[before] * volatility[before]
        mean[t] = drift * usual
        deviation[t] = volatility[t] * usual * np.sqrt(horizon)
    return mean, deviation
