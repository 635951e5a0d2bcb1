"""The page of what the library's experiments found on real prices; see `real_experiments.py`."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from textwrap import fill
from typing import Any

import sqlalchemy as sa

from assay.core.ids import digest
from assay.core.values.timeframe import Timeframe
from assay.evaluation.page import show
from assay.store.tables import RUN_FOLDS
from assay.workflows.desk import Desk
from assay.workflows.experiments.looking import one_run, past_runs
from assay.workflows.experiments.reading import library, read_experiments
from figures import machine

LAST_DAY = date(2022, 12, 31)
"""Later data is kept for the last judgement of all, and may not be on the page."""
PROMOTED = ("PAPER", "PILOT", "LIVE")
MOST_CHECKS = 6
NEWS = "[does news help?](does-news-help.md)"
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One run as the page shows it; `told` is what `assay experiment show --json` prints."""

    told: Mapping[str, Any]
    fits: int
    seconds: float
    peak_mb: float

    @property
    def asked(self) -> Mapping[str, Any]:
        """Return the configuration."""
        found: Mapping[str, Any] = self.told["configuration"]
        return found

    @property
    def figures(self) -> Mapping[str, Any]:
        """Return the figures of a finished run."""
        found: Mapping[str, Any] = self.told["figures"]
        return found

    @property
    def against(self) -> str:
        """Return the check that was the first to fail, and its sentence."""
        lines = self.told["verdict_lines"]
        failed = [line for line in lines if line["passed"] is False]
        unsure = [line for line in lines if line["passed"] is None]
        for line in (*failed, *unsure):
            return f"{line['check'].replace('_', ' ')}: {line['sentence'].rstrip('.')}"
        return "nothing speaks against it"


def rows_of(desk: Desk) -> list[Row]:
    """Return the newest finished run of every configuration, by family and in order there."""
    newest = {}
    for one in past_runs(desk, status="finished"):
        told = one_run(desk, one["id"])
        newest[digest(told["configuration"])] = told
    found = [_row(desk, told) for told in newest.values()]
    return sorted(found, key=lambda row: (row.told["family"], row.told["no"]))


def _row(desk: Desk, told: Mapping[str, Any]) -> Row:
    """Return a run with what all it fitted took: its own folds, its placebo's, its baseline's."""
    query = sa.select(RUN_FOLDS.c.seconds, RUN_FOLDS.c.peak_mb).where(
        RUN_FOLDS.c.trial_id == told["id"],
        RUN_FOLDS.c.peak_mb.is_not(None),  # whether features hold is kept there too: it is no fit
    )
    with desk.database.read() as connection:
        fits = connection.execute(query).all()
    peak = max((fit.peak_mb for fit in fits), default=0.0)
    return Row(told, len(fits), sum(fit.seconds for fit in fits), peak)


HEAD = """# The library on real prices

Written by `bench/real_experiments.py` from the database of one workspace; nothing here is typed by
hand, and nothing is left out because of what it says. Every experiment of the library whose bars
were at hand was run once, as it stands in its file, and judged by the gate.
"""
FOUND = """
## What was found

By family, and in each in order of registration. *Net Sharpe* is annual, after costs, of the tests
together and the mean over seeds, with a 95 % interval over blocks of days; *hit rate* and *rank IC*
are of the forecast, the median over seeds: how often the side leaned to was right of the bars that
moved, and the correlation of the lean's rank with what came. *Trials* is how many configurations
were ever tried in the family, runs that failed and tries of a search included. The last column is
the first check that failed; most runs fail several.

{table}
"""
TOOK = """
## What it was tested on, and what it took

*Tested* are the days of all tests together. *Fits* and their *seconds* are all that the run had to
fit: its own folds and seeds, the placebo, ridge beside it; a search of one fold counts as a fit.
What another run had fitted already is not fitted again, and not counted again. *Peak* is the most
memory that one worker held; what workers share is in it.

{table}
"""
MADE = """
## How it was made

- {bars}
- {span}
- {code}
- {machine}

From a folder with these files; what is stopped goes on where it was:

```text
python bench/real_experiments.py HOME --data DATA
python bench/real_experiments.py HOME --page docs/explanation/real-experiments.md
```
"""


def page(desk: Desk, why: Mapping[str, str]) -> str:
    """Return the page of all that the workspace's database holds, in Markdown."""
    rows = rows_of(desk)
    if not rows:
        sys.exit(f"{desk.home} holds no finished run yet")
    parts = [HEAD, _summary(rows), FOUND.format(table=_found(rows)), _notes(desk, rows)]
    parts += [TOOK.format(table=_took(rows)), _left_out(desk, rows, why)]
    parts.append(
        MADE.format(
            bars=_bars(desk),
            span=_span(rows),
            code=f"Code {_code(rows)}; {_libraries(rows)}.",
            machine=_machine(rows),
        )
    )
    return "".join(parts)


def _summary(rows: Sequence[Row]) -> str:
    """Return what became of all runs in a paragraph."""
    verdicts = Counter(row.told["verdict"] for row in rows)
    reached = sum(verdicts[name] for name in PROMOTED)
    gained = sum((_middle(row, "log_loss_gain") or 0.0) > 0 for row in rows)
    sharpes = [row.figures["net_sharpe"] for row in rows]
    above = sum((one["low"] or 0.0) > 0 for one in sharpes)
    below = sum(one["high"] is not None and one["high"] < 0 for one in sharpes)
    silent = sum(one["value"] is None for one in sharpes)
    gross = [row.figures["sharpe"]["gross"] for row in rows]
    eaten = sum(
        (before or 0.0) > 0 and (one["value"] or 0.0) <= 0
        for before, one in zip(gross, sharpes, strict=True)
    )
    others = ", ".join(f"{verdicts[name]} {name}" for name in ("INSUFFICIENT", "FAIL"))
    best = [row.told["title"] for row in rows if row.told["verdict"] in PROMOTED]
    named = f" ({', '.join(best)})" if best else ""
    checks = Counter(
        line["check"].replace("_", " ")
        for row in rows
        for line in row.told["verdict_lines"]
        if line["passed"] is False
    )
    most = ", ".join(f"{name} {count}" for name, count in checks.most_common(MOST_CHECKS))
    return _paragraph(
        f"**Of {len(rows)} runs {reached} reached PAPER or better{named}; {others}.** "
        f"{gained} of them foretold better than climatology by the median of their seeds, "
        f"{above} had a net Sharpe ratio whose interval lies above zero, {below} one whose "
        f"interval lies below it, and {silent} never traded. {eaten} earned something before costs "
        f"and nothing after them. The checks that most runs failed: {most}."
    )


def _found(rows: Sequence[Row]) -> str:
    heads = ["family", "run", "model", "market", "label", ">net Sharpe", ">hit rate", ">rank IC"]
    return _table(
        [*heads, ">trials", "verdict", "first that failed"],
        [
            (
                row.told["family"],
                row.told["title"],
                row.asked["model"]["name"],
                f"{', '.join(row.asked['data']['instruments'])} {row.asked['data']['timeframe']}",
                _label(row.asked["label"]),
                show(row.figures["net_sharpe"]),
                _percent(_middle(row, "hit_rate")),
                _number(_middle(row, "information_coefficient")),
                row.told["tried_in_family"],
                row.told["verdict"],
                row.against,
            )
            for row in rows
        ],
    )


def _took(rows: Sequence[Row]) -> str:
    heads = ["run", "tested", ">days", ">folds", ">seeds", ">fits", ">seconds", ">peak MB"]
    return _table(
        heads,
        [
            (
                row.told["title"],
                f"{_first(row)} to {_last(row)}",
                f"{row.figures['days']:,}",
                row.figures["folds"],
                len(row.figures["net_sharpe_by_seed"]),
                f"{row.fits:,}",
                f"{row.seconds:,.0f}",
                f"{row.peak_mb:,.0f}" if row.fits else "–",
            )
            for row in rows
        ],
    )


def _notes(desk: Desk, rows: Sequence[Row]) -> str:
    """Return what a reader must know of columns for which nothing was stored."""
    if desk.documents.info():
        return ""
    groups = {"sentiment", "macro"}
    named = sorted(
        {
            row.told["name"]
            for row in rows
            if groups & {str(each) for each in row.asked["features"].get("without", ())}
        }
    )
    return _paragraph(
        "No story and no release of figures was stored, so columns of sentiment and macro never "
        f"moved: the runs of {' and '.join(named)} with and without them differ by nothing that "
        "they knew."
    )


def _paragraph(text: str) -> str:
    return f"\n{fill(text, WIDTH)}\n"


def _left_out(desk: Desk, rows: Sequence[Row], why: Mapping[str, str]) -> str:
    """Return which experiments of the library have no run here, and the reason for each."""
    done = {row.told["name"] for row in rows}
    left = [f"- `{name}`: {why.get(name) or _reason(desk, name)}." for name in library()]
    left = [line for name, line in zip(library(), left, strict=True) if name not in done]
    told = "\n".join(left) if left else "Nothing: every experiment of the library was run."
    return f"\n## What was not run\n\n{told}\n{_failed(desk)}"


def _failed(desk: Desk) -> str:
    """Return which runs were begun and came to nothing, and why: they are counted all the same."""
    rows = [one for one in past_runs(desk) if one["status"] not in ("finished", "running")]
    told = "\n".join(f"- {one['title']}, {one['status']}: {one['reason']}." for one in rows)
    return f"\nBegun and counted, but without a result:\n\n{told}\n" if rows else ""


def _reason(desk: Desk, name: str) -> str:
    failed = [one for one in past_runs(desk) if one["name"] == name and one["reason"]]
    if failed:
        return str(failed[-1]["reason"]).rstrip(".")
    planned = read_experiments([library()[name]])
    if any("sentiment" in (each.experiment.features.groups or ()) for each in planned):
        return f"it asks about news, of which this workspace has none ({NEWS})"
    lacks = sorted(
        {
            f"{symbol} at {each.experiment.data.timeframe.value}"
            for each in planned
            for symbol in each.experiment.data.instruments
            if not desk.has(symbol, each.experiment.data.timeframe)
        }
    )
    return f"there were no bars of {', '.join(lacks)}" if lacks else "it was not begun"


def _bars(desk: Desk) -> str:
    every = sorted(desk.bars.series(), key=lambda info: (info.symbol, info.timeframe.minutes))
    late = [info for info in every if _day(info.last - Timeframe.M1.length) > LAST_DAY]
    assert not late, f"later data than agreed: {late}"
    told = "; ".join(
        f"{info.symbol} {info.timeframe.value} {_day(info.first)} to "
        f"{_day(info.last - Timeframe.M1.length)}"
        for info in every
    )
    return (
        f"Bars stored: {told}. Each run reads only the days that its file names. EUR/USD is one "
        "provider's until the end of 2019 and another's from then on; prices of shares are as "
        "quoted, and end before their splits."
    )


def _span(rows: Sequence[Row]) -> str:
    first, last = min(map(_first, rows)), max(map(_last, rows))
    begun = min(row.told["started_at"] for row in rows)
    ended = max(row.told["finished_at"] for row in rows)
    return (
        f"Tests from {first} to {last}; run from {begun:%Y-%m-%d %H:%M} to {ended:%Y-%m-%d %H:%M} "
        f"UTC, {sum(row.fits for row in rows):,} fits in {sum(r.seconds for r in rows):,.0f} "
        f"seconds of fitting, at most {max(row.peak_mb for row in rows):,.0f} MB a worker."
    )


def _code(rows: Sequence[Row]) -> str:
    """Return the versions, each with how many lines its uncommitted difference has."""
    told = {(row.told["code_version"], row.told["uncommitted_lines"] or 0) for row in rows}
    return ", ".join(
        f"{version} with a difference of {lines} lines" if lines else str(version)
        for version, lines in sorted(told)
    )


def _libraries(rows: Sequence[Row]) -> str:
    found = rows[-1].told["libraries"]
    wanted = ("python", "lightgbm", "numba", "numpy", "polars", "scipy", "torch")
    return ", ".join(f"{name} {found[name]}" for name in wanted if name in found)


def _machine(rows: Sequence[Row]) -> str:
    found, here = rows[-1].told["machine"], machine()
    return (
        f"{here['cpu']}, {found['processors']} processors, {found['system']} {found['machine']}; "
        "seconds depend on what else the machine did."
    )


def _label(label: Mapping[str, Any]) -> str:
    told = [str(label["kind"]).replace("_", " ")]
    told += [str(label[name]) for name in ("horizon", "holding_period") if label.get(name)]
    return ", ".join("1 bar" if each == "1 bars" else each for each in told)


def _first(row: Row) -> str:
    return min(str(fold["first_day"]) for fold in row.told["folds"])


def _last(row: Row) -> str:
    return max(str(fold["last_day"]) for fold in row.told["folds"])


def _day(moment: Any) -> date:
    found: date = moment.date()
    return found


def _middle(row: Row, name: str) -> float | None:
    known = [value for value in row.figures[name].values() if value is not None]
    return float(median(known)) if known else None


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table; a head that begins with > is of numbers."""
    return "\n".join(_lines(heads, rows))


def _lines(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head.lstrip('>') for head in heads)} |"
    yield f"|{'|'.join('--:' if head.startswith('>') else '---' for head in heads)}|"
    for row in rows:
        yield f"| {' | '.join(str(each).replace('|', '/') for each in row)} |"
