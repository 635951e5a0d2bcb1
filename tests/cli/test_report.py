"""`assay report` shows an earlier backtest again, in a file or here, and never runs one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.cli.backtests import BLOCKS, sparkline
from assay.core.ids import digest
from assay.store.reports import Reports
from assay.store.trials import Trials
from tests.cli.conftest import Run
from tests.evaluation.reports import make_report
from tests.workflows.workspace import open_at


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace with one backtest, whose report was made up."""
    home = tmp_path / "home"
    desk = open_at(home)
    trials = Trials(desk.database)
    tried = {"symbols": ["EURUSD"], "timeframe": "1h", "members": ["naive"]}
    row = trials.start("backtest", tried, data_fingerprint="-", seed=1, at=desk.clock.now())
    report = make_report(90, trades=30, trial=row.id)
    Reports(desk.reports).write(row.id, report)
    trials.finish(
        row.id,
        metrics=report["performance"],
        results_digest=digest(report),
        at=desk.clock.now(),
    )
    desk.database.close()
    return home


def test_the_page_is_written_where_it_is_asked_for(home: Path, tmp_path: Path, assay: Run) -> None:
    out = tmp_path / "deep" / "page.html"

    said = assay(home, "report", "--out", str(out))
    usual = assay(home, "report", "--json")

    assert (said.code, usual.code) == (0, 0)
    assert str(out) in said.out
    assert out.read_bytes() == Path(usual.json["page"]).read_bytes()
    assert usual.json["round_trips"]["r"]


def test_the_terminal_shows_it_and_writes_no_page(home: Path, assay: Run) -> None:
    said = assay(home, "report", "--terminal")

    assert said.code == 0
    for words in (
        "simulated",
        "Sharpe",
        "The worst trades, explained",
        "Were the prob",
        "Data qual",
    ):
        assert words in said.out
    assert any(block in said.out for block in BLOCKS)
    assert not list((home / "reports").glob("*.html"))


def test_the_list_names_every_backtest(home: Path, assay: Run) -> None:
    said, plain = assay(home, "report", "--list"), assay(home, "report", "--list", "--json")

    [row] = plain.json
    assert row["trial"] in said.out
    assert (row["status"], row["kept"], row["symbols"]) == ("finished", True, ["EURUSD"])


def test_the_beginning_of_a_trial_is_enough(home: Path, assay: Run) -> None:
    trial = assay(home, "report", "--list", "--json").json[0]["trial"]

    for asked in (trial, trial[:10], trial.removeprefix("trial-")[:4]):
        assert assay(home, "report", asked, "--json").json["trial"] == trial


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothing",), "'nothing'"),
        (("--terminal", "--out", "x.html"), "--terminal"),
        (("--terminal", "--open"), "--terminal"),
    ],
)
def test_a_slip_is_one_sentence(home: Path, assay: Run, words: tuple[str, ...], told: str) -> None:
    said = assay(home, "report", *words)

    assert said.code == 2
    assert told in said.err
    assert "Traceback" not in said.err


def test_a_damaged_report_is_one_sentence(home: Path, assay: Run) -> None:
    [path] = (home / "reports").glob("*.json.gz")
    path.write_bytes(path.read_bytes()[:-9])

    said = assay(home, "report")

    assert said.code == 1
    assert len(said.err.strip().splitlines()) == 1
    assert "run the backtest again" in said.err


def test_a_workspace_without_backtests_says_so_and_stays_empty(tmp_path: Path, assay: Run) -> None:
    said, listed = assay(tmp_path, "report"), assay(tmp_path, "report", "--list", "--json")

    assert said.code == 2
    assert "run assay backtest first" in said.err
    assert listed.json == []
    assert not list(tmp_path.iterdir())


@given(values=st.lists(st.floats(0.1, 10), max_size=300))
def test_a_line_of_equity_has_its_lowest_and_highest_block(values: list[float]) -> None:
    line = sparkline(values, 300)

    assert len(line) == (len(values) or 1)
    if len(set(values)) > 1:
        assert line[values.index(min(values))] == BLOCKS[0]
        assert line[values.index(max(values))] == BLOCKS[-1]
