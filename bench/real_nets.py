"""Every family on real prices, walk-forward: `python bench/real_nets.py DATA [--seeds 5]`.

DATA is a folder with the files named in `MARKETS` (public repositories; not ours to ship). Each
market is decided on hour bars, four folds, each fitted on its own past alone; members hear that one
series. Shown is the log score over climatology on test bars that moved, in 1e-4 nats, and how often
the side was right: the mean over the seeds, with the 95 % interval of blocks of whole days, and the
range over the seeds. The rows are appended to `real_nets.jsonl`; stopped, the same command goes on
where it was. `--docs FILE` puts the table between the marks of that page.
"""

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from assay.core.values.timeframe import Timeframe
from assay.evaluation.metrics import mean_by_day
from assay.evaluation.splits import SplitPlan
from assay.fusion.evidence import log_score, logit
from assay.models.contract import FLAT, UP
from assay.workflows.backtest import folds_of
from assay.workflows.data import resample_series
from assay.workflows.desk import Desk
from assay.workflows.gather import Prepared, Series, prepare
from assay.workflows.imports import import_file
from assay.workflows.learn import Voice, answers_of, learn_fold, plans_of
from assay.workflows.outcomes import span_samples
from assay.workflows.pooling import day_numbers

HOUR = Timeframe.H1
MARKETS = {
    "EURUSD": [
        ("fx/EURUSD_1m_2018-2019.parquet", Timeframe.M1),
        ("fx/EURUSD_1h_2020-2022.parquet", HOUR),
    ],
    "XAUUSD": [("fx/XAUUSD_1h_2012-2022.parquet", HOUR)],
    "BTCUSDT": [("crypto/BTCUSDT_1h_2017-2022.parquet", HOUR)],
}
MEMBERS = ("ridge", "lightgbm", "cnn_lstm", "patchtst")
FOLDS = SplitPlan(folds=4)
MARK = "<!-- real-table -->", "<!-- /real-table -->"


class Now:
    """A clock after every bar."""

    def now(self) -> datetime:
        """Return the time."""
        return datetime(2023, 1, 2, tzinfo=UTC)


def prepared(data: Path, home: Path, symbol: str) -> Prepared:
    """Return a market ready for members, its bars imported into a workspace of its own."""
    desk = Desk(home / symbol, Now())
    for file, timeframe in MARKETS[symbol]:
        import_file(desk, data / file, symbol, timeframe)
        if timeframe is not HOUR:
            resample_series(desk, symbol, timeframe, HOUR)
    return prepare(desk, Series(symbol, HOUR))


def judged(item: Prepared, seed: int) -> dict[str, dict[str, list[float]]]:
    """Return each member's gain and hit on every test bar that moved, with its day and row."""
    found: dict[str, dict[str, list[float]]] = {}
    for fold in folds_of([item], FOLDS):
        one = {item.series: item}
        learned = learn_fold(one, fold, plans_of(MEMBERS, apart=True), FOLDS, seed=seed, threads=1)
        assert fold.test is not None
        rows = item.rows(fold.test)
        label, day = span_samples(item, fold.test).label, day_numbers(item, rows)
        for voice in map(Voice.of, learned):
            answer = answers_of(voice, item, fold.test.end)
            said = answer.p_up[-len(rows) :]
            known = (label != FLAT) & (label >= 0) & np.isfinite(said)
            up = (label[known] == UP).astype(np.float64)
            odds, start = logit(said[known]), logit(np.full(known.sum(), answer.base))
            gain = log_score(odds, up) - log_score(start, up)
            into = found.setdefault(voice.member, {"gain": [], "hit": [], "day": [], "row": []})
            into["gain"] += gain.tolist()
            into["hit"] += ((odds > start) == (up > 0)).astype(float).tolist()
            into["day"] += day[known].tolist()
            into["row"] += rows[known].tolist()
    return found


def summed(symbol: str, runs: list[dict[str, dict[str, list[float]]]], member: str) -> dict:
    """Return one line of the table: the mean over the seeds of what each bar brought."""
    each = [run[member] for run in runs]
    rows = np.array(sorted(set.intersection(*(set(one["row"]) for one in each))), dtype=np.int64)
    kept = [np.searchsorted(np.array(one["row"]), rows) for one in each]
    gain, hit = (
        np.array([np.array(one[of])[at] for one, at in zip(each, kept, strict=True)])
        for of in ("gain", "hit")
    )
    day = np.array(each[0]["day"], dtype=np.int64)[kept[0]]
    worth = mean_by_day(gain.mean(axis=0) * 1e4, day)
    right = mean_by_day(hit.mean(axis=0) * 100, day)
    seeds = gain.mean(axis=1) * 1e4
    return {
        "market": symbol,
        "member": member,
        "seeds": len(runs),
        "bars": len(rows),
        "gain": [round(v, 1) for v in (worth.value, worth.low, worth.high)],
        "seeds_gain": [round(float(v), 1) for v in (seeds.min(), seeds.max())],
        "right": [round(v, 1) for v in (right.value, right.low, right.high)],
    }


def table(lines: list[dict]) -> str:
    """Return the table in Markdown."""
    head = (
        "| market, 1h | member | seeds | test bars that moved | gain, 1e-4 nats | over seeds | "
        "right side, % |",
        "|---|---|--:|--:|--:|--:|--:|",
    )
    body = [
        f"| {one['market']} | {one['member']} | {one['seeds']} | {one['bars']:,} | "
        f"{one['gain'][0]} [{one['gain'][1]}, {one['gain'][2]}] | "
        f"{one['seeds_gain'][0]} to {one['seeds_gain'][1]} | "
        f"{one['right'][0]} [{one['right'][1]}, {one['right'][2]}] |"
        for one in lines
    ]
    return "\n".join((*head, *body))


def replaced(page: Path, made: str) -> None:
    """Put the table between the marks of `page`."""
    text = page.read_text()
    before, _, rest = text.partition(MARK[0])
    _, _, after = rest.partition(MARK[1])
    page.write_text(f"{before}{MARK[0]}\n{made}\n{MARK[1]}{after}")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("data", type=Path)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--log", type=Path, default=Path(__file__).with_name("real_nets.jsonl"))
    asked.add_argument("--docs", type=Path)
    given = asked.parse_args()
    lines = (
        [json.loads(t) for t in given.log.read_text().splitlines()] if given.log.exists() else []
    )
    with tempfile.TemporaryDirectory() as home:
        for symbol in MARKETS:
            if any(one["market"] == symbol and one["seeds"] == given.seeds for one in lines):
                continue
            item, runs = prepared(given.data, Path(home), symbol), []
            for seed in range(1, given.seeds + 1):
                runs.append(judged(item, seed))
                print(f"{symbol} seed {seed} of {given.seeds}", flush=True)
            lines += [summed(symbol, runs, member) for member in MEMBERS]
            given.log.write_text("".join(json.dumps(one) + "\n" for one in lines))
    print(table(lines))
    if given.docs:
        replaced(given.docs, table(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
