"""Sections on having chosen: deflation over the number of trials, and overfitting."""

from collections.abc import Mapping
from typing import Any

from assay.evaluation.experiment_report.parts import THIN, note, percent, plain
from assay.evaluation.page import table
from assay.evaluation.svg import Line
from assay.evaluation.svg_marked import border_plot, count_plot

AXIS = "number of trials"
NAN = float("nan")


def deflation(told: Mapping[str, Any]) -> str:
    """Return the deflated Sharpe ratio over the number of trials, with the family's own marked."""
    found = told["deflation"]
    if found["probability_at_ideas"] is None:
        return THIN.format("The returns of its idea say nothing of a Sharpe ratio.")
    values = [NAN if value is None else value for value in found["probability"]]
    plot = count_plot(
        found["trials"],
        [Line("deflated Sharpe", values, "a")],
        marks(found),
        title="Deflated Sharpe ratio against the number of trials",
        across=AXIS,
        levels=[(0.95, "0.95: PILOT")],
        span=(0.0, 1.0),
    )
    wanted = {1, 10, 100, found["ideas"], found["registered"]}
    rows = [
        [count, plain(hurdle), percent(probability, 1)]
        for count, hurdle, probability in zip(
            found["trials"], found["hurdle"], found["probability"], strict=True
        )
        if count in wanted
    ]
    return (
        plot
        + table((AXIS, "best Sharpe of luck", "above it with"), rows)
        + note(
            f"The probability that its idea (Sharpe ratio {plain(found['sharpe_of_idea'])}) is "
            "better than the best of so many without skill (Bailey & López de Prado 2014). The "
            "gate counts ideas: trials that earn and lose on the same days are one, and each "
            "without returns, tries of searches too, is another."
        )
    )


def marks(found: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return where the family's own numbers of trials lie on the axis."""
    ideas, registered = found["ideas"], found["registered"]
    if ideas == registered:
        return [(ideas, f"{ideas} registered, as many ideas")]
    return [(ideas, f"{ideas} ideas (N_eff)"), (registered, f"{registered} registered (N)")]


def overfit(told: Mapping[str, Any]) -> str:
    """Return how the best of the family's trials ranks on days it was not chosen on."""
    found = told["overfitting"]
    if found is None:
        return THIN.format("There were fewer than four trials with returns, or too few days: no "
                           "choice that could be judged.")  # fmt: skip
    plot = border_plot(
        found["edges"],
        found["counts"],
        title="Rank on other days of the trial that was best on half the days",
        below=f"no better than the middle: {percent(found['probability'], 0)}",
        above="better",
        across="logit of the rank out of sample",
        of="partitions",
    )
    rows = [
        ["probability of backtest overfitting", percent(found["probability"])],
        ["probability that the one chosen loses", percent(found["probability_of_loss"])],
        ["slope of out of sample on in sample", plain(found["slope"])],
        ["trials", found["trials"]],
        ["partitions", found["partitions"]],
    ]
    return (
        plot
        + table(("", "value"), rows)
        + note(
            "The days in 16 blocks: each half of them chooses the trial of highest Sharpe ratio, "
            "the other half ranks it (Bailey, Borwein, López de Prado & Zhu 2017). About a half is "
            "what noise gives, and one small family scatters widely; the gate lets up to 20 % pass."
        )
    )
