"""The worst trades of a backtest in plain sentences: why in, what came, what it cost."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from assay.core.values.timeframe import Timeframe
from assay.core.values.view import Verdict, VerdictKind
from assay.evaluation.svg import number as figure
from assay.fusion.pool import EVIDENCE, TIERS
from assay.kernel.records import Exit, Record
from assay.sources.quality.flaw import Flaw
from assay.workflows.book import START_EQUITY
from assay.workflows.desk import Desk
from assay.workflows.gather import Prepared, Series, moment_of
from assay.workflows.trips import MICROS, PRICES, Trips

WIDE = 2.5
"""A bar within the holding this many ATR high is worth a word."""
NEAR_BARS = 14
"""A flagged bar so many bars before the decision, or later, is near: the length of the ATR."""
NAMED = 2
"""So many members of each side, stories and releases are named; the others are counted."""
ENDS = {
    Exit.STOP: "at the stop",
    Exit.TARGET: "at the target",
    Exit.TIME: "when its time was over",
    Exit.OPPOSITE: "when the opposite decision came",
}
USUAL = (
    "Nothing out of the ordinary is on record: no gap, no wide or flagged bar, no bar that reached "
    "both levels, no story or release."
)


def worst_explained(
    desk: Desk,
    trips: Trips,
    numbers: Sequence[int],
    prepared: Mapping[Series, Prepared],
    flaws: Mapping[Series, Sequence[Flaw]],
) -> list[dict[str, Any]]:
    """Return what there is to say of each of the trades `numbers`, in their order.

    `tags` name what was out of the ordinary; the sentences stand in groups.
    """
    found = []
    for number in numbers:
        series = trips.replays[int(trips.replay[number])].series
        item = prepared[series]
        after, tags = _after(desk, trips, number, item, flaws.get(series, ()))
        found.append(
            {
                "number": number,
                "symbol": series.symbol,
                "what": _what(trips, number, item),
                "why": [*_pool(trips, number), *_analyst(trips, number)],
                "after": after,
                "cost": _cost(trips.trades[number], float(trips.r[number])),
                "tags": tags,
            }
        )
    return found


def _what(trips: Trips, number: int, item: Prepared) -> str:
    trade, digits = trips.trades[number], item.instrument.price_digits
    prices = {n: f"{trade[n] * item.instrument.tick_size:.{digits}f}" for n in PRICES}
    bought = ("Bought", "sold") if trade["side"] > 0 else ("Sold", "bought back")
    entered, left = (int(trips.opened(trade[name])) for name in ("entry_bar", "exit_bar"))
    bars = int(trips.bars[number])
    held = "in the same bar" if not bars else f"{bars} bar{'s' if bars > 1 else ''} later"
    inside = "in the bar of" if trade["reason"] in (Exit.STOP, Exit.TARGET) else "at"
    return (
        f"{bought[0]} {item.series.symbol} at {prices['entry']} on {_clock(entered)} and "
        f"{bought[1]} {inside} {_clock(left)}, {held}, {ENDS[trade['reason']]}: {prices['exit']} "
        f"(stop {prices['stop']}, target {prices['target']})."
    )


def _clock(seconds: int) -> str:
    return f"{moment_of(seconds * MICROS):%Y-%m-%d %H:%M}"


def _pool(trips: Trips, number: int) -> list[str]:
    replay, place = trips.replays[int(trips.replay[number])], int(trips.place[number])
    pooled, side = replay.pooled, int(trips.trades[number]["side"])
    up = "a rise" if side > 0 else "a fall"

    def share(value: float) -> str:
        return f"{(value if side > 0 else 1 - value) * 100:.1f} %"

    said = [
        f"The pool gave {share(float(pooled.probability[place]))} to {up}, where "
        f"{share(float(pooled.base[place]))} is usual: conviction "
        f"{float(pooled.score[place]):.0f} of 100, {TIERS[pooled.tier[place]]}, "
        f"{EVIDENCE[pooled.evidence[place]]}."
    ]
    views = []
    for column, producer in enumerate(replay.producers):
        p_up = float(replay.p_up[place, column])
        if np.isfinite(p_up):
            lean = side * (
                p_up - float(np.broadcast_to(replay.base, replay.p_up.shape)[place, column])
            )
            views.append((lean, f"{producer.member} {producer.timeframe} ({share(p_up)})"))
    for_it = sorted((v for v in views if v[0] > 1e-6), reverse=True)
    against = sorted(v for v in views if v[0] < -1e-6)
    if views:
        told = f"{len(for_it)} of {len(views)} members leaned that way"
        told += f", most of all {_few(for_it)}" if for_it else ""
        told += f"; {len(against)} the other way, most of all {_few(against)}" if against else ""
        said.append(f"{told}.")
    return said


def _few(views: Sequence[tuple[float, str]]) -> str:
    return " and ".join(name for _, name in views[:NAMED])


def _analyst(trips: Trips, number: int) -> list[str]:
    replay, place = trips.replays[int(trips.replay[number])], int(trips.place[number])
    verdict = replay.words.get(int(replay.asked[place]))
    if verdict is None:
        return ["The analyst was not asked."]
    earlier = place - int(replay.asked[place])
    when = f" (said {earlier} bar{'s' if earlier > 1 else ''} before, and still in force)"
    return [
        f"The analyst {_said(verdict)}{when if earlier else ''}. Its objection: "
        f"{verdict.objection}."
    ]


def _said(verdict: Verdict) -> str:
    left = f"{verdict.size_cap * 100:.0f} % of the usual size"
    if verdict.kind is VerdictKind.CONFIRM:
        return "confirmed it" if verdict.size_cap == 1 else f"confirmed it, with {left}"
    if verdict.kind is VerdictKind.ABSTAIN:
        return "could not tell, which shrinks the size"
    reason = f" ({verdict.challenge.replace('_', ' ')})" if verdict.challenge else ""
    return f"challenged it{reason} and left {left}"


def _after(
    desk: Desk, trips: Trips, number: int, item: Prepared, flaws: Sequence[Flaw]
) -> tuple[list[str], list[str]]:
    """Return sentences on what came to pass while the trade was open, and their tags."""
    trade = trips.trades[number]
    said = [
        ("gap", _gap(trips, number, item)),
        ("ambiguous", _ambiguous(trade)),
        ("wide bar", _wide(trips, number, item)),
        *_documents(desk, trips, number, item),
        ("flagged bar", _flagged(trips, number, item, flaws)),
    ]
    told = [(tag, sentence) for tag, sentence in said if sentence]
    gained = float(trade["favourable"] / max(abs(int(trade["entry"] - trade["stop"])), 1))
    best = [f"At its best it stood {figure(gained, 1)} R in favour."] if gained >= 0.5 else []
    out = [sentence for _, sentence in told] or [USUAL]
    return [*best, *out], [tag for tag, _ in told]


def _gap(trips: Trips, number: int, item: Prepared) -> str:
    if not trips.gapped[number]:
        return ""
    trade = trips.trades[number]
    market = trips.book.markets[int(trade["instrument"])]
    beyond = abs(int(trade["stop"]) - int(market.open[trade["exit_bar"]]))
    share = beyond / max(abs(int(trade["entry"] - trade["stop"])), 1)
    price = f"{beyond * item.instrument.tick_size:.{item.instrument.price_digits}f}"
    return f"The market opened {price} beyond the stop, {share:.2f} R: a gap fills where it opens."


def _ambiguous(trade: Record) -> str:
    if not trade["ambiguous"]:
        return ""
    return "One bar reached both the stop and the target; it counts as the stop."


def _wide(trips: Trips, number: int, item: Prepared) -> str:
    trade = trips.trades[number]
    first, last = (int(np.searchsorted(item.time, trips.book.grid[trade[name]]))
                   for name in ("decided_bar", "exit_bar"))  # fmt: skip
    atr = float(item.atr[first])
    bars = item.bars.frame[first + 1 : last + 1]
    if not len(bars) or not atr > 0:
        return ""
    high = (bars["high"] - bars["low"]).to_numpy() / atr
    most = int(np.argmax(high))
    if high[most] < WIDE:
        return ""
    when = bars["time"][most] - item.series.timeframe.length
    return f"The bar of {when:%Y-%m-%d %H:%M} was {high[most]:.1f} times the usual range high."


def _documents(desk: Desk, trips: Trips, number: int, item: Prepared) -> list[tuple[str, str]]:
    """Return what was published while the trade was open."""
    start, end = _held(trips, number, item.series.timeframe)
    simulated = desk.is_simulated(item.series.symbol, item.series.timeframe)
    releases = _within(desk.releases(item.instrument, simulated=simulated), start, end)
    stories = _within(desk.scored_stories(item.instrument, simulated=simulated), start, end)
    return [("release", _released(releases)), ("story", _told(stories))]


def _held(trips: Trips, number: int, timeframe: Timeframe) -> tuple[datetime, datetime]:
    trade = trips.trades[number]
    start = moment_of(int(trips.opened(trade["entry_bar"])) * MICROS)
    end = moment_of(int(trips.opened(trade["exit_bar"])) * MICROS)
    inside = trade["reason"] in (Exit.STOP, Exit.TARGET)
    return start, end + (timeframe.length if inside else timedelta(0))


def _within(frame: pl.DataFrame | None, start: datetime, end: datetime) -> pl.DataFrame | None:
    if frame is None:
        return None
    seen = pl.col("seen_at")
    found = frame.filter((seen > start) & (seen <= end)).sort("seen_at", maintain_order=True)
    return found if found.height else None


def _released(found: pl.DataFrame | None) -> str:
    if found is None:
        return ""
    named = ", ".join(
        f"{row['currency']} {row['series'].replace('_', ' ')} at {row['seen_at']:%H:%M}"
        for row in found.head(NAMED).iter_rows(named=True)
    )
    more = f" and {found.height - NAMED} more" if found.height > NAMED else ""
    return f"Released while it was open: {named}{more}."


def _told(found: pl.DataFrame | None) -> str:
    if found is None:
        return ""
    row = found.sort(pl.col("score").fill_nan(0.0).abs(), descending=True).row(0, named=True)
    count = f"{found.height} stories" if found.height > 1 else "One story"
    return (
        f"{count} came in while it was open; the strongest (score {figure(row['score'], 2)}): "
        f"“{row['text'][:140].strip()}”."
    )


def _flagged(trips: Trips, number: int, item: Prepared, flaws: Sequence[Flaw]) -> str:
    trade = trips.trades[number]
    first, last = (int(np.searchsorted(item.time, trips.book.grid[trade[name]]))
                   for name in ("decided_bar", "exit_bar"))  # fmt: skip
    near = [flaw for flaw in flaws if flaw.end >= first - NEAR_BARS and flaw.start <= last]
    if not near:
        return ""
    more = f" ({len(near)} flags in all)" if len(near) > 1 else ""
    when = near[0].first
    at = f", {when:%Y-%m-%d %H:%M}" if when else ""
    return f"A bar nearby is flagged as {str(near[0].code).replace('_', ' ')}{at}{more}."


def _cost(trade: Record, r: float) -> str:
    pnl, fees, cost = float(trade["pnl"]), float(trade["fees"]), float(trade["cost"])
    paid = fees + cost
    before = pnl + paid
    lost = "It lost" if pnl < 0 else "It made"
    return (
        f"{lost} {abs(pnl):,.0f} dollars, {figure(r, 2)} R or "
        f"{figure(pnl / START_EQUITY * 100, 2)} % of the equity at the start. Of that "
        f"{fees:,.0f} dollars are fees and {cost:,.0f} spread and slippage; without them it would "
        f"have {'lost' if before < 0 else 'made'} {abs(before):,.0f}."
    )
