"""How many planted bad bars the rules find, and how often they cry wolf.

`python bench/bad_bars.py [--mutations 50000] [--seed 1] [--data DIR] [--only TEXT] [--json FILE]`:
simulated bars and, where DIR (or $ASSAY_SHARED_DATA) has them, the real ones under fx/, crypto/ and
equity/. What the rules say of the untouched bars is the base. Then batches of mutations are planted
(tests/sources/mutations.py) and the rules run again. A mutation is found if a flaw of its code
overlaps it, give or take a bar. An alarm is false if it is not in the base and no mutation lies
within 20 bars, or if it says something else about many more bars than the mutation touched.
A mutation where the base already has its code counts for nothing.

FILE gets JSON lines: `base`, `missed` and `false` one each, then `code` and `total`. Ends with 1
if a class of broken bars is not found every time or is ever found where it is not, or if one of
misleading bars is found less often than 99.5 % or falsely more than once in 100,000 bars.
"""

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `tests.sources`

from tests.sources.mutations import MARGIN, Planted, mutated
from tests.sources.test_file_real import known, timeframe

from assay.core.calendars.calendar import Calendar, calendar
from assay.core.calendars.table import micro, micros
from assay.core.instruments import equity, index, instrument
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.adapters.simulated import Simulated
from assay.sources.quality.flaw import SEVERITIES, Code, Severity

SHARED = Path(__file__).resolve().parents[2] / "shared/data"
MOST_A_RUN, ROWS_EACH = 150, 400
"""Mutations planted at once, and the rows each of them needs."""
LARGEST_SHARE, WEEKS_SHARE = 0.35, 0.15
"""Of one code in a batch, and of the rows that shifted weeks may take."""
NEAR_BARS, SIDE_BARS = 1, 20
LEAST_FOUND, MOST_FALSE = 0.995, 1.0
"""Of misleading bars: the share to be found, and the false alarms per 100,000 bars."""
EXAMPLES = 8
WEEK_US = 7 * 86_400_000_000
ACME = equity("ACME")
FAST = {
    "EURUSD": (Timeframe.M5, Timeframe.M15), "XAUUSD": (Timeframe.M15,),
    "BTCUSDT": (Timeframe.M5, Timeframe.M30), "ACME": (Timeframe.M5, Timeframe.M15),
}  # fmt: skip
SLOW = {
    "GBPUSD": (Timeframe.H1, Timeframe.H4), "USDJPY": (Timeframe.H1,), "XAUUSD": (Timeframe.H1,),
    "ETHUSDT": (Timeframe.H1, Timeframe.H4), "US500": (Timeframe.H1,), "ACME": (Timeframe.H1,),
}  # fmt: skip
"""What is simulated: a year of short bars, six of long ones."""


@dataclass
class Series:
    """One series of untouched bars; `base` is what the rules say of it, spans by code."""

    name: str
    bars: Bars
    market: Calendar
    simulated: bool
    base: dict[Code, np.ndarray] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[Instrument, Timeframe, Calendar]:
        """Return what the rules and the mutations ask for beside the frame."""
        return self.bars.instrument, self.bars.timeframe, self.market

    def limits(self) -> dict[Code, int]:
        """Return how many of each code one batch may hold."""
        rows, frame = len(self.bars), self.bars.frame
        limits = dict.fromkeys(Code, rows)
        weeks = (micro(self.bars.last_time) - micro(self.bars.first_time)) / WEEK_US
        limits[Code.WRONG_ZONE] = int(max(weeks > 4, WEEKS_SHARE * weeks))
        if self.bars.instrument.asset_class is not AssetClass.EQUITY:
            limits[Code.SPLIT] = 0
        if self.bars.timeframe is Timeframe.M1:
            limits[Code.HALF_BAR] = 0
        if not frame["volume"].median():
            limits[Code.THIN_VOLUME] = 0
        return limits


@dataclass
class Score:
    """What came of all batches."""

    planted: Counter = field(default_factory=Counter)
    found: Counter = field(default_factory=Counter)
    unjudged: Counter = field(default_factory=Counter)
    false: Counter = field(default_factory=Counter)
    variants: dict = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    missed_list: list = field(default_factory=list)
    false_list: list = field(default_factory=list)
    base_list: list = field(default_factory=list)
    bars: int = 0
    runs: int = 0
    rule_seconds: float = 0.0

    def share(self, code: Code) -> float:
        """Return how many of the judged mutations were found."""
        judged = self.planted[code] - self.unjudged[code]
        return self.found[code] / judged if judged else 1.0

    def false_rate(self, code: Code) -> float:
        """Return the false alarms per 100,000 bars."""
        return 1e5 * self.false[code] / max(self.bars, 1)

    def holds(self, code: Code) -> bool:
        """Say whether the goal of its class is kept."""
        if SEVERITIES[code] is Severity.BROKEN:
            return self.share(code) == 1.0 and not self.false[code]
        return self.share(code) >= LEAST_FOUND and self.false_rate(code) <= MOST_FALSE


def all_series(data: Path, only: str, seed: int) -> list[Series]:
    """Return the simulated series and those under `data` whose names contain `only`."""
    found = []
    for years, base, wanted in ((1.0, Timeframe.M5, FAST), (6.0, Timeframe.H1, SLOW)):
        named = {"ACME": ACME, "US500": index("US500")}
        chosen = [named[one] if one in named else instrument(one) for one in wanted]
        source = Simulated(seed=seed, years=years, instruments=chosen, timeframe=base)
        for one in chosen:
            for length in wanted[one.symbol]:
                name = f"simulated/{one.symbol}_{length}"
                if only in name:
                    bars = source.bars(one, length).bars
                    found.append(Series(name, bars, calendar(one.calendar), simulated=True))
    for path in sorted(data.glob("*/*.parquet")):
        name = f"{path.parent.name}/{path.stem}"
        if path.parent.name in {"fx", "crypto", "equity"} and only in name:
            bars = File(path).bars(known(name), timeframe(name)).bars
            market = calendar(bars.instrument.calendar)
            found.append(Series(name, bars, market, simulated=False))
    return found


def spans_of(flaws, times: np.ndarray) -> np.ndarray:
    """Return the earliest and latest stamp of each flaw (n, 2) in microseconds."""
    spans = np.empty((len(flaws), 2), dtype=np.int64)
    for row, flaw in enumerate(flaws):
        first = times[flaw.start] if flaw.first is None else micro(flaw.first)
        last = times[flaw.end] if flaw.last is None else micro(flaw.last)
        spans[row] = min(first, last), max(first, last)
    return spans


def windows_of(planted: list[Planted], times: np.ndarray, bars: int) -> np.ndarray:
    """Return the earliest and latest stamp (n, 2) within `bars` rows of what was planted."""
    spans = np.empty((len(planted), 2), dtype=np.int64)
    for row, one in enumerate(planted):
        held = times[max(0, one.start - bars) : one.end + bars + 1]
        spans[row] = held.min(), held.max()
    return spans


def overlap(some: np.ndarray, others: np.ndarray, slack: int = 0) -> np.ndarray:
    """Say which of `some` (n, 2) overlap which of `others` (m, 2): (n, m)."""
    begin, end = others[:, 0] - slack, others[:, 1] + slack
    return (some[:, :1] <= end) & (some[:, 1:] >= begin)


def batch(series: Series, wanted: Counter, most: int, chance: np.random.Generator) -> list[Code]:
    """Draw codes for one run, those that are behind most often."""
    count = min(MOST_A_RUN, most, max(1, (len(series.bars) - 2 * MARGIN) // ROWS_EACH))
    limits = series.limits()
    weights = np.array([max(wanted[code], 1) * (limits[code] > 0) for code in Code], dtype=float)
    shares = np.minimum(weights / weights.sum(), LARGEST_SHARE)
    drawn = chance.multinomial(count, shares / shares.sum())
    codes = [c for c, n in zip(Code, drawn, strict=True) for _ in range(min(n, limits[c]))]
    return [codes[number] for number in chance.permutation(len(codes))]


def told(series: Series, code: Code, first, last, **more) -> dict:
    return {
        "series": series.name, "code": str(code), "first": None if first is None else str(first),
        "last": None if last is None else str(last), **more,
    }  # fmt: skip


def learn_base(series: Series, find_flaws, score: Score) -> None:
    """Keep what the rules say of the untouched bars."""
    flaws = find_flaws(series.bars.frame, *series.asked)
    spans = spans_of(flaws, micros(series.bars.frame["time"]))
    for code in Code:
        series.base[code] = spans[[flaw.code is code for flaw in flaws]]
    score.base_list += [
        told(series, f.code, f.first, f.last, rows=f.end - f.start + 1, sentence=f.sentence)
        for f in flaws
    ]


def judge(series: Series, frame: pl.DataFrame, planted: list[Planted], flaws, score: Score):
    """Match what was planted with what was found."""
    times = micros(frame["time"])
    spans, length = spans_of(flaws, times), series.bars.timeframe.minutes * 60_000_000
    codes = np.array([str(flaw.code) for flaw in flaws], dtype=object)
    near, side = (windows_of(planted, times, bars) for bars in (NEAR_BARS, SIDE_BARS))
    hits = overlap(near, spans)
    for row, one in enumerate(planted):
        score.planted[one.code] += 1
        if overlap(near[row : row + 1], series.base[one.code]).any():
            score.unjudged[one.code] += 1
            continue
        found = bool((hits[row] & (codes == str(one.code))).any())
        score.found[one.code] += found
        tally = score.variants[one.code, one.variant]
        tally[0], tally[1] = tally[0] + found, tally[1] + 1
        if not found:
            more = {"variant": one.variant, "run": score.runs}
            score.missed_list.append(told(series, one.code, one.first, one.last, **more))
    sizes = np.array([one.end - one.start + 1 for one in planted], dtype=int)
    own = np.array([str(one.code) for one in planted], dtype=object)
    beside = overlap(spans, side)
    for row, flaw in enumerate(flaws):
        fits = flaw.end - flaw.start + 1 <= 2 * (sizes + 2 * SIDE_BARS)
        if (beside[row] & (fits | (own == str(flaw.code)))).any():
            continue
        if overlap(spans[row : row + 1], series.base[flaw.code], length).any():
            continue
        score.false[flaw.code] += 1
        more = {"rows": flaw.end - flaw.start + 1, "sentence": flaw.sentence, "run": score.runs}
        score.false_list.append(told(series, flaw.code, flaw.first, flaw.last, **more))


def play(every: list[Series], find_flaws, mutations: int, seed: int, console: Console) -> Score:
    """Plant and judge until `mutations` are planted, one batch a series in turn."""
    score, chance = Score(), np.random.default_rng(seed)
    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("", total=len(every))
        for series in every:
            bar.update(task, description=f"base {series.name}")
            learn_base(series, find_flaws, score)
            bar.advance(task)
        bar.update(task, total=mutations, completed=0)
        while (done := score.planted.total()) < mutations:
            for series in every:
                bar.update(task, description=series.name, completed=score.planted.total())
                wanted = Counter({c: mutations // len(Code) - score.planted[c] for c in Code})
                left = mutations - score.planted.total()
                codes = batch(series, wanted, left, chance) if left > 0 else []
                if codes:
                    one_run(series, find_flaws, codes, int(chance.integers(2**31)), score)
            if score.planted.total() == done:
                break  # no series has room
        bar.update(task, completed=score.planted.total())
    return score


def one_run(series: Series, find_flaws, codes: list[Code], seed: int, score: Score) -> None:
    frame, planted = mutated(series.bars.frame, *series.asked, codes, seed)
    began = perf_counter()
    flaws = find_flaws(frame, *series.asked)
    score.rule_seconds += perf_counter() - began
    score.bars += frame.height
    judge(series, frame, planted, flaws, score)
    score.runs += 1


def code_rows(score: Score) -> list[dict]:
    return [
        {
            "code": str(code), "severity": str(SEVERITIES[code]), "planted": score.planted[code],
            "unjudged": score.unjudged[code], "found": score.found[code],
            "share": round(score.share(code), 6), "false": score.false[code],
            "false_per_100k_bars": round(score.false_rate(code), 4), "holds": score.holds(code),
            "variants": {v: n for (c, v), n in sorted(score.variants.items()) if c is code},
        }
        for code in Code
    ]  # fmt: skip


def show(every: list[Series], score: Score, total: dict, console: Console) -> None:
    """Print what was found, what was missed, and what the untouched bars were said to have."""
    table = Table(title="Planted bad bars", title_justify="left")
    for name in ("code", "planted", "not judged", "found", "share", "false", "per 100,000", ""):
        table.add_column(name, justify="left" if name in {"code", ""} else "right")
    for row in code_rows(score):
        table.add_row(
            row["code"], f"{row['planted']:,}", f"{row['unjudged']:,}", f"{row['found']:,}",
            f"{row['share']:.2%}", f"{row['false']:,}", f"{row['false_per_100k_bars']:.3f}",
            "ok" if row["holds"] else "[red]MISSED[/red]",
        )  # fmt: skip
    console.print(table)
    for title, rows in (("Missed", score.missed_list), ("False alarms", score.false_list)):
        examples(title, rows, console)
    base = Table(title="What the untouched bars are said to have", title_justify="left")
    for name in ("series", "bars", "flaws by code"):
        base.add_column(name, justify="right" if name == "bars" else "left")
    for series in every:
        counts = {str(code): len(spans) for code, spans in series.base.items() if len(spans)}
        said = ", ".join(f"{code} {count:,}" for code, count in counts.items()) or "–"
        base.add_row(series.name, f"{len(series.bars):,}", said)
    console.print(base)
    console.print(
        f"{total['planted']:,} planted in {total['runs']:,} runs over {total['bars']:,} bars; "
        f"{total['found']:,} found, {total['missed']:,} missed, {total['unjudged']:,} not judged; "
        f"{total['false']:,} false alarms ({total['false_per_100k_bars']:.3f} per 100,000 bars). "
        f"Untouched bars per 100,000: simulated {total['base_per_100k_bars']['simulated']:.2f}, "
        f"real {total['base_per_100k_bars']['real']:.2f} flaws. {total['seconds']:.0f} s, of which "
        f"the rules {total['rule_seconds']:.0f} s."
    )


def examples(title: str, rows: list[dict], console: Console) -> None:
    """Print some rows of every code."""
    if not rows:
        return
    table = Table(title=f"{title}, at most {EXAMPLES} a code", title_justify="left")
    for name in ("code", "series", "first", "last", "what"):
        table.add_column(name)
    shown = Counter()
    for row in sorted(rows, key=lambda row: row["code"]):
        shown[row["code"]] += 1
        if shown[row["code"]] <= EXAMPLES:
            what = row.get("sentence", row.get("variant"))
            table.add_row(row["code"], row["series"], row["first"], row["last"], what)
    console.print(table)


def totals(every: list[Series], score: Score, seconds: float) -> dict:
    simulated = {series.name: series.simulated for series in every}
    rates = {}
    for name, kind in (("simulated", True), ("real", False)):
        bars = sum(len(series.bars) for series in every if series.simulated is kind)
        flaws = sum(simulated[row["series"]] is kind for row in score.base_list)
        rates[name] = round(1e5 * flaws / max(bars, 1), 3)
    return {
        "planted": score.planted.total(), "unjudged": score.unjudged.total(),
        "found": score.found.total(), "missed": len(score.missed_list),
        "false": len(score.false_list), "bars": score.bars, "runs": score.runs,
        "series": len(every), "base": len(score.base_list), "base_per_100k_bars": rates,
        "false_per_100k_bars": round(1e5 * len(score.false_list) / max(score.bars, 1), 4),
        "seconds": round(seconds, 1), "rule_seconds": round(score.rule_seconds, 1),
        "holds": all(score.holds(code) for code in Code),
    }  # fmt: skip


def written(path: Path, score: Score, total: dict) -> None:
    kinds = (
        ("base", score.base_list), ("missed", score.missed_list), ("false", score.false_list),
        ("code", code_rows(score)), ("total", [total]),
    )  # fmt: skip
    lines = [json.dumps({"kind": kind, **row}) for kind, rows in kinds for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--mutations", type=int, default=50_000)
    asked.add_argument("--seed", type=int, default=1)
    home = Path(os.environ.get("ASSAY_SHARED_DATA", SHARED))
    asked.add_argument("--data", type=Path, default=home, help="real bars: fx/ crypto/ equity/")
    asked.add_argument("--only", default="", help="series whose names contain this")
    asked.add_argument("--json", type=Path, help="write everything here as JSON lines")
    given = asked.parse_args()
    from assay.sources.quality.rules import find_flaws

    console = Console(width=None if sys.stdout.isatty() else 140)
    began = perf_counter()
    every = all_series(given.data, given.only, given.seed)
    if not every:
        console.print(f"No series is called {given.only!r}")
        return 2
    score = play(every, find_flaws, given.mutations, given.seed, console)
    total = totals(every, score, perf_counter() - began)
    show(every, score, total, console)
    if given.json:
        written(given.json, score, total)
    return int(not total["holds"])


if __name__ == "__main__":
    sys.exit(main())
