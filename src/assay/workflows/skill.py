"""What the members and the pool knew in a backtest: by tier, by member, against their own words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.values.conviction import Tier
from assay.core.values.timeframe import Timeframe
from assay.evaluation.bootstrap import Estimate
from assay.evaluation.metrics import hit_rate, in_order, mean_by_day
from assay.evaluation.page import show
from assay.fusion.evidence import log_score, logit
from assay.fusion.pool import EVIDENCE, TIERS
from assay.models.contract import FLAT, UP, Floats
from assay.workflows.gather import HORIZON_BARS
from assay.workflows.replay import Replayed

Integers = NDArray[np.int64]


def tiers(replays: Sequence[Replayed]) -> dict[str, Any]:
    """Return, by evidence and tier, how often the pool's side was right and what it moved."""
    rows, plot = [], []
    for evidence in ("PROVEN", "UNPROVEN"):
        for tier in Tier:
            hits, gains, days = [], [], []
            for replay in replays:
                chosen = (
                    (replay.pooled.tier == TIERS.index(tier))
                    & (replay.pooled.evidence == [e.value for e in EVIDENCE].index(evidence))
                    & (replay.label != FLAT)
                    & (replay.label >= 0)
                    & (replay.pooled.shift != 0)
                )
                sign = np.sign(replay.pooled.shift[chosen])
                gains.append(sign * replay.scaled[chosen])
                hits.append(sign * (replay.label[chosen] - 1) > 0)
                days.append(replay.day[chosen])
            day = np.concatenate(days)
            if not len(day):
                continue
            move = mean_by_day(np.concatenate(gains), day)
            rows.append(
                [
                    evidence,
                    tier,
                    len(day),
                    show(hit_rate(np.concatenate(hits), day).to_json(), percent=True, digits=1),
                    show(move.to_json(), digits=3),
                ]
            )
            plot.append([f"{evidence} {tier}", *in_order(move)])
    return {
        "columns": ["evidence", "tier", "bars that moved", "right side", "mean move, in σ"],
        "rows": rows,
        "plot": plot,
        "note": "The share of bars on which the pool's side was right, and the mean move to its "
        f"side over {HORIZON_BARS} bars, in units of expected volatility, before costs.",
    }


def members(replays: Sequence[Replayed]) -> dict[str, Any]:
    """Return each member's log-score gain over climatology on moved bars of the test spans.

    A family of several members or timeframes has a line of its own, over all their forecasts.
    """
    gains: dict[tuple[str, str, str], list[tuple[Floats, NDArray[np.bool_], Integers]]] = {}
    for replay in replays:
        moved = (replay.label != FLAT) & (replay.label >= 0)
        up = (replay.label == UP).astype(np.float64)
        base = np.broadcast_to(replay.base, replay.p_up.shape)
        for column, producer in enumerate(replay.producers):
            said = replay.p_up[:, column].astype(np.float64)
            known = moved & np.isfinite(said)
            odds, start = logit(said[known]), logit(base[known, column])
            gain = log_score(odds, up[known]) - log_score(start, up[known])
            hits = (odds > start) == (up[known] > 0)
            key = (producer.member, producer.family, producer.timeframe.value)
            gains.setdefault(key, []).append((gain, hits, replay.day[known]))
        known = moved & (replay.pooled.shift != 0)
        pool = log_score(replay.pooled.log_odds[known], up[known]) - log_score(
            logit(replay.pooled.base[known]), up[known]
        )
        side = (replay.pooled.shift[known] > 0) == (up[known] > 0)
        gains.setdefault(("pool", "fusion", "all"), []).append((pool, side, replay.day[known]))
    families: dict[str, list[list[tuple[Floats, NDArray[np.bool_], Integers]]]] = {}
    for (_, family, _), parts in gains.items():
        families.setdefault(family, []).append(parts)
    for family, several in families.items():
        if len(several) > 1:
            gains[family, family, "all"] = [part for parts in several for part in parts]
    rows, plot = [], []
    for (member, family, frame), parts in sorted(gains.items(), key=lambda k: _order(k[0])):
        gain, hits, day = (np.concatenate(column) for column in zip(*parts, strict=True))
        if not len(gain):
            continue
        worth = mean_by_day(gain * 1e4, day)
        rows.append(
            [
                f"{member} {frame}",
                family,
                f"{len(gain):,}",
                show(worth.to_json(), digits=1),
                show(hit_rate(hits, day).to_json(), percent=True, digits=1),
            ]
        )
        plot.append([f"{member} {frame}", *in_order(worth)])
    return {
        "columns": ["member", "family", "forecasts", "gain, 1e-4 nats", "right side"],
        "rows": rows,
        "plot": plot,
        "note": "Gain is the log score over climatology on bars that moved: above zero means that "
        "the member knew something about direction. A family's line is over all its forecasts.",
    }


def _order(key: tuple[str, str, str]) -> tuple[int, str]:
    member, _, frame = key
    minutes = Timeframe(frame).minutes if frame in set(Timeframe) else 0
    return minutes, member


def accuracy(replays: Sequence[Replayed]) -> Estimate:
    """Return the pool's mean absolute error over that of "no change", less one; below 0 is better.

    In units of expected volatility, over the horizon, on every bar with evidence.
    """
    errors, days = [], []
    for replay in replays:
        known = np.isfinite(replay.scaled) & (replay.pooled.shift != 0)
        if not known.any():
            continue
        came, said = replay.scaled[known], replay.pooled.expected_move[known]
        usual = np.mean(np.abs(came)) if len(came) else 1.0
        errors.append((np.abs(came - said) - np.abs(came)) / usual)
        days.append(replay.day[known])
    if not errors:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    return mean_by_day(np.concatenate(errors), np.concatenate(days))


def verdicts(replays: Sequence[Replayed]) -> dict[str, int]:
    """Return how often the referee gave each verdict."""
    counted: dict[str, int] = {}
    for replay in replays:
        for kind, number in replay.verdicts.items():
            counted[kind] = counted.get(kind, 0) + number
    return counted
