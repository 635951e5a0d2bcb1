"""Does news help here? `python bench/news.py DATA [--docs FILE] [--only NAME]`.

DATA is a folder with the files named in `CASES` (public repositories; not ours to ship). For each
case a fresh workspace is filled with bars and stories, and an experiment of the library is run
with and without sentiment, as `assay experiment ablate NAME --sentiment` does. The last case is a
control: a simulated market in which stories are known to move prices. What is found is kept in
`news.json`, and a case that is there is not run again; `--docs FILE` writes the page from it.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import polars as pl

from assay.app import SystemClock
from assay.core.instruments import FX_PAIRS, instrument
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.sources.simulation.plan import Kind, plan_of
from assay.sources.told import Told as BarsTold
from assay.workflows.desk import Desk
from assay.workflows.executors.library.local import Local
from assay.workflows.experiments import built
from assay.workflows.experiments.ablating import Change, ablate
from assay.workflows.experiments.reading import read_experiments
from assay.workflows.imported import Wanted
from assay.workflows.imports import import_files
from assay.workflows.simulate import MarketPlan, simulate
from assay.workflows.stories import import_stories, stored_stories, told_of
from news_page import page

LOG = Path(__file__).with_name("news.json")
CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Case:
    """One question: which bars and stories, read how, and the experiment that is ablated.

    `bars` are (file, symbol) pairs; without a symbol the file holds one instrument a ticker. `note`
    says how the stories are dated.
    """

    title: str
    experiment: str
    bars: tuple[tuple[str, str | None], ...]
    timeframe: Timeframe
    stories: str
    note: str
    kind: AssetClass | None = None
    told: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "tweets": Case(
        "20 US shares, days, with tweets that name them",
        "tweets-daily-equities",
        (("stocks/stocknet_prices.parquet", None),),
        Timeframe.D1,
        "stocks/stocknet_tweets.parquet",
        "each tweet first seen when it was created; retweets of one day counted once",
        AssetClass.EQUITY,
    ),
    "crypto": Case(
        "Bitcoin and Ether, hours, with headlines on coins",
        "crypto-headlines",
        (
            ("crypto/BTCUSDT_1h_2017-2022.parquet", "BTCUSDT"),
            ("crypto/ETHUSDT_1h_2017-2022.parquet", "ETHUSDT"),
        ),
        Timeframe.H1,
        "news/cryptonews_2021-2022.parquet",
        "the publisher names no zone: five hours late, so that none is early even if the stamps "
        "are New York's",
        told={"delay": "5 hours"},
    ),
    "crypto-as-stamped": Case(
        "The same, as if the stamps were UTC",
        "crypto-headlines",
        (
            ("crypto/BTCUSDT_1h_2017-2022.parquet", "BTCUSDT"),
            ("crypto/ETHUSDT_1h_2017-2022.parquet", "ETHUSDT"),
        ),
        Timeframe.H1,
        "news/cryptonews_2021-2022.parquet",
        "first seen at the stamp: a gain here and none above may be the publisher's clock",
    ),
    "index": Case(
        "The S&P 500, hours, with headlines of business pages",
        "index-headlines",
        (("equity/US500_1h_2013-2022.parquet", "US500"),),
        Timeframe.H1,
        "news/headlines_reuters_guardian_cnbc_2017-2020.parquet",
        "dated by day alone: first seen when the day is over everywhere on earth",
        AssetClass.INDEX,
    ),
    "gold": Case(
        "Gold, 4 hours, with headlines on its price",
        "gold-headlines",
        (("fx/XAUUSD_4h_2007-2022.parquet", "XAUUSD"),),
        Timeframe.H4,
        "labels/gold_headlines_train.csv.gz",
        "dated by day alone: first seen when the day is over everywhere on earth; a draft of the "
        "experiment that began three years earlier was run before, with the same verdicts",
    ),
}
CONTROL_SEED = 7
CONTROL_PLAN = """\
name: control
hypothesis: The tone of a story moves the price for three hours, because the market was made so.
family: control
primary_metric: log_loss_gain
data: {{instruments: [{symbols}], timeframe: 1h}}
features: {{only: [log_return, tone, tone_decay]}}
label: {{kind: direction, horizon: 2 bars}}
model: {{name: ridge}}
splits: {{folds: 2, tested: 50 %}}
"""


class Now:
    """A clock after every bar."""

    def now(self) -> datetime:
        """Return the time."""
        return datetime(2023, 1, 2, tzinfo=UTC)


def filled(desk: Desk, data: Path, case: Case) -> None:
    """Import the bars and the stories of a case."""
    for name, symbol in case.bars:
        files = [data / name] if symbol else by_ticker(data / name, desk.home / "split")
        wanted = Wanted(symbol, case.timeframe, BarsTold(), asset_class=case.kind)
        found = import_files(desk, files, wanted)
        if found.refused:
            raise found.refused[0].error
    stories = import_stories(desk, [data / case.stories], told_of(**case.told))
    if stories.refused:
        raise stories.refused[0].error


def by_ticker(file: Path, folder: Path) -> list[Path]:
    """Write a table of many tickers as a file for each, and return them."""
    folder.mkdir(parents=True)
    made = []
    for (ticker,), rows in pl.read_parquet(file).partition_by("ticker", as_dict=True).items():
        place = folder / f"{ticker}.csv"
        day = pl.col("date").dt.date().alias("Date")
        rows.select(day, "open", "high", "low", "close", "volume").write_csv(place)
        made.append(place)
    return made


def asked_of(desk: Desk, data: Path, name: str) -> str:
    """Fill the workspace of a case and return what is to be ablated there."""
    if name != CONTROL:
        filled(desk, data, CASES[name])
        return CASES[name].experiment
    pairs = [s for s in FX_PAIRS if plan_of(CONTROL_SEED, instrument(s)).kind is Kind.NEWS]
    start = datetime(2017, 1, 2, tzinfo=UTC)
    simulate(desk, MarketPlan(CONTROL_SEED, 4.0, (Timeframe.H1,), start, tuple(pairs)))
    place = desk.home / "control.yaml"
    place.write_text(CONTROL_PLAN.format(symbols=", ".join(pairs)))
    return str(place)


def answered(data: Path, name: str) -> dict[str, Any]:
    """Return what the ablation of one case found, with what was stored."""
    with tempfile.TemporaryDirectory() as home:
        desk = Desk(Path(home), Now(), jobs=1)
        planned = read_experiments([asked_of(desk, data, name)])
        found = ablate(desk, planned, [Change.without("sentiment")], Local(jobs=1))
        series = [
            [i.symbol, str(i.timeframe), i.rows, f"{i.first:%Y-%m-%d}", f"{i.last:%Y-%m-%d}"]
            for i in desk.bars.series()
        ]
        stories = [
            {**one, "first": f"{one['first']:%Y-%m-%d}", "last": f"{one['last']:%Y-%m-%d}"}
            for one in stored_stories(desk)
        ]
        desk.close()
    return {
        **found.to_json(),
        "series": series,
        "stories": stories,
        "ran_on": f"{SystemClock().now():%Y-%m-%d}",
        "code_digest": built.code_digest()[:12],
        "uncommitted": bool(built.uncommitted_diff()),
    }


def _basis(case: Case) -> str:
    """Return on which experiment and files a case rests, and how its stories are dated."""
    files = ", ".join(f"`{file}`" for file in (*(name for name, _ in case.bars), case.stories))
    return f"experiment `{case.experiment}`; {files}; {case.note}"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("data", type=Path)
    asked.add_argument("--only", action="append", choices=[*CASES, CONTROL])
    asked.add_argument("--log", type=Path, default=LOG)
    asked.add_argument("--docs", type=Path)
    given = asked.parse_args()
    found = json.loads(given.log.read_text()) if given.log.exists() else {}
    for name in given.only or [*CASES, CONTROL]:
        if name in found:
            continue
        began = SystemClock().now()
        found[name] = answered(given.data, name)
        given.log.write_text(json.dumps(found, indent=1, sort_keys=True, default=str) + "\n")
        print(f"{name}: {(SystemClock().now() - began).total_seconds():.0f} s", flush=True)
        for one in found[name]["ablations"]:
            print(f"  {one['title']}: {one['verdict']}. {one['sentence']}", flush=True)
    if given.docs:
        titles = {name: (case.title, _basis(case)) for name, case in CASES.items()}
        given.docs.write_text(page(found, titles, CONTROL))
    return 0


if __name__ == "__main__":
    sys.exit(main())
