"""The page of `bench/news.py`: whether news helps, every figure of a result out of its runs."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from assay.evaluation.statistics.paired import POWER, holm

SIZE = 0.05
MOST = 0.0005
"""Below this a p-value is not written out."""

HEAD = """\
# Does news help here?

Written by `bench/news.py` from its runs; no figure of a result was typed. Each line is one
experiment of the library, run twice on the same bars, folds, rows and seeds, with the features of
news and without them ([how to do it yourself](../how-to/ablate.md)). A gain is above 0 where news
help. Everything is over blocks of whole days and all instruments at once; p is two-sided, of the
test of Diebold and Mariano on the daily differences of log loss. Climatology knows nothing but how
often the price rose before.
"""
OTHERS = """\
The error is the mean distance of what came from the middle forecast, in units of expected
volatility. Nothing here is corrected for how much there is of it.
"""
FOOT = """\
## How to read it

- **No difference** is said of this data, these features and this scorer of words, a rule-based one.
  It does not say that news cannot help, only that a gain larger than the one in *would have shown*
  is unlikely to have been missed.
- **What is tested** is the model as it was fitted on so few days. Columns that are worth a little
  and cost an estimate can lose.
- **First seen** decides everything. A headline that only names its day is joined when that day is
  over, which gives away most of what it was worth to those who read it in the morning; joined on
  its day it would have known the close.
- **The shares** are those of one public set, chosen when it was made, and their daily prices were
  adjusted for splits afterwards. Their tweets end before their bars do.
- **Trials** are counted: every configuration of the family that was ever run in the workspace.

To repeat it: `python bench/news.py DATA --docs docs/explanation/does-news-help.md`, with the files
named above.
"""
LOSSES = (
    "case", "member", ">log loss with", ">without", ">climatology", ">gain, 1e-4 nats",
    ">95 % interval", ">p", ">p, all", ">would have shown", "verdict",
)  # fmt: skip
ELSE = (
    "case", "member", ">error gain, %", ">net Sharpe with", ">without", ">gain", ">hit rate with",
    ">without", ">gain, points",
)  # fmt: skip
BASIS = (
    "case", "what", ">stories stored", "first seen", "tested", ">days", ">rows compared",
    ">tested rows with a new story", ">trials",
)  # fmt: skip

Found = Mapping[str, Mapping[str, Any]]
Live = Sequence[tuple[str, Mapping[str, Any], int]]
"""Case, ablation, and for how many its call was corrected."""


def page(found: Found, cases: Mapping[str, tuple[str, str]], control: str) -> str:
    """Return the page; `cases` gives the title of each case and what it rests on."""
    names = [name for name in cases if name in found]
    live = [
        (name, one, found[name]["corrected_for"])
        for name in names
        for one in found[name]["ablations"]
        if one["compared"]
    ]
    adjusted = holm(np.array([_p_value(one) for _, one, _ in live])).tolist()
    said = [_verdict(one, p) for (_, one, _), p in zip(live, adjusted, strict=True)]
    silent = [
        f"- {name}, {one['model']}: {one['sentence']}."
        for name in names
        for one in found[name]["ablations"]
        if not one["compared"]
    ]
    parts = [HEAD, "## The answer\n", _answer(live, said), _losses(live, adjusted, said), *silent]
    parts += ["## What else changed\n", OTHERS, _others(live)]
    parts += ["## What it rests on\n", _basis(found, names, cases)]
    if control in found:
        parts += ["## Would it have been seen?\n", _control(found[control]["ablations"][0])]
    parts += [FOOT, _versions(found)]
    return "\n".join(parts)


def _p_value(one: Mapping[str, Any]) -> float:
    found = _gain(one, "log_loss")["p_value"]
    return float("nan") if found is None else float(found)


def _verdict(one: Mapping[str, Any], adjusted: float) -> str:
    """Return what can be said of a gain after the correction for the whole page."""
    gain = _gain(one, "log_loss")
    if adjusted <= SIZE and gain["low"] > 0:
        return "helps"
    return "hurts" if adjusted <= SIZE and gain["high"] < 0 else "no difference"


def _gain(one: Mapping[str, Any], measure: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = one["compared"]["measures"][measure]["gain"]
    return found


def _answer(live: Live, said: Sequence[str]) -> str:
    better = sum(
        one["compared"]["measures"]["log_loss"]["with"] < one["compared"]["climatology"]
        for _, one, _ in live
    )
    return (
        f"Of {len(said)} ablations, corrected together (Holm, {SIZE * 100:.0f} % for all of them): "
        f"news helped in {said.count('helps')}, hurt in {said.count('hurts')}, and made no\n"
        f"difference that can be told from chance in {said.count('no difference')}. With news, "
        f"{better} of the {len(said)} had a lower log loss than climatology; whether by more than\n"
        "chance is another question, and not asked here.\n"
    )


def _losses(live: Live, adjusted: Sequence[float], said: Sequence[str]) -> str:
    rows = []
    for (name, one, many), p, word in zip(live, adjusted, said, strict=True):
        gain, loss = _gain(one, "log_loss"), one["compared"]["measures"]["log_loss"]
        shown = gain["detectable"] * _wider(len(live), many)
        value, low, high = (gain[each] * 1e4 for each in ("value", "low", "high"))
        levels = [loss["with"], loss["without"], one["compared"]["climatology"]]
        figures = [f"{level:.5f}" for level in levels]
        figures += [f"{value:.1f}", f"{low:.1f} to {high:.1f}", _p(gain["p_value"]), _p(p)]
        rows.append([name, one["model"], *figures, f"{shown * 1e4:.1f}", word])
    return _table(LOSSES, rows)


def _wider(tests: int, before: int) -> float:
    """Return how much larger a difference must be to show when more are tested together."""
    normal = NormalDist()
    at = [normal.inv_cdf(1 - SIZE / each / 2) + normal.inv_cdf(POWER) for each in (tests, before)]
    return at[0] / at[1]


def _others(live: Live) -> str:
    rows = []
    for name, one, _ in live:
        told = one["compared"]["measures"]
        cells = [name, one["model"], _ends(_gain(one, "mae_percent"), 1, 2)]
        for measure, factor, digits in (("net_sharpe", 1, 2), ("hit_rate", 100, 1)):
            ends = (told[measure][side] * factor for side in ("with", "without"))
            cells += [_short(end, digits) for end in ends]
            cells.append(_ends(_gain(one, measure), factor, digits))
        rows.append(cells)
    return _table(ELSE, rows)


def _ends(gain: Mapping[str, Any], factor: float, digits: int) -> str:
    value, low, high = (_short(gain[name] * factor, digits) for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _short(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}"  # a nought has no sign


def _basis(found: Found, names: Sequence[str], cases: Mapping[str, tuple[str, str]]) -> str:
    rows = []
    for name in names:
        one, stored = found[name]["ablations"][0], found[name]["stories"]
        says, compared = one["informed"], one["compared"] or {}
        share = says["tested_informed"] / max(says["tested"], 1) * 100
        rows.append(
            [
                name,
                cases[name][0],
                f"{sum(each['stories'] for each in stored):,}",
                f"{min(each['first'] for each in stored)} to {max(e['last'] for e in stored)}",
                f"{compared.get('first_day', '–')} to {compared.get('last_day', '–')}",
                f"{compared.get('days', 0):,}",
                f"{compared.get('rows', 0):,}",
                f"{says['tested_informed']:,} of {says['tested']:,} ({share:.0f} %)",
                str(one["tried"]),
            ]
        )
    notes = [f"- `{name}`: {cases[name][1]}." for name in names]
    return "\n".join([_table(BASIS, rows), *notes]) + "\n"


def _control(one: Mapping[str, Any]) -> str:
    gain, sharpe = _gain(one, "log_loss"), _gain(one, "net_sharpe")
    return (
        "The same command on a [simulated market](simulated-market.md) whose makers let the tone "
        f"of a story move the price\nfor three hours: a gain of {_ends(gain, 1e4, 1)} 1e-4 nats on "
        f"{one['compared']['days']:,} days, p {_p(gain['p_value'])}, a net Sharpe ratio\n"
        f"{_ends(sharpe, 1, 2)} higher: **{one['verdict']}** (simulated).\n"
    )


def _versions(found: Found) -> str:
    """Return what the page was made with."""
    each = {
        f"{one['code_version']}{' and changes not yet committed' if one['uncommitted'] else ''}, "
        f"code {one['code_digest']}, run on {one['ran_on']}"
        for one in found.values()
    }
    return f"Made with Assay {'; '.join(sorted(each))}.\n"


def _p(value: float) -> str:
    return "< 0.001" if value < MOST else f"{value:.3f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; heads that begin with ">" are of numbers."""
    line = "|".join("--:" if head.startswith(">") else "---" for head in heads)
    names = " | ".join(head.lstrip(">") for head in heads)
    return "\n".join([f"| {names} |", f"|{line}|", *(f"| {' | '.join(r)} |" for r in rows), ""])
