"""How ablations look in a terminal: for each what was gained by which measure, and a sentence."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from assay.cli import say
from assay.evaluation.page import minus

if TYPE_CHECKING:
    from rich.console import RenderableType

NOTHING = "–"
MEASURES = {
    "log_loss": ("log loss, nats a row", 5),
    "mae_percent": ("error of the middle forecast; gain in %", 3),
    "net_sharpe": ("net Sharpe ratio", 2),
    "hit_rate": ("hit rate", 4),
}
"""What each measure is called, and how many digits of it are shown."""
HEADS = ("", ">with", ">without", ">gain", ">95 % interval", ">p", ">would have shown")


def ablated(found: Mapping[str, Any]) -> "RenderableType":
    """Return a table for every ablation, on how much it rests, and what is to be thought of it."""
    from rich.console import Group
    from rich.text import Text

    each = found["ablations"]
    runs = {run for one in each for run in (one["run_with"], one["run_without"]) if run}
    said = f"{len(runs)} runs, {found['fitted']} of them run now. A gain above 0 is one that helps."
    if found["corrected_for"] > 1:
        said += (
            f" What is said of each is corrected for {found['corrected_for']} ablations (Holm); "
            "p in the tables is not."
        )
    parts = [part for one in each for part in _one(one)]
    return Group(*parts, Text(said, style="dim"))


def _one(one: Mapping[str, Any]) -> "Iterator[RenderableType]":
    from rich.text import Text

    mark = " (simulated)" if one["simulated"] else ""
    title = f"{one['title']}, {one['change']}{mark}"
    compared = one["compared"]
    if compared is None:
        yield Text(title, style="bold")
    else:
        rows = [_row(name, compared["measures"][name]) for name in MEASURES]
        yield say.table(title, HEADS, rows)
        yield Text(_basis(one), style="dim")
    yield Text(f"{minus(one['sentence'])}.\n")


def _basis(one: Mapping[str, Any]) -> str:
    """Return on how much a comparison rests."""
    compared, informed = one["compared"], one["informed"]
    told = (
        f"{compared['rows']:,} rows on {compared['days']:,} days, {compared['first_day']} to "
        f"{compared['last_day']}"
    )
    if compared["climatology"] is not None:
        told += f"; climatology has a log loss of {compared['climatology']:.5f}"
    if compared["days_apart"]:
        told += f"; {compared['days_apart']:,} days left out, on which other rows were judged"
    if informed is not None:
        share = informed["tested_informed"] / max(informed["tested"], 1)
        told += (
            f"; {informed['by']}: {informed['tested_informed']:,} of {informed['tested']:,} tested "
            f"rows ({share * 100:.0f} %)"
        )
    return f"{told}; {one['tried']} configurations were ever tried in {one['family']}"


def _row(name: str, measure: Mapping[str, Any]) -> tuple[str, ...]:
    what, digits = MEASURES[name]
    gain = measure["gain"]
    low, high = (_number(gain[end], digits) for end in ("low", "high"))
    return (
        what,
        _number(measure["with"], max(digits, 4) if name == "mae_percent" else digits),
        _number(measure["without"], max(digits, 4) if name == "mae_percent" else digits),
        _number(gain["value"], digits),
        NOTHING if NOTHING in (low, high) else f"{low} to {high}",
        _number(gain["p_value"], 3),
        _number(gain["detectable"], digits),
    )


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else minus(f"{value:.{digits}f}")
