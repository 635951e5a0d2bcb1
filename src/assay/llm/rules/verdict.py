"""Phase two by rules: whether the analyst's own view bears the models out, and what may fail."""

from typing import Any

from assay.llm.rules.objections import Objection, objections_of
from assay.llm.rules.points import Bundle, grid

OPPOSED_PCT = 10
"""Two steps of the view's grid: a lean of one step is what rounding leaves of almost nothing."""


def verdict_of(bundle: Bundle) -> dict[str, Any]:
    """Return an answer to the open brief, in the order of its schema.

    It challenges where its own view leans clearly (two steps of its grid) to the other side, or
    where something about this decision speaks against it; the heaviest objection is the one it
    names. Else it confirms where its own view leans to the side of the pool, if only by one step,
    and abstains where it does not, or where it has none.
    """
    own, pool = bundle["own"]["p_up_pct"], bundle["pool"]
    sign = {"up": 1, "down": -1, "none": 0}[pool["direction"]]
    checks = _checks(bundle)
    if sign == 0:
        return _abstain(checks, "pool.direction", "The pool leans to no side")
    lean = None if own is None else (own - 50) * sign
    objections = objections_of(bundle, sign)
    if lean is not None and lean <= -OPPOSED_PCT:
        objections.append(_opposed(bundle, sign))
    if objections:
        worst = min(objections, key=lambda one: one.cap)
        after = grid((pool["probability_pct"] + (pool["base_pct"] if own is None else own)) / 2)
        return _answer(checks, (worst.ref, worst.claim), worst.code, after, worst.cap, "CHALLENGE")
    if lean is None:
        claim = "There is no view of its own to hold the models against"
        return _abstain(checks, "own.regime", claim)
    if lean <= 0:
        claim = f"At {own} % the blind view neither bears the models out nor clearly opposes them"
        return _abstain(checks, "own.p_up_pct", claim)
    after = grid((pool["probability_pct"] + own) / 2)
    ref = "pool.low_pct" if sign > 0 else "pool.high_pct"
    edge = pool["low_pct"] if sign > 0 else pool["high_pct"]
    claim = f"The pool's own interval reaches {edge:.1f} %, so the edge is not certain"
    return _answer(checks, (ref, claim), None, after, 100, "CONFIRM")


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


def _opposed(bundle: Bundle, sign: int) -> Objection:
    """Return the objection that the blind view itself is."""
    own = bundle["own"]
    side = "falls" if sign > 0 else "rises"
    claim = f"Seen without the models the market {side} more likely: {own['p_up_pct']} % to a rise"
    return Objection("view_opposes", "own.p_up_pct", claim, 25)


def _abstain(checks: list[dict[str, str]], ref: str, claim: str) -> dict[str, Any]:
    return _answer(checks, (ref, claim), None, None, 100, "ABSTAIN")


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
