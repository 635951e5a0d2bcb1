"""Sections on the account of a run: equity, kinds of days, costs."""

from collections.abc import Mapping
from typing import Any

from assay.evaluation.experiment_report.curves import OWN
from assay.evaluation.experiment_report.parts import THIN, note, percent, plain
from assay.evaluation.page import show, table
from assay.evaluation.svg import Band, Line, time_plot
from assay.evaluation.svg_rows import interval_plot

STYLES = {OWN: "a", "ridge": "b", "hold": "c", "momentum": "d", "naive": "e"}
MEANT = {
    "hold": "equal weights of the instruments held, without costs",
    "momentum": "the side of the last move",
    "naive": "always the usual side",
    "ridge": "the simplest model that learns, on the same folds",
}
TIMES = {"gross": "no costs", "net": "as they are", "double": "twice as high"}


def equity(told: Mapping[str, Any]) -> str:
    """Return equity with its band beside the baselines, their Sharpe ratios, and each year."""
    found = told["equity"]
    lines = [Line(name, curve, STYLES[name]) for name, curve in found["curves"].items()]
    band = Band("95 % band", found["low"], found["high"]) if found["low"] != found["high"] else None
    drawn = time_plot(found["days"], lines, band, unit="", title="Equity net of costs, start = 1")
    meant = "; ".join(f"{n}: {MEANT[n]}" for n in found["curves"] if n in MEANT)
    said = (
        "Tested days alone, net of costs, the mean over seeds. The band holds 95 % of what the "
        f"same days in other orders of blocks would have given. {meant}."
    )
    if "ridge" not in found["curves"]:
        said += " Ridge is not drawn: this run is ridge itself, or its verdict names no fit of it."
    years = found["years"]
    sharpes = [[name, show(one)] for name, one in found["sharpe"].items()]
    rows = [[name, *(percent(v) for v in values)] for name, values in years["rows"].items()]
    return (
        f"{drawn}{note(said)}<h3>Sharpe ratio a year</h3>{table(['', 'Sharpe'], sharpes, OWN)}"
        f"<h3>Return by year</h3>{table(['', *years['years'], 'all'], rows, OWN)}"
    )


def kinds(told: Mapping[str, Any]) -> str:
    """Return the result on quiet, usual and stormy days."""
    found = told["kinds_of_days"]
    if not found:
        return THIN.format("There are too few days to tell kinds of them apart.")
    plot = interval_plot(
        [(one["kind"], *(one["sharpe"][n] for n in ("value", "low", "high"))) for one in found],
        title="Net Sharpe ratio by kind of days",
        unit="",
        digits=2,
    )
    rows = [
        [one["kind"], one["days"], percent(one["net"], 2), show(one["sharpe"]),
         percent(one["hold"], 2)]
        for one in found
    ]  # fmt: skip
    heads = ("days", "how many", "net, summed", "Sharpe", "hold, summed")
    return (
        plot
        + table(heads, rows)
        + note(
            "Days in thirds by the volatility of what was held over the 20 days before them: as "
            "the gate's check regimes tells them apart."
        )
    )


def costs(told: Mapping[str, Any]) -> str:
    """Return the result with no costs, with them, and twice as high."""
    found = told["costs"]
    rows = found["rows"]
    plot = interval_plot(
        [
            (TIMES[row["kind"]], *(row["sharpe"][n] for n in ("value", "low", "high")))
            for row in rows
        ],
        title="Sharpe ratio by costs",
        unit="",
        digits=2,
        strong=TIMES["net"],
    )
    cells = [
        [
            TIMES[row["kind"]],
            show(row["sharpe"]),
            show(row["total_return"], percent=True),
            plain(row["mean"] * 1e4),
        ]
        for row in rows
    ]
    even = found["break_even"]
    said = (
        "It breaks even at no multiple of the costs: before them nothing is earned, or nothing was "
        "paid"
        if even is None
        else f"It breaks even at {even:.2f} times the costs, by the mean daily return in a line"
    )
    heads = ("costs", "Sharpe", "return", "1e-4 a day")
    return f"{plot}{table(heads, cells, TIMES['net'])}<p>{said}.</p>"
