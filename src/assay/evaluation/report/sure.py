"""Sections on what was known: tiers, reliability, members."""

from collections.abc import Mapping
from typing import Any

from assay.evaluation.page import table
from assay.evaluation.report.blocks import block, drawn_block
from assay.evaluation.svg import number
from assay.evaluation.svg_reliability import reliability_plot
from assay.evaluation.svg_rows import interval_plot

SHOWN_MEMBERS = 24
COLUMNS = (
    "who", "forecasts", "Brier", "reliability", "resolution", "uncertainty", "within", "apart",
    "by chance",
)  # fmt: skip


def tiers(report: Mapping[str, Any]) -> str:
    """Return how often each tier was right, and what it moved."""
    title = "Mean move to the pool's side, in expected volatility"
    return drawn_block(report["tiers"], title, digits=3, names=190.0)


def reliability(found: Mapping[str, Any]) -> str:
    """Return the pool's reliability diagram, the scores taken apart, and every member's diagram."""
    if not found["said"]:
        return '<p class="thin">Reliability: there is too little to draw.</p>'
    note = (
        '<p class="note">Each dot is a group of forecasts, all of equal size, with the wider of '
        "Wilson’s interval and that of resampled blocks of days. On the dashed line, what was said "
        "to be 52 % likely came 52 % of the time. Dots in a flat row say that the probabilities "
        "tell nothing; dots that climb less than the line, that they were too sure of themselves. "
        "Beneath, how many forecasts said what; the outermost bars hold all beyond them.</p>"
    )
    pool = reliability_plot(found, title="Reliability of the pool")
    return f'<div class="beside">{pool}{note}</div>{_scores(found)}{_each(found)}'


def _scores(found: Mapping[str, Any]) -> str:
    named = [("pool", found["brier"])] if found["brier"] else []
    named += [(one["name"], one["brier"]) for one in found["members"]]
    rows = [
        [
            name,
            brier["n"],
            f"{brier['score']['value']:.4f} [{brier['score']['low']:.4f}, "
            f"{brier['score']['high']:.4f}]",
            *(number(brier[key], 5) for key in ("reliability", "resolution")),
            number(brier["uncertainty"], 4),
            number(brier["within"], 5),
            number(brier["error"] * 100, 1),
            number(brier["by_chance"] * 100, 1),
        ]
        for name, brier in named
    ]
    return (
        f"<h3>The Brier score, taken apart</h3>{table(COLUMNS, rows, 'pool')}"
        '<p class="note">Brier = reliability − resolution + uncertainty + within, exactly (Murphy '
        "1973; the last is how forecasts differ inside a group). Less is better, but for "
        "resolution. “Apart” is the expected calibration error: how many points said and happened "
        "lie apart, on average over the groups; beside it what that would be by chance alone if "
        "the forecasts were right. Bars that moved alone.</p>"
    )


def _each(found: Mapping[str, Any]) -> str:
    shown = found["members"][:SHOWN_MEMBERS]
    drawn = "".join(reliability_plot(one, title=str(one["name"]), small=True) for one in shown)
    left = len(found["members"]) - len(shown)
    more = f'<p class="note">{left} more stand in the table alone.</p>' if left else ""
    return f'<h3>Each member</h3><div class="many">{drawn}</div>{more}' if shown else ""


def members(found: Mapping[str, Any]) -> str:
    """Return each member's gain over climatology."""
    rows = [tuple(row) for row in found["plot"] if None not in row]
    strong = next((row[0] for row in rows if row[0].startswith("pool")), "")
    plot = interval_plot(
        rows,
        title="Log-score gain over climatology, 1e-4 nats a forecast",
        unit="",
        strong=strong,
    )
    head = "<h3>Log-score gain over climatology, out of sample, in 1e-4 nats a forecast</h3>"
    return head + plot + block(found, strong)
