"""Phase two by rules: whether the analyst's own view bears the models out, and what may fail."""

from typing import Any, NamedTuple

from assay.llm.rules.points import Bundle, grid
from assay.llm.rules.view import regime_of


class Objection(NamedTuple):
    """A reason to shrink: its code, its reference and sentence, the largest size left, percent."""

    code: str
    ref: str
    claim: str
    cap: int


def verdict_of(bundle: Bundle) -> dict[str, Any]:
    """Return an answer to the open brief, in the order of its schema.

    It confirms only where its own view leans to the side of the pool and nothing stands against it.
    """
    own, pool = bundle["own"], bundle["pool"]
    sign = {"up": 1, "down": -1, "none": 0}[pool["direction"]]
    checks = _checks(bundle)
    if own["p_up_pct"] is None or sign == 0:
        return _abstain(checks, own, sign)
    lean = own["p_up_pct"] - 50
    objections = sorted(_objections(bundle, sign), key=lambda one: (one.cap, one.code))
    if lean * sign < 0:
        objections.append(_opposed(bundle, sign))
    elif lean == 0 and not objections:
        return _abstain(checks, own, sign)
    after = grid((pool["probability_pct"] + own["p_up_pct"]) / 2)
    if not objections:
        ref, claim = "pool.low_pct" if sign > 0 else "pool.high_pct", ""
        edge = pool["low_pct"] if sign > 0 else pool["high_pct"]
        claim = f"The pool's own interval reaches {edge:.1f} %, so the edge is not certain"
        return _answer(checks, (ref, claim), None, after, 100, "CONFIRM")
    worst = min(objections, key=lambda one: one.cap)
    return _answer(checks, (worst.ref, worst.claim), worst.code, after, worst.cap, "CHALLENGE")


def _checks(bundle: Bundle) -> list[dict[str, str]]:
    own, pool = bundle["own"], bundle["pool"]
    checks = [
        {
            "ref": "pool.probability_pct",
            "claim": f"The pool gives {pool['probability_pct']:.1f} % to a rise",
        }
    ]
    if own["p_up_pct"] is None:
        checks.append({"ref": "own.regime", "claim": "The blind view abstained"})
    else:
        checks.append(
            {"ref": "own.p_up_pct", "claim": f"The blind view gave {own['p_up_pct']} % to a rise"}
        )
    if pool["agreement"] is not None:
        claim = f"Agreement among the members is {pool['agreement']:.0f} of a hundred"
        checks.append({"ref": "pool.agreement", "claim": claim})
    return checks


def _objections(bundle: Bundle, sign: int) -> list[Objection]:
    blind = bundle["blind"]
    name = blind["horizon"]["timeframe"]
    numbers = blind["frames"].get(name) or {}
    return [
        *_event(blind),
        *_data(blind),
        *_one_model(bundle),
        *_text(blind, sign),
        *_shift(blind, name, numbers),
        *_overextended(name, numbers, sign),
    ]


def _event(blind: Bundle) -> list[Objection]:
    minutes = blind["calendar"]["minutes_to_event"]
    if minutes is None or minutes > blind["horizon"]["minutes"]:
        return []
    claim = f"A high-impact release is due in {minutes} minutes, before the horizon ends"
    cap = 0 if minutes <= 15 else 50
    return [Objection("event_risk", "calendar.minutes_to_event", claim, cap)]


def _data(blind: Bundle) -> list[Objection]:
    for flag in blind["quality"]:
        if flag.startswith(("stale_", "thin_")):
            what = "is behind the clock" if flag.startswith("stale_") else "has too few bars"
            claim = f"One of the timeframes {what}"
            return [Objection("stale_or_thin_data", f"quality.{flag}", claim, 25)]
    return []


def _one_model(bundle: Bundle) -> list[Objection]:
    members = [one for one in bundle["members"] if one["share_pct"] is not None]
    if not members:
        return []
    first = max(members, key=lambda one: (one["share_pct"], one["id"]))
    if first["share_pct"] < 75:
        return []
    claim = f"One member carries {first['share_pct']:.0f} % of the pool's evidence"
    return [Objection("single_model_driven", f"{first['id']}.share_pct", claim, 50)]


def _text(blind: Bundle, sign: int) -> list[Objection]:
    tone = blind["sentiment"]
    if tone["z"] is None or tone["count"] < 5 or tone["z"] * sign > -2:
        return []
    side = "unfavourable" if sign > 0 else "favourable"
    claim = f"The day's stories are {side}: mean tone {tone['mean']:+.2f}"
    return [Objection("text_contradicts", "sentiment.mean", claim, 50)]


def _shift(blind: Bundle, name: str, numbers: Bundle) -> list[Objection]:
    ratio = numbers.get("vol_ratio")
    if ratio is None or ratio < 2 or regime_of(blind) != "volatile":
        return []
    claim = f"Volatility on {name} is {ratio:.1f} times what the models have lately seen"
    return [Objection("regime_shift", f"{name}.vol_ratio", claim, 50)]


def _overextended(name: str, numbers: Bundle, sign: int) -> list[Objection]:
    rsi, distance = numbers.get("rsi_14"), numbers.get("dist_sma_20_atr")
    if rsi is None or distance is None:
        return []
    if distance * sign < 3 or (rsi - 50) * sign < 25:
        return []
    side = "above" if sign > 0 else "below"
    claim = f"Price is already {abs(distance):.2f} ATR {side} its 20-bar average on {name}"
    return [Objection("overextended", f"{name}.dist_sma_20_atr", claim, 50)]


def _opposed(bundle: Bundle, sign: int) -> Objection:
    """Return the objection that the blind view itself is, filed under what carries it."""
    own = bundle["own"]
    tone = any(point["ref"].startswith(("sentiment.", "h")) for point in own["evidence"][:1])
    side = "falls" if sign > 0 else "rises"
    claim = f"Seen without the models the market {side} more likely: {own['p_up_pct']} % to a rise"
    cap = 25 if abs(own["p_up_pct"] - 50) >= 10 else 50
    code = "text_contradicts" if tone else "regime_shift"
    return Objection(code, "own.p_up_pct", claim, cap)


def _abstain(checks: list[dict[str, str]], own: Bundle, sign: int) -> dict[str, Any]:
    if own["p_up_pct"] is None:
        objection = ("own.regime", "There is no view of its own to hold the models against")
    elif sign == 0:
        objection = ("pool.direction", "The pool leans to no side")
    else:
        claim = (
            f"At {own['p_up_pct']} % the blind view neither bears the models out nor opposes them"
        )
        objection = ("own.p_up_pct", claim)
    return _answer(checks, objection, None, None, 100, "ABSTAIN")


def _answer(
    checks: list[dict[str, str]],
    objection: tuple[str, str],
    reason: str | None,
    after: int | None,
    cap: int,
    verdict: str,
) -> dict[str, Any]:
    return {
        "checks": checks,
        "strongest_objection": {"ref": objection[0], "claim": objection[1]},
        "challenge_reason": reason,
        "p_up_after": after,
        "size_cap": cap,
        "verdict": verdict,
    }
