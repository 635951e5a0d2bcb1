"""What would change a signal: the pool asked again, with one thing different at a time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from assay.core.errors import ArtefactError
from assay.core.values.conviction import Tier
from assay.core.values.timeframe import Timeframe
from assay.fusion.evidence import Moments, expit, logit
from assay.fusion.fitted import FittedFusion
from assay.fusion.inference import t_above
from assay.fusion.pool import TIERS, Pooled, fuse_many
from assay.risk.settings import RiskSettings
from assay.store.artefacts import Artefacts
from assay.workflows.desk import Desk
from assay.workflows.gather import micros
from assay.workflows.pooling import age_in_bars

SAME = 1e-9
"""Parts that differ by less, in log-odds, are the same: it is the rounding of sums."""


@dataclass(frozen=True, slots=True)
class Repooled:
    """The pool computed again from what the members had said; `problem` says why it could not be.

    `difference` is the largest change of any member's part, in log-odds; `same` says that it is
    rounding.
    """

    difference: float | None
    same: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class Threshold:
    """What reaches `goal`: a tier, or the other side, with the agreement that there is now.

    `log_odds` is the lean (pooled log-odds less the base) it takes, `probability` that of up given
    a move there, `times` how much of today's lean that is. All None where no lean is enough.
    """

    goal: str
    score: float | None
    log_odds: float | None
    probability: float | None
    times: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Silenced:
    """The pool without one member; `changes` names what is then another, side or tier."""

    member: str
    timeframe: str
    probability: float
    score: float
    tier: str
    direction: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Costs:
    """The expected move against a round trip, both log returns; `side_move` counts to the side.

    `needed` is the move from which a trade pays, `needed_sigma` the same in volatility over the
    horizon, `times` how much of the expected move that is (None if that points the other way).
    """

    side_move: float
    side_sigma: float
    round_trip: float
    needed: float
    needed_sigma: float
    times: float | None
    pays: bool


def fusion_by_id(desk: Desk, artefact: str) -> FittedFusion:
    """Return the fitted fusion a signal was pooled with, checked against its name."""
    row = Artefacts(desk.database).get(artefact)
    try:
        text = (desk.models / row.path).read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise ArtefactError(
            f"The fitted fusion {artefact[:12]} cannot be read from {desk.models / row.path}; "
            f"train {row.symbols[0]} again"
        ) from error
    return FittedFusion.from_json(text, expected_id=row.id)


def moments_again(desk: Desk, payload: Mapping[str, Any], fitted: FittedFusion) -> Moments:
    """Return what the members had said, as the pool reads it, from the stored parts alone.

    A part keeps the evidence after its slope; dividing by the slope gives back what was said. The
    ages of answers of other timeframes are counted in the stored bars. A silent member is NaN.
    """
    said = {(p["member"], p["timeframe"], p["artefact"]): p for p in payload["members"]}
    size = len(fitted.producers)
    raw, age = np.full((1, size), np.nan), np.zeros((1, size))
    start = float(logit(np.array(payload["base"])))
    for column, producer in enumerate(fitted.producers):
        part = said.get((producer.member, producer.timeframe, producer.artefact))
        if part is None or part["classes"] is None:
            continue
        slope = fitted.slope[column]
        raw[0, column] = part["evidence"] / slope if slope else 0.0
        age[0, column] = _age(desk, payload, part)
    return Moments(
        fitted.producers,
        np.array([micros(datetime.fromisoformat(payload["as_of"]))], dtype=np.int64),
        expit(start + raw),
        np.full(size, payload["base"]),
        age,
        np.zeros((1, size)),
        np.array(fitted.horizon_minutes),
    )


def _age(desk: Desk, payload: Mapping[str, Any], part: Mapping[str, Any]) -> float:
    made, at = (datetime.fromisoformat(text) for text in (part["made_at"], payload["as_of"]))
    if made == at:
        return 0.0
    own, other = Timeframe(payload["timeframe"]), Timeframe(part["timeframe"])
    instrument = desk.instrument(payload["symbol"])
    clock = desk.bars.read(instrument, own, start=made, end=at).frame["time"].dt.epoch("us")
    times = clock.to_numpy()
    row = np.searchsorted(times, [micros(at)])
    ratio = own.minutes / other.minutes
    return max(0.0, float(age_in_bars(times, np.array([micros(made)]), row, ratio)[0]))


def repooled(payload: Mapping[str, Any], moments: Moments, fitted: FittedFusion) -> Repooled:
    """Pool the stored answers again and say whether every part is as it was written down."""
    pooled = fuse_many(moments, fitted, promoted=_promoted(payload))
    said = {(p["member"], p["timeframe"], p["artefact"]): p["part"] for p in payload["members"]}
    now = {
        (p.member, p.timeframe.value, p.artefact): float(pooled.part[0, i])
        for i, p in enumerate(fitted.producers)
    }
    difference = max((abs(said.get(key, 0.0) - part) for key, part in now.items()), default=0.0)
    same = difference < SAME and abs(float(pooled.score[0]) - payload["conviction"]) < 1e-6
    return Repooled(difference, same, None)


def _promoted(payload: Mapping[str, Any]) -> frozenset[str] | None:
    """Return which artefacts might weigh when the signal was issued; None without a gate then."""
    told = payload["fusion"].get("promoted")
    return None if told is None else frozenset(told)


def silenced(
    payload: Mapping[str, Any], moments: Moments, fitted: FittedFusion
) -> tuple[Silenced, ...]:
    """Return the pool without each member that weighs, in turn, the heaviest first."""
    promoted = _promoted(payload)
    before = fuse_many(moments, fitted, promoted=promoted)
    order = np.argsort(-np.abs(before.part[0]), kind="stable")
    found = []
    for column in (c for c in order.tolist() if before.weight[0, c] > 0):
        p_up = moments.p_up.copy()
        p_up[0, column] = np.nan
        quiet = Moments(
            moments.producers,
            moments.time,
            p_up,
            moments.base,
            moments.age_bars,
            moments.median_move,
            moments.horizon_minutes,
        )
        producer = fitted.producers[column]
        after = fuse_many(quiet, fitted, promoted=promoted)
        found.append(
            Silenced(
                member=producer.member,
                timeframe=producer.timeframe.value,
                probability=float(after.probability[0]),
                score=float(after.score[0]),
                tier=TIERS[int(after.tier[0])].value,
                direction=direction_of(after),
                changes=_changes(before, after),
            )
        )
    return tuple(found)


def direction_of(pooled: Pooled) -> str:
    """Return which way the first row leans: UP, DOWN or NONE."""
    shift = float(pooled.shift[0])
    return "UP" if shift > SAME else "DOWN" if shift < -SAME else "NONE"


def _changes(before: Pooled, after: Pooled) -> tuple[str, ...]:
    pairs = (
        ("side", direction_of(before), direction_of(after)),
        ("tier", TIERS[int(before.tier[0])].value, TIERS[int(after.tier[0])].value),
    )
    return tuple(f"{what} {old} to {new}" for what, old, new in pairs if old != new)


def thresholds(payload: Mapping[str, Any], fitted: FittedFusion) -> tuple[Threshold, ...]:
    """Return the leans at which the tier or the side would be another, the nearest tier first.

    Everyone is taken to say the same thing, more or less strongly, so that agreement stays.
    """
    settings = fitted.settings
    base = float(logit(np.array(payload["base"])))
    lean = payload["log_odds"] - base
    marks = ((Tier.MODERATE, settings.moderate), (Tier.HIGH, settings.high))
    found = [_tier_at(payload, fitted, base, lean, tier.value, score) for tier, score in marks]
    found.sort(key=lambda one: abs((one.score or 0.0) - payload["conviction"]))
    return (*found, _other_side(payload, lean))


def _tier_at(
    payload: Mapping[str, Any],
    fitted: FittedFusion,
    base: float,
    lean: float,
    tier: str,
    score: float,
) -> Threshold:
    agreement = 100.0 if payload["agreement"] is None else payload["agreement"]
    percentile = 100.0 * score / agreement if agreement > 0 else math.inf
    if percentile > 100.0 or not fitted.score_values:
        why = (
            f"out of reach at any lean: the score is at most the agreement, {agreement:.0f}, and "
            f"{tier} begins at {score:.0f}; the members would have to agree more"
            if fitted.score_values
            else "out of reach: no member weighs"
        )
        return Threshold(tier, score, None, None, None, why)
    size = float(np.interp(percentile, fitted.score_percentiles, fitted.score_values))
    sign = -1.0 if lean < 0 else 1.0
    there = float(expit(np.array(base + sign * size)))
    times = size / abs(lean) if abs(lean) > SAME else None
    now = payload["conviction"]
    side = "above" if sign * (1 if now >= score else -1) < 0 else "below"
    way = "reached at P(up)" if now < score else f"lost when P(up) goes {side}"
    said = f"{way} {there:.3f} (score {score:.0f}; now {payload['probability']:.3f} and {now:.0f})"
    if times is not None:
        said += f": a lean {times:.2f} times as strong"
    if tier == Tier.HIGH and not _two_families(payload, fitted):
        enough = "is there" if now >= score else f"{way} {there:.3f}"
        said = (
            f"out of reach with one model family on this side; the score it asks, {score:.0f}, "
            f"{enough} (now {payload['probability']:.3f} and {now:.0f})"
        )
    if now >= score and tier == Tier.MODERATE and payload["decision"] != "WAIT":
        said += "; the decision is then WAIT"
    return Threshold(tier, score, sign * size, there, times, said)


def _two_families(payload: Mapping[str, Any], fitted: FittedFusion) -> bool:
    """Say whether members of two families lean to the pool's side with weight enough for HIGH."""
    least = max(fitted.settings.least_family_weight, 1e-12)
    return sum(weight >= least for weight in family_weights(payload).values()) >= 2


def family_weights(payload: Mapping[str, Any]) -> dict[str, float]:
    """Return each family's weight on the side that the members together lean to."""
    lean = sum(part["part"] for part in payload["members"])
    weights: dict[str, float] = {}
    for part in payload["members"]:
        on_side = part["weight"] if part["part"] * lean > 0 else 0.0
        weights[part["family"]] = weights.get(part["family"], 0.0) + on_side
    return weights


def _other_side(payload: Mapping[str, Any], lean: float) -> Threshold:
    base = payload["base"]
    if abs(lean) <= SAME:
        said = f"the members lean to no side: P(up) is the usual {base:.3f}"
    else:
        way = "below" if lean > 0 else "above"
        said = (
            f"taken when P(up) goes {way} the usual {base:.3f}; it is "
            f"{abs(payload['probability'] - base) * 100:.1f} points away"
        )
    return Threshold("other side", None, 0.0, base, 0.0, said)


def costs(payload: Mapping[str, Any], settings: RiskSettings) -> Costs:
    """Return how the move the pool expects stands to what a round trip costs."""
    sign = {"UP": 1.0, "DOWN": -1.0, "NONE": 0.0}[payload["direction"]]
    volatility, sigma = payload["volatility"], payload["expected_move"]
    move = (sign or 1.0) * sigma * volatility
    needed = settings.cost_multiple * payload["cost_round_trip"]
    return Costs(
        side_move=move,
        side_sigma=(sign or 1.0) * sigma,
        round_trip=payload["cost_round_trip"],
        needed=needed,
        needed_sigma=needed / volatility,
        times=needed / move if move > 0 else None,
        pays=bool(sign) and move > needed,
    )


def days_until_proven(fitted: FittedFusion) -> float | None:
    """Return how many days of the same gain would make the proof significant; None if none would.

    A standard error shrinks with the root of the days, so t grows with it.
    """
    proof = fitted.proof
    if proof.gain <= 0 or proof.p_value >= 0.5:
        return None
    now, asked = (_t_of(p, proof.degrees) for p in (proof.p_value, fitted.settings.level))
    return proof.days * (asked / now) ** 2 if now > 0 else None


def _t_of(p_value: float, degrees: int) -> float:
    """Return the t above which Student's t lies with `p_value`, at least 0; by halving."""
    low, high = 0.0, 1e6
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if t_above(middle, degrees) > p_value else (low, middle)
    return high
