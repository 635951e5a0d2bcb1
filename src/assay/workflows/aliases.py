"""A signal in the words of the stable endpoints: what they promise, and all that we know beside."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from assay.core.ids import plain
from assay.core.values.reason import Reason
from assay.store.signals import SignalRow
from assay.workflows.briefing import STORY_DAYS
from assay.workflows.desk import Desk
from assay.workflows.foreseen import NOT_KEPT, silence_of

TFT = "tft"
"""The member whose forecast `tft_prediction` is."""
SIDES = {"LONG": "BUY", "SHORT": "SELL", "WAIT": "HOLD"}
NEUTRAL = 0.1
"""A mean tone this near to zero is no tone, as the analyst has it."""
LOW, MIDDLE, HIGH = "0.05", "0.5", "0.95"
LEVEL = 0.9


def aliased(desk: Desk, row: SignalRow) -> dict[str, Any]:
    """Return what the stable endpoints say of the signal `row`, as plain data.

    What is not there is None, and `absent` names it with the reason.
    """
    said = plain(row.payload)
    sentiment, no_sentiment = _sentiment(desk, row)
    tft = next((m for m in _own_first(said) if m["member"] == TFT), None)
    prediction, no_prediction = _prediction(row, tft)
    importances, of, no_importances = _importances(said, tft)
    told = (
        ("aggregated_sentiment", no_sentiment),
        ("tft_prediction", no_prediction),
        ("interpretability.attention_weights", _no_attention(row, tft)),
        ("interpretability.feature_importances", no_importances),
    )
    absent = [{"name": name, "reason": reason} for name, reason in told if reason]
    found: dict[str, Any] = plain(
        {
            "ticker": row.symbol,
            "aggregated_sentiment": sentiment,
            "tft_prediction": prediction,
            "trading_signal": {
                "signal": SIDES[said["decision"]],
                "confidence": said["conviction"] / 100.0,
            },
            "interpretability": {
                "attention_weights": None,
                "feature_importances": importances,
                "feature_importances_of": of,
            },
            "absent": absent,
            "signal_id": row.id,
            "timeframe": row.timeframe,
            "as_of": row.as_of,
            "made_at": row.made_at,
            "simulated": row.simulated,
            "in_sample": said["in_sample"],
            "horizon_bars": said["horizon_bars"],
            **{name: said[name] for name in _ASIS},
            "predicted_return": math.expm1(said["expected_move"] * said["volatility"]),
            "verdict": said["verdict"]["kind"],
            "reasons": [
                {"code": code, "sentence": Reason(code).sentence} for code in said["reasons"]
            ],
            "members": [_member(one) for one in said["members"]],
        }
    )
    return found


_ASIS = (
    "decision", "conviction", "tier", "evidence", "direction", "probability", "low", "high",
    "base", "agreement", "entry", "stop", "target", "risk_fraction",
)  # fmt: skip


def _own_first(said: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the members, those of the signal's own timeframe first."""
    return sorted(said["members"], key=lambda one: one["timeframe"] != said["timeframe"])


def _sentiment(desk: Desk, row: SignalRow) -> tuple[dict[str, Any] | None, str | None]:
    """Return the mean tone of the stories of the last days before the bar, or why there is none.

    `confidence` is the share of the stories with a tone that lean to the side of the mean (of all
    of them the share without a tone, where the mean has none).
    """
    stories = desk.scored_stories(
        desk.instrument(row.symbol),
        simulated=row.simulated,
        until=row.as_of,
        since=row.as_of - timedelta(days=STORY_DAYS),
    )
    tones = [] if stories is None else stories["score"].drop_nulls().drop_nans().to_list()
    if not tones:
        why = (
            f"no story about {row.symbol} was seen in the {STORY_DAYS} days before "
            f"{row.as_of:%Y-%m-%d %H:%M} UTC"
        )
        return None, why
    score = math.fsum(tones) / len(tones)
    side = (score > NEUTRAL) - (score < -NEUTRAL)
    with_tone = [tone for tone in tones if abs(tone) > NEUTRAL]
    if side:
        sure = sum(tone * side > 0 for tone in with_tone) / len(with_tone)
    else:
        sure = 1.0 - len(with_tone) / len(tones)
    word = {1: "positive", 0: "neutral", -1: "negative"}[side]
    return {
        "score": score, "confidence": sure, "sentiment": word, "stories": len(tones)
    }, None  # fmt: skip


def _prediction(
    row: SignalRow, tft: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, str | None]:
    """Return the TFT's median return over the horizon with its 90 % interval, or why not."""
    if tft is None:
        return None, f"no member called {TFT} is trained for {row.symbol} {row.timeframe}"
    if tft["classes"] is None:
        return None, silence_of(tft)
    quantiles, volatility = tft.get("quantiles"), tft.get("volatility")
    if quantiles is None or volatility is None:
        return None, NOT_KEPT
    told = {str(p): math.expm1(q * volatility) for p, q in quantiles.items()}
    return {
        "predicted_return": told[MIDDLE],
        "confidence_interval": {"lower": told[LOW], "upper": told[HIGH], "level": LEVEL},
        "timeframe": tft["timeframe"],
    }, None


def _no_attention(row: SignalRow, tft: Mapping[str, Any] | None) -> str:
    if tft is None:
        return f"no member called {TFT} is trained for {row.symbol} {row.timeframe}"
    return "attention is not kept with a signal; the explanation says which bars moved each member"


def _importances(
    said: Mapping[str, Any], tft: Mapping[str, Any] | None
) -> tuple[dict[str, float] | None, str | None, str | None]:
    """Return how much each column moves a member's answers in general, whose, or why it is not.

    The TFT's, where its account may be shown; else those of the member that weighs most.
    """
    heavy = sorted((m for m in said["members"] if m["weight"] > 0), key=lambda m: -m["weight"])
    for one in ([tft] if tft else []) + heavy:
        leans = (one.get("account") or {}).get("leans_on")
        if leans:
            return {name: by for name, by in leans}, f"{one['member']} {one['timeframe']}", None  # noqa: C416 - pairs come as lists
    return None, None, "no member that weighs in the pool has an account that may be shown"


def _member(one: Mapping[str, Any]) -> dict[str, Any]:
    names = ("member", "family", "timeframe", "probability", "weight", "part")
    reason = one["reason"] and Reason(one["reason"]).of_member
    return {name: one[name] for name in names} | {"reason": reason}
