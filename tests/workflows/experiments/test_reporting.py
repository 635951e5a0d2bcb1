"""Reports of experiments say what the database holds, and what the gate reckoned."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.core.errors import NotFoundError, SettingsError
from assay.core.ids import canonical
from assay.store.runs import FoldRow, Runs
from assay.workflows.desk import Desk
from assay.workflows.experiments import summing
from assay.workflows.experiments.looking import folds_of, named, one_run
from assay.workflows.experiments.reporting import (
    family_report,
    newest_finished,
    run_report,
    write_report,
)
from tests.workflows.experiments import looked
from tests.workflows.workspace import open_at


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("runs")
    return {"home": str(folder / "home"), **looked.build(folder / "home", folder)}


@pytest.fixture
def desk(ids: dict[str, str]) -> Iterator[Desk]:
    opened = open_at(Path(ids["home"]))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def told(ids: dict[str, str]) -> dict[str, Any]:
    """Return the report of the run that ridge stands beside."""
    return run_report(open_at(Path(ids["home"])), ids["momentum"])


def line(told: dict[str, Any], check: str) -> dict[str, Any]:
    return next(one for one in told["verdict_lines"] if one["check"] == check)


def test_what_is_kept_of_a_run_stands_in_its_report(
    desk: Desk, ids: dict[str, str], told: dict[str, Any]
) -> None:
    shown = one_run(desk, ids["momentum"])

    for name in ("figures", "hypothesis", "configuration", "libraries", "verdict", "primary"):
        assert told[name] == shown[name]
    assert [one["check"] for one in told["verdict_lines"]] == [
        one["check"] for one in shown["verdict_lines"]
    ]
    assert told["verdict_sentence"].startswith(f"{shown['verdict']}: ")
    assert [(one["fold"], one["seed"], one["net_return"]) for one in told["folds"]] == [
        (one["fold"], one["seed"], one["net_return"]) for one in shown["folds"]
    ]
    assert sum(one["trades"] for one in told["folds"]) == sum(shown["figures"]["trades"].values())


def test_what_the_gate_reckoned_is_reckoned_alike(told: dict[str, Any]) -> None:
    rows = {row["kind"]: row for row in told["costs"]["rows"]}

    assert rows["net"]["total_return"]["value"] == line(told, "net_return")["statistic"]
    assert rows["double"]["total_return"]["value"] == line(told, "doubled_costs")["statistic"]
    assert told["deflation"]["probability_at_ideas"] == line(told, "deflated_sharpe")["statistic"]
    assert told["registered"] >= line(told, "registered")["statistic"]  # more were tried since
    earned = sum(one["net"] > 0 for one in told["kinds_of_days"])
    assert earned == line(told, "regimes")["statistic"]


def test_equity_is_what_the_daily_returns_make(
    desk: Desk, ids: dict[str, str], told: dict[str, Any]
) -> None:
    daily = Runs(desk.database).daily(ids["momentum"])

    own = told["equity"]["curves"]["this run"]
    assert own[-1] == pytest.approx(np.prod(1 + daily.net), rel=1e-12)
    assert own[-1] == pytest.approx(1 + told["figures"]["net_return"]["value"], rel=1e-12)
    assert told["equity"]["days"][-1] == told["last_day"] == str(daily.days[-1])


def test_ridge_beside_a_run_is_the_run_of_ridge_itself(
    desk: Desk, ids: dict[str, str], told: dict[str, Any]
) -> None:
    ridge = run_report(desk, ids["ridge"])

    assert told["equity"]["curves"]["ridge"] == pytest.approx(
        ridge["equity"]["curves"]["this run"], rel=1e-12
    )
    assert "ridge" not in ridge["equity"]["curves"]
    assert {"hold", "momentum", "naive"} < set(ridge["equity"]["curves"])


def test_importance_is_that_of_the_folds(desk: Desk, ids: dict[str, str]) -> None:
    found = run_report(desk, ids["ridge"])["importance"]

    kept = [row.metrics["importance"] for row in folds_of(desk, named(desk, ids["ridge"]))]
    for one in found["columns"]:
        assert one["by_fold"] == [each.get(one["column"], 0.0) for each in kept]
    assert len(found["folds"]) == 2


def test_findings_are_plain_data_the_worst_first(told: dict[str, Any]) -> None:
    order = ["critical", "warning", "note"]
    ranks = [order.index(one["severity"]) for one in told["findings"]]

    assert ranks == sorted(ranks)
    assert all(set(one) == {"severity", "code", "said", "evidence", "remedy"}
               for one in told["findings"])  # fmt: skip
    assert canonical(told)


def test_a_fold_of_an_earlier_version_still_has_a_report(
    desk: Desk, ids: dict[str, str], told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Runs.folds

    def poorer(kept: Runs, work_key: str) -> list[FoldRow]:
        left = {"pinball"}
        return [
            replace(row, arrays={n: a for n, a in row.arrays.items() if n not in left})
            for row in usual(kept, work_key)
        ]

    monkeypatch.setattr(Runs, "folds", poorer)

    found = run_report(desk, ids["momentum"])

    assert found["findings"] == told["findings"]
    assert np.isnan(
        summing.summed(folds_of(desk, named(desk, ids["ridge"]))).total("pinball")
    ).all()


def test_what_has_not_finished_has_no_report(desk: Desk, ids: dict[str, str]) -> None:
    for name in ("failed", "stopped"):
        with pytest.raises(SettingsError, match="only what is finished"):
            run_report(desk, ids[name])


def test_the_newest_finished_run_is_taken_where_none_is_named(
    desk: Desk, ids: dict[str, str], tmp_path: Path
) -> None:
    assert newest_finished(desk) == ids["searched"]
    with pytest.raises(NotFoundError, match="No experiment was run here yet"):
        newest_finished(open_at(tmp_path / "empty"))


def test_a_family_tells_every_trial_in_the_order_of_registration(
    desk: Desk, ids: dict[str, str]
) -> None:
    found = family_report(desk, "drift")

    order = [one["id"] for one in found["trials"]]
    assert order[:3] == [ids["momentum"], ids["ridge"], ids["failed"]]
    assert order.index(ids["stopped"]) > 2
    assert [one["order"] for one in found["trials"]] == list(range(1, len(order) + 1))
    assert found["counts"]["finished"] == 2
    assert found["counts"]["unfinished"] == len(order) - 2
    assert found["noise"] is None or found["noise"]["ideas"] == (
        found["noise"]["clusters"] + found["counts"]["unfinished"]
    )
    figures = one_run(desk, ids["momentum"])["figures"]
    assert found["trials"][0]["net_sharpe"] == figures["net_sharpe"]
    assert found["trials"][0]["p"] == figures["p_value"]
    assert {one["code"] for one in found["findings"]} >= {"some_never_finished"}


def test_alpha_of_a_family_is_what_its_verdicts_spent(desk: Desk, ids: dict[str, str]) -> None:
    found = family_report(desk, "drift")["alpha"]

    levels = {
        name: line(run_report(desk, ids[name]), "family_alpha")["threshold"]
        for name in ("momentum", "ridge")
    }
    assert [row["level"] for row in found["rows"]] == [levels["momentum"], levels["ridge"]]
    assert found["spent"] == pytest.approx(3 * sum(set(levels.values())))


def test_tries_of_a_search_count_in_the_family_and_are_not_listed(
    desk: Desk, ids: dict[str, str]
) -> None:
    found = family_report(desk, "search")

    assert [one["id"] for one in found["trials"]] == [ids["searched"]]
    assert found["counts"]["tries"] >= 2
    assert found["counts"]["registered"] == 1 + found["counts"]["tries"]


def test_a_family_of_which_nothing_finished_has_a_page_all_the_same(tmp_path: Path) -> None:
    desk = looked.filled(tmp_path / "home")
    text = looked.FAILED.replace("family: drift", "family: unlucky")
    looked.ran(desk, tmp_path, text, looked.Inline(broken=True))

    found = family_report(desk, "unlucky")

    assert found["counts"] == {"registered": 1, "tries": 0, "finished": 0, "unfinished": 1}
    assert (found["best"], found["noise"], found["overfitting"]) == (None, None, None)
    assert write_report(desk, found).exists()
    desk.close()


def test_a_family_nobody_knows_is_answered_with_one_that_is_near(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match="did you mean drift"):
        family_report(desk, "drit")


def test_pages_are_written_where_reports_lie_or_where_it_is_asked(
    desk: Desk, told: dict[str, Any], tmp_path: Path
) -> None:
    usual = write_report(desk, told)
    asked = write_report(desk, told, tmp_path / "deep" / "page.html")
    family = write_report(desk, family_report(desk, "drift"))

    assert usual.parent == family.parent == desk.reports
    assert usual.read_bytes() == asked.read_bytes()
    assert b"simulated" in family.read_bytes()
    assert not list(desk.reports.glob("*.tmp"))
