"""Earlier backtests are listed and told whole, as their kept reports have them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from assay.core.ids import digest
from assay.store.reports import Reports
from assay.store.trials import TrialRow, Trials
from assay.workflows.backtest import backtest
from tests.api.conftest import served
from tests.evaluation.reports import estimate, make_report
from tests.workflows.chains import MEMBERS, PLAN, market, stored
from tests.workflows.workspace import open_at

HERE = "/api/v1/backtests"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def report(home: Path) -> dict[str, Any]:
    """Return the made-up report of the newest of two backtests; the other failed."""
    desk = open_at(home)
    trials = Trials(desk.database)
    failed = _begun(trials, home)
    trials.fail(failed.id, reason="the disk was full", at=desk.clock.now())
    row = _begun(trials, home)
    made = make_report(90, trades=30, trial=row.id, accuracy=estimate(-0.01, days=90))
    made["trading"] |= {"hit_rate": estimate(0.3, days=12), "turnover": estimate(3.7, days=90)}
    Reports(desk.reports).write(row.id, made)
    trials.finish(
        row.id, metrics=made["performance"], results_digest=digest(made), at=desk.clock.now()
    )
    desk.close()
    return made


def _begun(trials: Trials, home: Path) -> TrialRow:
    tried = {"symbols": ["EURUSD"], "timeframe": "1h", "members": ["naive"]}
    at = open_at(home).clock.now()
    return trials.start("backtest", tried, data_fingerprint="-", seed=1, at=at)


@pytest.fixture
def asked(home: Path, report: dict[str, Any]) -> Iterator[TestClient]:
    assert report
    with served(home) as client:
        yield client


def test_they_are_listed_newest_first_in_pages(asked: TestClient, report: dict[str, Any]) -> None:
    first = asked.get(HERE, params={"limit": 1}).json()
    second = asked.get(HERE, params={"limit": 1, "after": first["next"]}).json()

    [newest], [other] = first["items"], second["items"]
    assert (newest["trial"], newest["status"], newest["kept"]) == (
        report["trial"],
        "finished",
        True,
    )
    assert newest["sharpe"]["value"] == report["performance"]["chain"]["sharpe"]["value"]
    assert (other["status"], other["reason"], other["sharpe"]) == (
        "failed",
        "the disk was full",
        None,
    )
    assert second["next"] is None


def test_every_figure_says_its_doubt_and_where_it_comes_from(
    asked: TestClient, report: dict[str, Any]
) -> None:
    found = asked.get(f"{HERE}/{report['trial'][6:12]}").json()

    sharpe = next(
        one for one in found["figures"] if (one["of"], one["name"]) == ("chain", "sharpe")
    )
    kept = report["performance"]["chain"]["sharpe"]
    assert [sharpe[name] for name in ("value", "low", "high", "n")] == list(kept.values())
    assert len(found["figures"]) == 3 * 8
    every = [*found["figures"], *found["trading"], found["accuracy"]]
    assert {(one["basis"], one["simulated"], one["level"]) for one in every} == {
        ("out_of_sample", True, 0.95)
    }
    assert {one["name"] for one in every if one["few"]} == {"hit_rate"}


def test_the_fall_is_measured_from_the_last_peak(asked: TestClient, report: dict[str, Any]) -> None:
    equity = asked.get(f"{HERE}/{report['trial']}").json()["equity"]

    curve = np.array(report["equity"]["curves"]["chain"])
    peak = np.maximum.accumulate(np.maximum(curve, 1.0))
    assert equity["curves"][0]["of"] == "chain"
    assert equity["fall"] == pytest.approx(curve / peak - 1.0)
    assert len(equity["days"]) == len(equity["low"]) == len(equity["high"]) == len(curve)


def test_tables_keep_their_words_and_their_numbers(
    asked: TestClient, report: dict[str, Any]
) -> None:
    found = asked.get(f"{HERE}/{report['trial']}").json()

    for name in ("regimes", "tiers", "members"):
        table = found[name]
        assert table["columns"] == list(report[name]["columns"])
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
        assert [one["value"] for one in table["drawn"]] == [r[1] for r in report[name]["plot"]]
    assert found["summary"] == report["summary"]
    assert len(found["months"]) == len(report["months"])


def test_round_trips_have_prices_times_and_names(asked: TestClient, report: dict[str, Any]) -> None:
    first = asked.get(f"{HERE}/{report['trial']}/trades", params={"limit": 20}).json()
    rest = asked.get(f"{HERE}/{report['trial']}/trades", params={"after": first["next"]}).json()

    found = [*first["items"], *rest["items"]]
    columns, market = report["round_trips"], report["charts"]["instruments"][0]
    assert [one["number"] for one in found] == list(range(30))
    assert [one["r"] for one in found] == columns["r"]
    assert found[0]["entry"] == pytest.approx(columns["entry"][0] * market["tick"])
    assert found[0]["symbol"] == market["symbol"]
    assert found[0]["entered"].endswith("Z")
    assert rest["next"] is None


def test_one_that_failed_or_is_not_there_is_a_sentence(asked: TestClient) -> None:
    rows = asked.get(HERE).json()["items"]
    failed = asked.get(f"{HERE}/{rows[1]['trial']}")
    unknown = asked.get(f"{HERE}/trial-nothing")

    assert (failed.status_code, unknown.status_code) == (404, 404)
    assert "the disk was full" in failed.json()["detail"]


def test_a_real_report_is_told_whole(tmp_path: Path) -> None:
    desk = stored(tmp_path / "real", market(4_500))
    run = backtest(desk, members=MEMBERS, split=PLAN)
    desk.close()

    with served(tmp_path / "real") as client:
        row = client.get(HERE).json()["items"][0]
        found = client.get(f"{HERE}/{run.trial}").json()
        trades = client.get(f"{HERE}/{run.trial}/trades", params={"limit": 500}).json()["items"]

    assert row["simulated"] is found["simulated"] is False
    assert row["sharpe"] == next(one for one in found["figures"] if one["name"] == "sharpe")
    assert {one["name"] for one in found["trading"]} == {
        "hit_rate",
        "mean_return",
        "profit_factor",
        "exposure",
        "turnover",
    }
    assert sum(found["referee"].values()) == sum(run.report["verdicts"].values())
    assert [one["pnl"] for one in trades] == run.report["round_trips"]["pnl"]
    assert found["reliability"]["pool"]["brier"]["n"] == run.report["reliability"]["brier"]["n"]


def test_a_damaged_report_is_not_believed(
    asked: TestClient, home: Path, report: dict[str, Any]
) -> None:
    Reports(home / "reports").path(report["trial"]).write_bytes(b"nothing")

    found = asked.get(f"{HERE}/{report['trial']}")

    assert found.status_code == 503
    assert "damaged" in found.json()["detail"]


def test_without_any_the_list_is_empty(home: Path) -> None:
    with served(home) as client:
        found = client.get(HERE).json()

    assert found == {"items": [], "next": None}
