"""What may speak against acting on the models now: each objection is about this decision.

How a pool usually looks is no objection: most pools are carried by one member, on every decision.
What counts is rare by construction or contrary by meaning. No threshold was fitted to returns.
"""

from typing import Any, NamedTuple

from assay.llm.rules.points import Bundle

VOLATILE_PERCENTILE = 95
"""Of the last 300 bars: one bar in twenty, whatever the market."""
STRETCHED_ATR, STRETCHED_RSI = 3.0, 25.0
"""ATR from the 20-bar average, and RSI(14) points from 50: on a random walk of 16 steps a bar, 5 %
and 7 % of the bars are so far to one side, and 4 % are both."""
TONE_Z, TONE_STORIES = 1.65, 5
"""The mean tone over its standard error: one time in twenty where tones are chance."""
LEAD_SHARE_PCT = 75
HEAVY_WEIGHT_PCT = 10
"""A member with a smaller weight cannot move the pool; whether it agrees is all that it tells."""
LONG_BEFORE_EVENT_MINUTES = 240
SHORT_BEFORE_EVENT_MINUTES = 15


class Objection(NamedTuple):
    """A reason to shrink: its code, its reference and sentence, the largest size left, percent."""

    code: str
    ref: str
    claim: str
    cap: int


def objections_of(bundle: Bundle, sign: int) -> list[Objection]:
    """Return what speaks against the side `sign` (+1 or -1), the heaviest first.

    `bundle` is that of an open brief. The analyst's own lean is not among them: see `verdict_of`.
    """
    blind = bundle["blind"]
    name = blind["horizon"]["timeframe"]
    numbers = blind["frames"].get(name) or {}
    found = [
        *_event(blind),
        *_data(bundle, name),
        *_one_model(bundle["members"], bundle["pool"]["direction"]),
        *_text(blind["sentiment"], sign),
        *_shift(name, numbers),
        *_overextended(name, numbers, sign),
    ]
    return sorted(found, key=lambda one: (one.cap, one.code))


def _event(blind: Bundle) -> list[Objection]:
    """Object to a release that is due in the next bar, or in four hours where bars are longer.

    The whole horizon would be too much: of four daily bars nearly every one holds a release.
    """
    minutes, horizon = blind["calendar"]["minutes_to_event"], blind["horizon"]
    bar_minutes = horizon["minutes"] // horizon["bars"]
    if minutes is None or minutes > min(bar_minutes, LONG_BEFORE_EVENT_MINUTES):
        return []
    claim = f"A high-impact release is due in {minutes} minutes, before the horizon ends"
    cap = 0 if minutes <= SHORT_BEFORE_EVENT_MINUTES else 50
    return [Objection("event_risk", "calendar.minutes_to_event", claim, cap)]


def _data(bundle: Bundle, name: str) -> list[Objection]:
    """Object to old or thin bars of the horizon's timeframe or of one that a weighing member reads.

    A timeframe that nobody relies on now is no evidence against the decision.
    """
    used = {one["timeframe"] for one in bundle["members"] if one["weight_pct"] > 0} | {name}
    for flag in bundle["blind"]["quality"]:
        kind, _, timeframe = flag.partition("_")
        if kind in {"stale", "thin"} and timeframe in used:
            what = "is behind the clock" if kind == "stale" else "has too few bars"
            claim = f"The {timeframe} series {what}"
            return [Objection("stale_or_thin_data", f"quality.{flag}", claim, 25)]
    return []


def _one_model(members: list[dict[str, Any]], direction: str) -> list[Objection]:
    """Object where one member carries three quarters of the evidence and stands alone.

    Alone is: none of the others leans to its side. Asked are those that carry a tenth of the weight
    or more; where there are none, all that lean at all, of which there must be two.
    """
    carrying = [one for one in members if one["share_pct"] is not None]
    if not carrying:
        return []
    first = max(carrying, key=lambda one: (one["share_pct"], one["id"]))
    if first["share_pct"] < LEAD_SHARE_PCT:
        return []
    others = [one for one in members if one is not first]
    heavy = [one["lean"] for one in others if one["weight_pct"] >= HEAVY_WEIGHT_PCT]
    leaning = [one["lean"] for one in others if one["lean"] != "none"]
    asked = heavy or leaning
    if direction in asked or not (heavy or len(leaning) >= 2):
        return []
    share = first["share_pct"]
    claim = f"One member carries {share:.0f} % of the pool's evidence and no other leans its way"
    return [Objection("single_model_driven", f"{first['id']}.share_pct", claim, 50)]


def _text(tone: Bundle, sign: int) -> list[Objection]:
    if tone["z"] is None or tone["count"] < TONE_STORIES or tone["z"] * sign > -TONE_Z:
        return []
    side = "unfavourable" if sign > 0 else "favourable"
    claim = f"The day's stories are {side}: mean tone {tone['mean']:+.2f}"
    return [Objection("text_contradicts", "sentiment.mean", claim, 50)]


def _shift(name: str, numbers: Bundle) -> list[Objection]:
    percentile = numbers.get("vol_percentile")
    if percentile is None or percentile < VOLATILE_PERCENTILE:
        return []
    claim = f"Volatility on {name} stands at percentile {percentile:.0f} of its recent history"
    return [Objection("regime_shift", f"{name}.vol_percentile", claim, 50)]


def _overextended(name: str, numbers: Bundle, sign: int) -> list[Objection]:
    rsi, distance = numbers.get("rsi_14"), numbers.get("dist_sma_20_atr")
    if rsi is None or distance is None:
        return []
    if distance * sign < STRETCHED_ATR or (rsi - 50) * sign < STRETCHED_RSI:
        return []
    side = "above" if sign > 0 else "below"
    claim = f"Price is already {abs(distance):.2f} ATR {side} its 20-bar average on {name}"
    return [Objection("overextended", f"{name}.dist_sma_20_atr", claim, 50)]
