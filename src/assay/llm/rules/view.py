"""Phase one by rules: a logistic of trend, momentum, stretch and tone, calmed by risk."""

import math
from typing import Any

from assay.llm.rules.points import (
    Bundle,
    Push,
    grid,
    pushes_of,
    readable,
    readable_frames,
    strongest,
)


def view_of(bundle: Bundle) -> dict[str, Any]:
    """Return an answer to the blind brief, in the order of its schema."""
    reason = _cannot(bundle)
    if reason is not None:
        return {
            "evidence": [],
            "counter_evidence": [],
            "regime": "unknown",
            "abstain": reason,
            "p_up": None,
        }
    pushes = pushes_of(bundle)
    total = sum(push.push for push in pushes)
    calm, caution = _caution(bundle)
    p_up = grid(100 / (1 + math.exp(-total * calm)))
    sign = 1 if p_up > 50 else -1 if p_up < 50 else 0
    evidence = strongest(pushes, sign, 4) if sign else _both(pushes)
    counter = strongest(pushes, -sign, 3 - len(caution)) if sign else []
    counter += [push.point() for push in caution]
    if sign and not counter:
        counter = [_weakest(pushes, evidence).point()]
    return {
        "evidence": evidence,
        "counter_evidence": counter,
        "regime": regime_of(bundle),
        "abstain": None,
        "p_up": p_up,
    }


def regime_of(bundle: Bundle) -> str:
    """Return the regime of the horizon's timeframe, or of the shortest one readable."""
    frames = readable_frames(bundle)
    if not frames:
        return "unknown"
    numbers = frames.get(bundle["horizon"]["timeframe"]) or next(iter(frames.values()))
    volatility = numbers["vol_percentile"]
    if volatility is not None and volatility >= 90:
        return "volatile"
    near, far = numbers["dist_sma_20_atr"], numbers["dist_sma_50_atr"]
    if near * far > 0 and abs(far) >= 1.5:
        return "trend"
    if volatility is not None and volatility <= 10:
        return "quiet"
    return "range"


def _cannot(bundle: Bundle) -> str | None:
    """Return why there can be no view, or None.

    A closed market refuses one only where a bar's length or more has passed since the last close:
    the last bar before a pause (each day of gold, each Friday of a currency) is as good as another,
    the horizon counts bars, and whether to trade at that hour is not for a view to say.
    """
    frames, horizon = bundle["frames"], bundle["horizon"]
    if not any(readable(numbers) for numbers in frames.values()):
        return "too_little_history"
    main = horizon["timeframe"] if horizon["timeframe"] in frames else next(iter(frames))
    bar_minutes = horizon["minutes"] // horizon["bars"]
    if not bundle["calendar"]["market_open"] and frames[main]["age_min"] >= bar_minutes:
        return "market_closed"
    return "stale_data" if f"stale_{main}" in bundle["quality"] else None


def _caution(bundle: Bundle) -> tuple[float, list[Push]]:
    """Return by how much to believe the sum, and why less than all of it."""
    calm, why = 1.0, []
    minutes = bundle["calendar"]["minutes_to_event"]
    if minutes is not None and minutes <= bundle["horizon"]["minutes"]:
        calm *= 0.5
        claim = f"A high-impact release is due in {minutes} minutes, inside the horizon"
        why.append(Push("calendar.minutes_to_event", claim, 0.0))
    if regime_of(bundle) == "volatile":
        calm *= 0.7
        name = bundle["horizon"]["timeframe"]
        value = bundle["frames"].get(name, {}).get("vol_percentile")
        if value is not None:
            claim = (
                f"Volatility on {name} stands at percentile {value:.0f}: signals fail more often"
            )
            why.append(Push(f"{name}.vol_percentile", claim, 0.0))
    return calm, why


def _both(pushes: list[Push]) -> list[dict[str, str]]:
    """Return the strongest point of either side, for a view that leans to none."""
    points = strongest(pushes, 1, 1) + strongest(pushes, -1, 1)
    return points or [push.point() for push in pushes[:1]]


def _weakest(pushes: list[Push], evidence: list[dict[str, str]]) -> Push:
    """Return the point that says least for the view, where none speaks against it."""
    used = {point["ref"] for point in evidence}
    free = [push for push in pushes if push.ref not in used] or pushes
    return min(free, key=lambda push: (abs(push.push), push.ref))
