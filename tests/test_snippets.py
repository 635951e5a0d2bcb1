"""What the pages show is run: Python block by block, commands line by line, in small workspaces."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest

from assay.app import folder_of, open_desk
from assay.cli.main import run
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.store import glance
from assay.store.runs import Runs
from assay.workflows.backtest import backtest
from assay.workflows.retraining import retrain
from assay.workflows.train import train
from tests.doubles.alpaca import Alpaca
from tests.doubles.finnhub_news import FinnhubNews
from tests.doubles.fred import Fred
from tests.doubles.massive import Massive
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Answering, Served
from tests.doubles.yahoo import Yahoo
from tests.factories import make_bars
from tests.test_docs import FENCE, PAGES, PLUG_IN_PAGES, name_of, shell_lines, snippets, words_of
from tests.workflows.workspace import LIGHT, ROWS, build, copied, open_at, trending_bars

NOT_RUN = {
    "assay report 5456": "it opens a browser",
    "assay experiment run fading-trend.yaml --executor ray": "it needs a cluster; see test_ray",
    "assay experiment resume --executor ray": "it needs a cluster; see test_ray",
    "assay --install-completion": "it writes into the shell of whoever runs the tests",
    "assay data import EURUSD_H1_": "a provider's file; tests/sources reads recorded ones",
    "assay macro sync": "the double has few of the series, and says so; see tests/cli/test_macro",
    "assay data watch": "it never ends; see tests/workflows/syncing/test_watch.py",
    'assay data import "downloads': "a provider's file; tests/sources reads recorded ones",
    "assay data import prices/": "a provider's file; tests/sources reads recorded ones",
}
"""Lines that are parsed alone, by how they begin, and why."""
REFUSED = {
    "assay init": "no terminal here, so it says what to do instead",
    "assay journal adopt": "nothing is lost here, so there is nothing to adopt",
}
"""Lines that must end in one sentence here; `assay init` when it stands alone."""


SYNC = "docs/how-to/keep-data-up-to-date.md"


def pages(language: str) -> list[str]:
    return sorted({page for page, _ in snippets(language)})


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that is the current one, with a workspace of its own in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ASSAY_JOBS", "1")
    for name in ("ALPACA_KEY", "FINNHUB_KEY", "FRED_KEY", "MASSIVE_KEY"):
        monkeypatch.setenv(f"ASSAY_{name}", GOOD_KEY)
    monkeypatch.setenv("ASSAY_ALPACA_SECRET", GOOD_SECRET)
    return tmp_path


@pytest.mark.parametrize("page", [p for p in pages("python") if p not in PLUG_IN_PAGES])
def test_every_block_of_python_runs_after_the_one_before(page: str, here: Path) -> None:
    module = ModuleType(f"page_{len(page)}")
    sys.modules[module.__name__] = module

    for place, text in enumerate([text for name, text in snippets("python") if name == page], 1):
        exec(compile(text, f"{page}, block {place}", "exec"), vars(module))

    assert any(here.iterdir())


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with trained light members, which no test may change."""
    home = tmp_path_factory.mktemp("trained") / "home"
    build(home)
    return home


def file_of(bars: Bars, place: Path, **changes: float) -> None:
    """Write bars as a file stamped with opens, some closes changed."""
    frame = bars.frame.with_columns(
        timestamp=pl.col("time") - bars.timeframe.length,
        **{n: pl.lit(v) for n, v in changes.items()},
    ).drop("time")
    ordered = frame.select("timestamp", pl.exclude("timestamp"))
    if place.suffix == ".parquet":
        ordered.write_parquet(place)
    else:
        stamp = pl.col("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        ordered.with_columns(stamp).write_csv(place)


def nothing(home: Path, trained: Path) -> None:
    file_of(trending_bars(), home.parent / "EURUSD_1h.parquet")


def as_it_is(home: Path, trained: Path) -> None:
    copied(trained, home)


def more_bars(symbol: str, timeframe: Timeframe, rows: int) -> Callable[[Path, Path], None]:
    def prepare(home: Path, trained: Path) -> None:
        copied(trained, home)
        desk = open_at(home)
        bars = make_bars(rows, symbol=symbol, timeframe=timeframe)
        desk.bars.append(bars, source="test", known_at=desk.clock.now())

    return prepare


def with_a_correction(home: Path, trained: Path) -> None:
    copied(trained, home)
    last = trending_bars().frame.tail(1)
    close = float(last["low"][0] + last["high"][0]) / 2
    file_of(
        Bars(make_bars(2).instrument, Timeframe.H1, last), home.parent / "fixed.csv", close=close
    )


EXPERIMENTS = "docs/how-to/run-experiments.md"


def with_an_idea(home: Path, trained: Path) -> None:
    """Put the page's own experiment where its commands look for it."""
    copied(trained, home)
    (text,) = (
        text for page, text in snippets("text") if page == EXPERIMENTS and text.startswith("name: ")
    )
    (home.parent / "fading-trend.yaml").write_text(text, encoding="utf-8")


ABLATE = "docs/how-to/ablate.md"


def with_headlines(home: Path, trained: Path) -> None:
    """Put headlines and the page's own experiment where its commands look for them."""
    copied(trained, home)
    chance = np.random.default_rng(6)
    days = trending_bars().frame["time"].dt.date().unique().sort().to_list()
    verbs, names = chance.choice(("surges", "falls"), len(days)), list("abcdefghij")
    words = [f"Euro {verb} {' '.join(chance.choice(names, 6))}" for verb in verbs]
    pl.DataFrame({"headline": words, "date": days}).write_csv(home.parent / "headlines.csv")
    (text,) = (each for page, each in snippets("text") if page == ABLATE)
    (home.parent / "yesterday-in-print.yaml").write_text(text, encoding="utf-8")


NEWS = "docs/how-to/bring-in-news-and-figures.md"


def served(home: Path, page: str, begins: str, sources: dict[str, Answering]) -> None:
    """Serve doubles of the sources that a page names, and write its own settings."""
    blocks = [text for name, text in snippets("text") if name == page and text.startswith(begins)]
    home.mkdir(exist_ok=True)
    settings = "\n".join(blocks)
    for name, double in sources.items():
        address = Served(double).__enter__().address
        settings += f'\n[providers.{name}]\naddress = "{address}"\nlimits = []\n'
    (home / "assay.toml").write_text(settings)


def with_news(home: Path, trained: Path) -> None:
    copied(trained, home)
    served(home, NEWS, "[news]", {"finnhub": FinnhubNews(), "fred": Fred()})
    run(["--home", str(home), "macro", "sync"], open_desk, folder_of)


def with_sources(home: Path, trained: Path) -> None:
    served(home, SYNC, "[feeds.", {"alpaca": Alpaca(), "massive": Massive(), "yahoo": Yahoo()})
    Path("sp500.csv").write_text("symbol,from,to\nAAPL,1982-11-30,\nGONE,2001-01-02,2021-03-19\n")


PREPARED: dict[str, Callable[[Path, Path], None]] = {
    "docs/tutorial/first-signal.md": nothing,
    ABLATE: with_headlines,
    "docs/how-to/begin-a-workspace.md": nothing,
    "docs/how-to/choose-features.md": more_bars("GBPUSD", Timeframe.H1, ROWS),
    "docs/how-to/import-your-files.md": more_bars("GBPUSD", Timeframe.M5, 2_000),
    SYNC: with_sources,
    NEWS: with_news,
    "docs/how-to/mend-a-workspace.md": with_a_correction,
    "docs/how-to/read-a-report.md": as_it_is,
    "docs/how-to/read-a-signal.md": as_it_is,
    "docs/how-to/retrain.md": as_it_is,
    EXPERIMENTS: with_an_idea,
    "docs/how-to/run-on-a-cluster.md": with_an_idea,
    "docs/how-to/train-nets.md": more_bars("XAUUSD", Timeframe.H1, ROWS),
}
"""What lies there before the first line of a page is typed."""


def lines_of(page: str) -> list[str]:
    return [line for name, line in shell_lines() if name == page and words_of(line)[0] == "assay"]


def with_own_ids(words: list[str], home: Path) -> list[str]:
    """Return the words with the page's signal and runs replaced by some that are there."""
    if any(word.startswith("sig-") for word in words):
        return [glance.signals(home)[0] if word.startswith("sig-") else word for word in words]
    if not {"5456", "9e1f"} & set(words):
        return words
    desk = open_desk(home)
    runs = [row.trial.id for row in Runs(desk.database).list()]
    desk.close()
    own = dict(zip(("5456", "9e1f"), runs, strict=False))
    return [own.get(word, word) for word in words]


@pytest.mark.parametrize("page", sorted(PREPARED))
def test_every_command_of_a_page_runs_after_the_one_before(
    page: str,
    here: Path,
    trained: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = here / "home"
    PREPARED[page](home, trained)
    monkeypatch.setattr("assay.workflows.train.train", partial(train, members=LIGHT))
    monkeypatch.setattr("assay.workflows.backtest.backtest", partial(backtest, members=LIGHT))
    monkeypatch.setattr("assay.workflows.retraining.retrain", partial(retrain, members=LIGHT))

    for line in lines_of(page):
        if line.startswith(tuple(NOT_RUN)):
            continue
        code = run(with_own_ids(words_of(line)[1:], home), open_desk, folder_of)

        said = capsys.readouterr()
        if line.strip() in REFUSED or line.startswith("assay journal adopt"):
            assert code in (1, 2), line
            assert said.err.startswith("assay: "), line
        else:
            assert code == 0, f"{page}: {line}\n{said.out}\n{said.err}"
            assert said.out.strip(), line


def test_every_page_that_teaches_is_run() -> None:
    taught = {
        page
        for page, line in shell_lines()
        if page.startswith(("docs/tutorial/", "docs/how-to/")) and words_of(line)[0] == "assay"
    }

    assert taught == set(PREPARED)


def test_what_is_not_run_is_still_shown() -> None:
    every = [line for _, line in shell_lines()]

    for start in (*NOT_RUN, *REFUSED):
        assert any(line.startswith(start) for line in every), f"no page shows {start} any more"


def test_code_is_fenced_in_a_language_that_a_test_knows() -> None:
    """A block in another language would be shown, and never run."""
    fences = {
        (name_of(page), kind) for page in PAGES for kind, _ in FENCE.findall(page.read_text())
    }

    assert {kind for _, kind in fences} <= {"sh", "python", "text"}
