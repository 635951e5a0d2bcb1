"""A family of experiments as an HTML file: all trials, the best of them, and what luck would do."""

from collections.abc import Mapping
from html import escape
from typing import Any

from assay.evaluation.experiment_report import choice_section
from assay.evaluation.experiment_report.parts import (
    THIN,
    facts,
    framed,
    measured,
    note,
    percent,
    plain,
    remarks,
)
from assay.evaluation.page import show, table
from assay.evaluation.report.summary import card
from assay.evaluation.svg import Line, time_plot
from assay.evaluation.svg_marked import count_plot
from assay.evaluation.svg_matrix import correlation_plot
from assay.evaluation.svg_rows import interval_plot

MOST_ROWS = 40
"""Intervals beyond which a plot says no more than the table."""


def family_page(told: Mapping[str, Any]) -> str:
    """Return the HTML of a family, the plain data of `assay experiment report --family --json`."""
    counts = told["counts"]
    sections = [
        ("Findings", remarks(told["findings"])),
        ("What it is held to", _held(told)),
        ("Trials", _trials(told)),
        ("Equity", _equity(told)),
        ("The best beside luck", _noise(told)),
        ("Overfitting", choice_section.overfit(told)),
        ("Ideas", _ideas(told)),
        ("Alpha", _alpha(told)),
        ("The lock box", _looks(told)),
    ]
    under = (
        f"{counts['registered']:,} configurations tried, {counts['finished']:,} of them finished"
        + (f", {counts['tries']:,} tries of searches among them" if counts["tries"] else "")
        + f"; all in the order of registration. Primary metric: {escape(told['primary_metric'])}."
    )
    head = f'<p class="verdict">{escape(told["sentence"])}</p>{_cards(told)}'
    return framed(
        f"Family: {told['family']}", under, head, sections, simulated=bool(told["simulated"])
    )


def _cards(told: Mapping[str, Any]) -> str:
    noise, overfit = told["noise"], told["overfitting"]
    best = next((one for one in told["trials"] if one["id"] == told["best"]), None)
    shown = [
        card("Trials", f"{told['counts']['registered']:,}", "", "registered"),
        card("Ideas", "–" if noise is None else f"{noise['ideas']:,}", "", "N_eff"),
        card(
            "Best net Sharpe",
            "–" if best is None else show(best["net_sharpe"]),
            "",
            "" if best is None else best["title"],
        ),
        card(
            "Best of luck",
            "–" if noise is None else plain(noise["hurdle_at_registered"]),
            "",
            f"expected of {told['counts']['registered']:,} trials",
        ),
        card(
            "Overfitting",
            "–" if overfit is None else percent(overfit["probability"], 0),
            "",
            "probability (PBO)",
        ),
    ]
    return f'<div class="cards">{"".join(shown)}</div>'


def _held(told: Mapping[str, Any]) -> str:
    box = told["lock_box"]
    baseline = ", ".join(f"{name} {value}" for name, value in told["baseline"].items())
    return facts(
        [
            ("registered", f"{told['registered_at']:%Y-%m-%d %H:%M} UTC"),
            ("primary metric", told["primary_metric"]),
            ("baseline", baseline),
            ("lock box", "none" if box is None else f"from {box[0]} to {box[1] or 'the last bar'}"),
        ]
    )


def _trials(told: Mapping[str, Any]) -> str:
    rows = told["trials"]
    if not rows:
        return THIN.format("No trial is registered.")
    drawn = [
        (f"{one['order']}", *(one["net_sharpe"][name] for name in ("value", "low", "high")))
        for one in rows
        if one["net_sharpe"] and one["net_sharpe"]["low"] is not None
    ][-MOST_ROWS:]
    strong = next((f"{one['order']}" for one in rows if one["id"] == told["best"]), "")
    plot = interval_plot(
        drawn, title="Net Sharpe ratio by trial", unit="", digits=2, strong=strong, names=60.0
    )
    cells = [
        [
            one["order"],
            one["title"],
            one["id"],
            one["verdict"] or one["status"],
            show(one["net_sharpe"]) if one["net_sharpe"] else "–",
            measured(one["p"]),
            "–" if one["idea"] is None else str(one["idea"]),
            one["trades"],
        ]
        for one in rows
    ]
    heads = ("order", "trial", "run", "verdict", "net Sharpe", "p", "idea", "trades")
    said = note(
        "In order of registration, the newest attempt of each configuration; tries of searches are "
        "counted and not listed. p is the chance of such a Sharpe ratio without skill, with "
        "autocorrelation, not yet corrected for the number of trials. Intervals hold 95 % of "
        "resampled blocks of days."
    )
    return plot + table(heads, cells) + said


def _equity(told: Mapping[str, Any]) -> str:
    found = told["equity"]
    if not found["curves"]:
        return THIN.format("No trial has returns.")
    titles = {one["id"]: one["title"] for one in told["trials"]}
    nan = float("nan")
    lines = [
        Line(
            "best" if name == found["best"] else "",
            [nan if v is None else v for v in curve],
            "a" if name == found["best"] else "one",
        )
        for name, curve in found["curves"].items()
    ]
    plot = time_plot(
        found["days"], lines, None, unit="", title="Equity of every trial, the best marked"
    )
    rows = [[titles.get(name, name), percent(value)] for name, value in found["total"].items()]
    return (
        plot
        + note(
            f"{len(lines)} trial{'s' if len(lines) != 1 else ''}, net of costs, start = 1; the "
            "best by net Sharpe ratio is marked, which is no recommendation: it was chosen."
        )
        + table(("trial, best first", "return over its days"), rows)
    )


def _noise(told: Mapping[str, Any]) -> str:
    found = told["noise"]
    if found is None:
        return THIN.format("No trial has a Sharpe ratio.")
    nan = float("nan")
    plot = count_plot(
        found["trials"],
        [
            Line("luck, trials", [nan if v is None else v for v in found["hurdle"]], "a"),
            Line("luck, ideas", [nan if v is None else v for v in found["hurdle_of_ideas"]], "d"),
        ],
        choice_section.marks(found),
        title="Expected best Sharpe ratio of trials without skill",
        across="number of trials",
        levels=[(found["best_trial"], f"best found {plain(found['best_trial'])}")],
    )
    rows = [
        [
            f"best trial, of {found['registered']:,} registered",
            plain(found["best_trial"]),
            plain(found["hurdle_at_registered"]),
        ],
        [
            f"best idea, the mean of its trials, of {found['ideas']:,}",
            plain(found["best"]),
            plain(found["hurdle_at_ideas"]),
        ],
    ]
    return (
        plot
        + table(("", "found, a year", "by luck alone"), rows)
        + note(
            "What the best of so many without skill is expected to show (Bailey & López de Prado "
            "2014), from how far the Sharpe ratios of the trials, and of the ideas, lie apart."
        )
    )


def _ideas(told: Mapping[str, Any]) -> str:
    found = told["ideas"]
    if not found["groups"]:
        return THIN.format("No trial has returns.")
    order = {one["id"]: f"{one['order']}" for one in told["trials"]}
    plot = correlation_plot(
        [order.get(name, "?") for name in found["order"]],
        found["correlations"],
        found["borders"],
        title="Correlations of daily net returns",
    )
    rows = [
        [
            one["idea"],
            ", ".join(order.get(name, "?") for name in one["trials"]),
            len(one["trials"]),
            plain(one["inner_correlation"]),
            plain(one["sharpe"]),
        ]
        for one in found["groups"]
    ]
    heads = ("idea", "trials, by order", "how many", "mean correlation", "Sharpe of their mean")
    return (
        plot
        + table(heads, rows)
        + note(
            "Daily net returns, trials by their order of registration; blue together, orange "
            "against each other, deeper the stronger. Trials whose mean correlation is at least "
            "0.5 are one idea. Every number is in what --json prints."
        )
    )


def _alpha(told: Mapping[str, Any]) -> str:
    found = told["alpha"]
    if not found["rows"]:
        return THIN.format("The gate has judged no trial.")
    titles = {one["id"]: one["title"] for one in told["trials"]}
    spent = [row["spent"] * 100 for row in found["rows"]]
    budget = (found["budget"] or 0.0) * 100
    plot = count_plot(
        range(1, len(spent) + 1),
        [Line(f"spent {spent[-1]:.2f} %", spent, "a")],
        [],
        title="Alpha of the family spent, in percent",
        across="trials judged, in order",
        levels=[(budget, f"all of it: {budget:.0f} %")] if budget else [],
    )
    rows = [
        [
            titles.get(row["trial"], row["trial"]),
            "–" if row["idea"] is None else str(row["idea"]),
            f"{row['level'] * 100:.3f} %",
            measured(row["p"]),
            f"{row['spent'] * 100:.2f} %",
        ]
        for row in found["rows"]
    ]
    heads = ("trial", "idea then", "may be luck with", "p of its idea", "spent so far")
    return (
        plot
        + table(heads, rows)
        + note(
            "Each idea, in the order of registration, may spend its share once, whatever is tried "
            "of it later; the shares of all ideas there will ever be add up to the whole."
        )
    )


def _looks(told: Mapping[str, Any]) -> str:
    if not told["looks"]:
        return f"<p>{'Nobody has looked into it.' if told['lock_box'] else 'There is none.'}</p>"
    titles = {one["id"]: one["title"] for one in told["trials"]}
    rows = [
        [f"{one['at']:%Y-%m-%d %H:%M}", titles.get(one["trial"], one["trial"]), one["reason"]]
        for one in told["looks"]
    ]
    return table(("when, UTC", "for", "why"), rows)
