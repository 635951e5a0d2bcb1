"""One signal explained as an HTML file: what adds up to it, and what each member listened to."""

from collections.abc import Mapping
from html import escape
from typing import Any

from assay.evaluation.page import sheet
from assay.evaluation.svg_signed import signed_plot, sizes_plot, steps_plot

LEAST_PART = 5e-5
"""Members whose part is smaller, in log-odds, are not gone into: it is shown as 0.0000."""


def explained_page(found: Mapping[str, Any]) -> str:
    """Return the HTML of an explanation, the plain data that `assay explain --json` prints."""
    why = found["why"]
    body = f'<p class="verdict">{escape(why["sentence"])}</p>' + _pool(why)
    body += "".join(_member(part) for part in why["parts"] if abs(part["part"]) >= LEAST_PART)
    return sheet(
        f"{found['symbol']} {found['timeframe']}: {why['decision']}",
        f'<p class="soft">Bar of {escape(str(found["as_of"])[:16].replace("T", " "))} UTC, signal '
        f"{escape(found['id'])}. Conviction {why['conviction']:.0f} of 100, {why['tier']}, "
        f"{why['evidence']}.</p>",
        body,
        simulated=found["how"]["simulated"],
    )


def _pool(why: Mapping[str, Any]) -> str:
    rows = [
        (
            f"{part['member']} {part['timeframe']}",
            part["part"],
            f"{part['part']:+.4f}, weighs {part['weight'] * 100:.0f} %",
        )
        for part in why["parts"]
        if part["part"]
    ]
    plot = steps_plot(
        why["base_log_odds"],
        rows,
        title="From the usual rate of rises to what the members say together, in log-odds",
        first="usual rate of rises",
        last="together",
    )
    return (
        f"<section><h2>What it adds up from</h2>{plot}"
        '<p class="note">Log-odds of a rise, if it moves; the steps add up exactly.</p></section>'
    )


def _member(part: Mapping[str, Any]) -> str:
    name = f"{part['member']} {part['timeframe']}"
    head = f"<section><h2>What {escape(name)} listened to</h2>"
    if part["withheld"]:
        return f'{head}<p class="thin">Not shown: {escape(part["withheld"])}.</p></section>'
    drivers = [
        (one["column"], one["moved"], f"{one['moved']:+.3f}{_value(one['value'])}")
        for one in part["drivers"]
    ]
    body = signed_plot(drivers, title=f"What moved {name}, by column")
    if part["moments"]:
        stretches = [
            (f"{last} to {first} bars ago" if last else f"last {first + 1} bars", by, f"{by:+.3f}")
            for first, last, by in part["moments"]
        ]
        body += f"<h3>Which bars of its window</h3>{signed_plot(stretches, title=name)}"
    if part["leans_on"]:
        leans = [(name, by, f"{by:.3f}") for name, by in part["leans_on"]]
        body += (
            "<h3>What it leans on in general</h3>"
            + sizes_plot(leans, title=f"Permutation, {name}")
            + '<p class="note">How far its answers move when rows swap that column, over the span '
            "it was calibrated on.</p>"
        )
    how = (
        "by the member's own account"
        if part["method"] == "native"
        else ("by putting each column, or all columns of a stretch of bars, at the usual value")
    )
    return (
        f'{head}{body}<p class="note">In its own log-odds of a rise, before calibration and '
        f"weight; found {how}. It says what the member listens to, not what causes a move.</p>"
        "</section>"
    )


def _value(value: float | None) -> str:
    return "" if value is None else f", at {value:.3f}"
