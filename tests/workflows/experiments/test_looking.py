"""What is said of runs is what was kept of them, and two runs are compared on the same days."""

from pathlib import Path

import numpy as np
import pytest

from assay.core.errors import NotFoundError, SettingsError
from assay.evaluation.statistics.forecasts import day_block_difference
from assay.store.findings import SubjectKind, VerdictLine, VerdictRow, Verdicts
from assay.store.runs import Runs
from assay.store.trials import Trials
from assay.workflows.desk import Desk
from assay.workflows.experiments.comparing import compare
from assay.workflows.experiments.foreseeing import foreseen, foreseen_here, read_all, to_resume
from assay.workflows.experiments.looking import one_run, past_runs, shipped
from assay.workflows.experiments.planning import PLACEBOS
from tests.workflows.experiments import looked
from tests.workflows.workspace import copied, open_at


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("runs")
    return {"home": str(folder / "home"), **looked.build(folder / "home", folder)}


@pytest.fixture
def desk(ids: dict[str, str]) -> Desk:
    return open_at(Path(ids["home"]))


@pytest.fixture
def own(ids: dict[str, str], tmp_path: Path) -> Desk:
    return open_at(copied(Path(ids["home"]), tmp_path / "home"))


def test_runs_are_listed_in_order_with_how_they_ended(desk: Desk, ids: dict[str, str]) -> None:
    found = past_runs(desk)

    states = {one["id"]: one["status"] for one in found}
    assert [one["no"] for one in found] == sorted(one["no"] for one in found)
    assert states[ids["ridge"]] == states[ids["searched"]] == "finished"
    assert (states[ids["failed"]], states[ids["stopped"]]) == ("failed", "aborted")


def test_a_list_is_narrowed_by_family_name_and_status(desk: Desk, ids: dict[str, str]) -> None:
    by_family = past_runs(desk, family="search")
    by_name = past_runs(desk, name="drift-goes-on")
    by_status = past_runs(desk, status="failed")

    assert [one["id"] for one in by_family] == [ids["searched"]]
    assert [one["id"] for one in by_name] == [ids["momentum"], ids["ridge"]]
    assert [one["reason"] for one in by_status] == [looked.REASON]


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ({"family": "drif"}, "drift"),
        ({"name": "drift-goes-off"}, "drift-goes-on"),
        ({"status": "finish"}, "finished"),
    ],
)
def test_a_name_nobody_knows_is_answered_with_one_that_is_near(
    desk: Desk, asked: dict[str, str], near: str
) -> None:
    with pytest.raises(NotFoundError, match=f"did you mean {near}"):
        past_runs(desk, **asked)


def test_the_folds_of_a_run_compound_to_its_return(desk: Desk, ids: dict[str, str]) -> None:
    found = one_run(desk, ids["ridge"])

    grown = np.prod([1.0 + fold["net_return"] for fold in found["folds"]]) - 1.0
    assert found["figures"]["net_return"]["value"] == pytest.approx(grown, rel=1e-12)
    assert sum(fold["days"] for fold in found["folds"]) == found["figures"]["days"]
    assert sum(fold["trades"] for fold in found["folds"]) == found["figures"]["trades"]["1"]
    assert found["simulated"] is True
    assert found["file"] == looked.PAIR


def test_the_family_counts_every_configuration_that_was_tried(
    desk: Desk, ids: dict[str, str]
) -> None:
    drift, search = one_run(desk, ids["ridge"]), one_run(desk, ids["searched"])

    assert drift["tried_in_family"] == Trials(desk.database).count_distinct("experiment:drift") == 5
    assert search["tried_in_family"] == 1 + len({str(t["settings"]) for t in search["tries"]})


def test_the_tries_of_a_search_are_told_with_how_they_ended(
    desk: Desk, ids: dict[str, str]
) -> None:
    tries = one_run(desk, ids["searched"])["tries"]

    assert len(tries) == 3
    assert {one["state"] for one in tries} >= {"finished"}
    assert all(set(one["settings"]) == {"rows_needed"} for one in tries)


def test_a_run_that_was_stopped_still_shows_its_finished_folds(
    desk: Desk, ids: dict[str, str]
) -> None:
    found = one_run(desk, ids["stopped"])

    assert (found["status"], found["figures"]) == ("aborted", None)
    assert "resume" in found["reason"]
    assert [fold["fold"] for fold in found["folds"]] == [1]


def test_the_beginning_of_an_id_is_enough_until_two_runs_share_it(
    desk: Desk, ids: dict[str, str]
) -> None:
    bare = ids["ridge"].removeprefix("trial-")

    assert one_run(desk, bare[:8])["id"] == ids["ridge"]
    with pytest.raises(NotFoundError, match="type more of it"):
        one_run(desk, "trial-")


def test_a_trial_that_is_no_run_is_told_apart_from_a_slip(own: Desk, ids: dict[str, str]) -> None:
    at = own.clock.now()
    other = Trials(own.database).start("backtest", {"a": 1}, data_fingerprint="-", seed=1, at=at)
    wrong = ids["ridge"][:-1] + ("0" if ids["ridge"][-1] != "0" else "1")

    with pytest.raises(NotFoundError, match="a trial of 'backtest'"):
        one_run(own, other.id)
    with pytest.raises(NotFoundError, match=f"did you mean {ids['ridge']}"):
        one_run(own, wrong)


def test_the_newest_verdict_stands_beside_its_run(own: Desk, ids: dict[str, str]) -> None:
    line = VerdictLine("sanity", "enough_days", False, 82.0, 250.0, None, None, "82 days are few.")
    for verdict in ("PASS", "REJECT"):
        Verdicts(own.database).add(
            VerdictRow(
                subject_kind=SubjectKind.TRIAL,
                subject_id=ids["ridge"],
                profile="standard",
                at=own.clock.now(),
                verdict=verdict,
                gate_version="1",
                inputs_digest="0" * 64,
                trial_count=4,
                alpha_spent=None,
                libraries={},
                lines=(line,),
            )
        )

    told = {one["id"]: one["verdict"] for one in past_runs(own)}
    assert told[ids["ridge"]] == "REJECT" != told[ids["momentum"]]
    assert one_run(own, ids["ridge"])["verdict_lines"][0]["sentence"] == "82 days are few."


def test_a_comparison_names_what_differs_and_pairs_the_days(
    desk: Desk, ids: dict[str, str]
) -> None:
    found = compare(desk, [ids["momentum"], ids["ridge"]])

    one, other = (Runs(desk.database).daily(ids[name]) for name in ("momentum", "ridge"))
    oracle = day_block_difference(one.net, other.net, one.days.astype(np.int64)).to_json()
    keys = {row["key"]: row["values"] for row in found["differences"]}
    assert keys["model.name"] == ["momentum", "ridge"]
    assert not any(key.startswith(("data", "label", "splits")) for key in keys)
    [pair] = found["paired"]
    assert {name: pair[name] for name in oracle} == oracle
    assert pair["value"] == pytest.approx((one.net - other.net).mean(), rel=1e-12)


def test_comparing_with_a_run_of_other_days_says_so(own: Desk, ids: dict[str, str]) -> None:
    text = looked.STOPPED.replace("[momentum, ridge]", "[ridge]")
    [shorter] = looked.ran(own, own.home, text, looked.Inline())

    found = compare(own, [ids["ridge"], shorter])

    days = [set(Runs(own.database).daily(run).days.tolist()) for run in (ids["ridge"], shorter)]
    said = " ".join(found["remarks"])
    assert "The days differ" in said
    assert "different data" in said
    assert found["paired"][0]["days"] == len(days[0] & days[1]) > 0
    assert [row["values"] for row in found["differences"] if row["key"] == "data.to"] == [
        [None, "2020-07-01"]
    ]


def test_a_family_is_compared_by_its_finished_configurations(
    desk: Desk, ids: dict[str, str]
) -> None:
    found = compare(desk, [], family="drift")

    assert [one["id"] for one in found["runs"]] == [ids["momentum"], ids["ridge"]]


def test_two_runs_are_needed_to_compare(desk: Desk, ids: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"name two runs.*found 1"):
        compare(desk, [ids["ridge"], ids["ridge"]])
    with pytest.raises(SettingsError, match="not both"):
        compare(desk, [ids["ridge"]], family="drift")


def test_a_run_without_days_is_compared_by_what_it_asked_alone(
    desk: Desk, ids: dict[str, str]
) -> None:
    found = compare(desk, [ids["ridge"], ids["failed"]])

    assert found["paired"][0]["value"] is None
    assert found["runs"][1]["figures"] is None
    assert "has none" in " ".join(found["remarks"])


def test_only_what_was_never_finished_is_resumed(desk: Desk, ids: dict[str, str]) -> None:
    every = to_resume(desk)
    [one] = to_resume(desk, [ids["stopped"]])

    assert len(every) == 3  # the failed one and the two that were stopped together
    assert (one.source, one.experiment.name) == (ids["stopped"], "left-alone")
    with pytest.raises(SettingsError, match="needs no resuming"):
        to_resume(desk, [ids["ridge"]])


def test_what_a_file_would_run_is_said_before_it_runs(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "asked.yaml"
    file.write_text(looked.PAIR)
    combinatorial = tmp_path / "many.yaml"
    combinatorial.write_text(
        looked.SEARCHED.replace("kind: chronological", "kind: combinatorial, groups: 6")
    )

    rows, [many] = foreseen([file]), foreseen([combinatorial])
    here = foreseen_here(desk, [file])

    assert [(one["model"], one["folds"], one["fits"]) for one in rows] == [
        ("momentum", 2, 2),
        ("ridge", 2, 2),
    ]
    assert (many["folds"], many["tries"]) == (15, 15 * 3 * 2)
    assert [one["fits"] for one in here] == [
        2 + PLACEBOS + 2,
        2 + PLACEBOS,
    ]  # the baseline is ridge
    assert all(one["simulated"] for one in here)


def test_what_is_wrong_in_every_file_is_said_at_once(tmp_path: Path) -> None:
    for name, wrong in (("a", "horizon: 8"), ("b", "horizon: 9")):
        text = looked.PAIR.replace("horizon: 8 bars", wrong)
        (tmp_path / f"{name}.yaml").write_text(text)

    with pytest.raises(SettingsError) as said:
        read_all([tmp_path, Path("no-such-experiment")])

    lines = str(said.value).splitlines()
    assert lines[0].startswith(f"{tmp_path / 'a.yaml'}:6: label.horizon")
    assert lines[1].startswith(f"{tmp_path / 'b.yaml'}:6: label.horizon")
    assert "no-such-experiment" in lines[2]


def test_every_experiment_that_comes_with_assay_is_listed() -> None:
    found = shipped()

    assert found
    assert all(len(one["hypothesis"]) >= 20 and one["runs"] >= 1 for one in found)
