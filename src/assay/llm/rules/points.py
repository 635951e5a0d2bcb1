"""Points of evidence: a reference, a sentence with its number, and a push in log-odds."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Bundle = Mapping[str, Any]


class Push(NamedTuple):
    """One thing that speaks: `push` is in log-odds of up, 0 where it only describes."""

    ref: str
    claim: str
    push: float

    def point(self) -> dict[str, str]:
        """Return it as an answer's evidence."""
        stance = "up" if self.push > 0 else "down" if self.push < 0 else "neutral"
        return {"ref": self.ref, "claim": self.claim, "stance": stance}


def pushes_of(bundle: Bundle) -> list[Push]:
    """Return everything the blind brief offers, each timeframe weighing the same in all."""
    frames = readable_frames(bundle)
    found: list[Push] = []
    for name, numbers in frames.items():
        found += _frame_pushes(name, numbers, 1.0 / len(frames))
    return found + _tone_pushes(bundle["sentiment"])


def readable_frames(bundle: Bundle) -> dict[str, Mapping[str, Any]]:
    """Return the timeframes that say something of now: with history enough, and not left behind.

    Left behind is one that is stale and whose last close is more than a bar of the horizon old:
    what its price did then is no evidence of what it does now.
    """
    bar_minutes = bundle["horizon"]["minutes"] // bundle["horizon"]["bars"]
    return {
        name: numbers
        for name, numbers in bundle["frames"].items()
        if readable(numbers)
        and not (f"stale_{name}" in bundle["quality"] and numbers["age_min"] > bar_minutes)
    }


def readable(numbers: Mapping[str, Any]) -> bool:
    """Say whether a timeframe has the history that the rules need: 50 bars and a moving price."""
    return numbers["dist_sma_50_atr"] is not None and numbers["return_20_pct"] is not None


def _frame_pushes(name: str, numbers: Mapping[str, Any], share: float) -> list[Push]:
    found = []
    for window, weight in ((20, 0.10), (50, 0.16), (200, 0.12)):
        field = f"dist_sma_{window}_atr"
        distance = numbers[field]
        if distance is None:
            continue
        side = "above" if distance > 0 else "below"
        claim = f"On {name} price trades {abs(distance):.2f} ATR {side} its {window}-bar average"
        found.append(Push(f"{name}.{field}", claim, share * weight * math.tanh(distance / 2)))
    found += _momentum(name, numbers, share) + _stretch(name, numbers, share)
    return found


def _momentum(name: str, numbers: Mapping[str, Any], share: float) -> list[Push]:
    move, atr = numbers["return_20_pct"], numbers["atr_pct"]
    if not atr:
        return []
    speed = move / (atr * math.sqrt(20))
    verb = "gained" if move > 0 else "lost"
    claim = f"On {name} price {verb} {abs(move):.2f} % over 20 bars"
    return [Push(f"{name}.return_20_pct", claim, share * 0.18 * math.tanh(speed))]


def _stretch(name: str, numbers: Mapping[str, Any], share: float) -> list[Push]:
    """Return what speaks against going on: an exhausted move pulls back."""
    rsi = numbers["rsi_14"]
    if rsi is None:
        return []
    ref = f"{name}.rsi_14"
    if rsi >= 75:
        claim = f"On {name} the RSI(14) of {rsi:.1f} is overbought: buyers are late"
        return [Push(ref, claim, -share * 0.008 * (rsi - 60))]
    if rsi <= 25:
        claim = f"On {name} the RSI(14) of {rsi:.1f} is oversold: sellers are late"
        return [Push(ref, claim, share * 0.008 * (40 - rsi))]
    return [Push(ref, f"On {name} the RSI(14) of {rsi:.1f} is in its middle ground", 0.0)]


def _tone_pushes(sentiment: Mapping[str, Any]) -> list[Push]:
    mean, count, z = sentiment["mean"], sentiment["count"], sentiment["z"]
    if mean is None:
        return []
    if z is None or count < 3:
        claim = "Too few stories to read a tone from"
        return [Push("sentiment.count", claim, 0.0)]
    side = "favourable" if mean > 0 else "unfavourable" if mean < 0 else "mixed"
    claim = f"The day's stories are {side} on balance, mean tone {mean:+.2f}"
    push = 0.35 * math.tanh(z / 3) * min(1.0, count / 8)
    return [Push("sentiment.mean", claim, push)]


def strongest(pushes: Sequence[Push], sign: int, most: int) -> list[dict[str, str]]:
    """Return the points that push to `sign`, the strongest first, at most `most`."""
    own = [push for push in pushes if push.push * sign > 0.005]
    own.sort(key=lambda push: (-abs(push.push), push.ref))
    return [push.point() for push in own[:most]]


def grid(percent: float) -> int:
    """Return the point of 5, 10 .. 95 next to `percent`; half-way goes towards 50."""
    low = 5 * math.floor(percent / 5)
    step = low if percent - low < 2.5 or (percent - low == 2.5 and percent > 50) else low + 5
    return min(95, max(5, step))
