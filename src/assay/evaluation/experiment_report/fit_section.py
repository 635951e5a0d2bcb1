"""Sections on how the fits of a run agree: folds, seeds, and what they lean on."""

from collections.abc import Mapping, Sequence
from html import escape
from statistics import median
from typing import Any

from assay.evaluation.experiment_report.parts import THIN, note, percent, plain
from assay.evaluation.experiment_report.weights import HEAD, TOP
from assay.evaluation.page import table
from assay.evaluation.svg_points import points_plot
from assay.evaluation.svg_rows import interval_plot

METRICS = {
    "net_sharpe": ("net Sharpe ratio", 1.0, 2),
    "net_return": ("net return, %", 100.0, 1),
    "log_loss_gain": ("log-loss gain, 1e-4 nats", 1e4, 1),
    "information_coefficient": ("information coefficient", 1.0, 3),
}
"""How a primary metric is called, times what it is shown, and with how many digits."""
MOST_SEEDS = 6
"""So many seeds have a column of their own."""


def folds(told: Mapping[str, Any]) -> str:
    """Return every fold with every seed, by net Sharpe ratio and by the primary metric."""
    rows = told["folds"]
    if not rows:
        return THIN.format("No fold is kept.")
    primary = told["primary_metric"]
    further = [primary] if primary not in ("net_sharpe", "net_return") else []
    shown = ["net_sharpe", *(each for each in [primary] if each != "net_sharpe")]
    found = "".join(_scatter(rows, metric) for metric in shown)
    cells = [
        [
            str(one["fold"]),
            str(one["seed"]),
            f"{one['first_day']} to {one['last_day']}",
            one["days"],
            one["trades"],
            plain(one["net_sharpe"]),
            percent(one["net_return"]),
            percent(one["hit_rate"]),
            *(_scaled(one, metric) for metric in further),
        ]
        for one in rows
    ]
    heads = ["fold", "seed", "tested on", "days", "trades", "Sharpe", "return", "hits"]
    return found + table([*heads, *(METRICS[metric][0] for metric in further)], cells)


def _scatter(rows: Sequence[Mapping[str, Any]], metric: str) -> str:
    name, times, _ = METRICS[metric]
    by_fold: dict[int, list[tuple[str, float]]] = {}
    for one in rows:
        value = float("nan") if one[metric] is None else one[metric] * times
        by_fold.setdefault(one["fold"], []).append((f"seed {one['seed']}", value))
    groups = [(f"{fold}", points) for fold, points in sorted(by_fold.items())]
    title = f"Fold by fold and seed by seed: {name}"
    return f"<h3>{escape(title)}</h3>" + points_plot(
        groups, title=title, across="fold; a dot a seed, the bar their median", up=name
    )


def _scaled(one: Mapping[str, Any], metric: str) -> str:
    _, times, digits = METRICS[metric]
    return "–" if one[metric] is None else plain(one[metric] * times, digits)


def seeds(told: Mapping[str, Any]) -> str:
    """Return what each seed found over all folds."""
    found, figures = told["seeds"], told["figures"]
    if len(found["by_seed"]) < 2:
        return (
            "<p>Nothing in the member is random: one seed is all there is.</p>"
            if len(told["seeds_asked"]) > 1
            else "<p>One seed was asked for, which says nothing about others.</p>"
        )
    points = [
        (f"seed {one['seed']}", one["net_sharpe"])
        for one in found["by_seed"]
        if one["net_sharpe"] is not None
    ]
    plot = points_plot(
        [(f"{len(points)} seeds", points)],
        title="Net Sharpe ratio of every seed, over all folds",
        across="a dot a seed, the bar their median",
        up="net Sharpe ratio",
    )
    rows = [
        [
            str(one["seed"]),
            plain(one["net_sharpe"]),
            percent(figures["hit_rate"][str(one["seed"])]),
            _nats(figures["log_loss_gain"][str(one["seed"])]),
            plain(figures["information_coefficient"][str(one["seed"])], 3),
            int(figures["trades"][str(one["seed"])]),
        ]
        for one in found["by_seed"]
    ]
    heads = ("seed", "net Sharpe", "hits", "gain, 1e-4 nats", "IC", "trades")
    said = note(
        f"Median {plain(found['median'])}, from {plain(found['low'])} to {plain(found['high'])}, "
        f"n = {len(points)} seeds. Seeds are averaged into one trial; the best of them is none."
    )
    return plot + table(heads, rows) + said


def _nats(value: float | None) -> str:
    return "–" if value is None else plain(value * 1e4, 1)


def importance(told: Mapping[str, Any]) -> str:
    """Return what the member leans on, from the least to the most over the folds."""
    found = told["importance"]
    if found is None:
        return THIN.format("The member gives no account of what it leans on, or reads no column.")
    columns = found["columns"][:TOP]
    count = len(found["folds"])
    plot = interval_plot(
        [(one["column"], one["mean"], one["low"], one["high"]) for one in columns],
        title="How far answers move when rows swap a column: mean, least and most over folds",
        unit="",
        digits=3,
        names=230.0,
    )
    shown = found["folds"][:MOST_SEEDS]
    rows = [
        [
            one["column"],
            plain(one["mean"], 4),
            f"{one['best_place']} to {one['worst_place']}",
            *(plain(value, 4) for value in one["by_fold"][: len(shown)]),
        ]
        for one in columns
    ]
    heads = ["column", "mean", "place", *(f"fold {one['fold']}" for one in shown)]
    left = len(found["columns"]) - len(columns)
    said = f"{count} fold{'s' if count != 1 else ''}, each under its first seed alone."
    if found["stability"] is not None:
        said += f" Between folds the ranks of all columns correlate by {found['stability']:.2f}"
        said += f"; of the first {HEAD} columns {found['shared']:.0%} are the same."
    if left:
        said += f" {left} more columns are in the data that --json prints."
    return plot + table(heads, rows) + note(said)


def middle(by_seed: Mapping[str, float | None]) -> float | None:
    """Return the median of what the seeds found, None where none found anything."""
    known = [value for value in by_seed.values() if value is not None]
    return float(median(known)) if known else None
