"""`assay experiment`: a file is checked and run; what it found is listed, shown and compared."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from assay.cli.main import run as run_command
from assay.store.files import locked
from assay.store.runs import Runs
from assay.workflows.desk import Desk
from assay.workflows.experiments.running import LOCK
from tests.cli.conftest import Run
from tests.cli.test_completion import press
from tests.workflows.experiments import looked
from tests.workflows.workspace import HandClock, copied, open_at

ASSAY = Path(sys.executable).with_name("assay")
MISTAKE, OURS, STOPPED = 2, 1, 130
PATIENCE_SECONDS = 60.0
UNMET = looked.PAIR.replace("drift-goes-on", "too-much").replace(
    "model.name: [momentum, ridge]", "model.settings.rows_needed: [200, 1000000]"
)


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("runs")
    return {"home": str(folder / "home"), **looked.build(folder / "home", folder)}


@pytest.fixture
def ran(ids: dict[str, str]) -> Path:
    """Return a workspace with runs that no test may change."""
    return Path(ids["home"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "asked.yaml"
    file.write_text(looked.PAIR)
    return file


def test_check_says_each_run_and_registers_none(ran: Path, file: Path, assay: Run) -> None:
    before = len(assay(ran, "experiment", "list", "--json").json)

    said = assay(ran, "experiment", "check", str(file))
    plain = assay(ran, "experiment", "check", str(file), "--data", "--json")

    assert said.code == plain.code == 0
    assert "2 runs, 4 fits" in said.out
    for words in ("drift-goes-on (momentum)", "direction, 8 bars", "EURUSD 1h", "expanding, 2"):
        assert words in said.out
    assert [one["simulated"] for one in plain.json] == [True, True]
    assert len(assay(ran, "experiment", "list", "--json").json) == before


@pytest.mark.parametrize("command", ["check", "run"])
def test_every_mistake_in_every_file_is_a_line(
    ran: Path, tmp_path: Path, assay: Run, command: str
) -> None:
    for name, right, wrong in (
        ("a", "horizon: 8 bars", "horizon: 8"),
        ("b", "folds: 2", "folds: none"),
    ):
        (tmp_path / f"{name}.yaml").write_text(looked.PAIR.replace(right, wrong, 1))

    said = assay(ran, "experiment", command, str(tmp_path))

    lines = said.err.strip().splitlines()
    assert said.code == MISTAKE
    assert f"{tmp_path / 'a.yaml'}:6: label.horizon has no unit" in lines[0]
    assert any(line.startswith(f"{tmp_path / 'b.yaml'}:8: splits.folds") for line in lines[1:])
    assert "Traceback" not in said.err


def test_a_library_name_nobody_knows_is_answered_with_one_that_is_near(
    ran: Path, assay: Run
) -> None:
    known = assay(ran, "experiment", "list", "--library", "--json").json[0]["name"]

    said = assay(ran, "experiment", "check", known[:-1])

    assert said.code == MISTAKE
    assert f"did you mean {known}" in said.err


def test_history_that_does_not_suffice_is_refused_before_anything_is_registered(
    ran: Path, tmp_path: Path, assay: Run
) -> None:
    file = tmp_path / "far.yaml"
    file.write_text(looked.PAIR.replace("timeframe: 1h", "timeframe: 1h, from: 2020-08-24"))
    before = len(assay(ran, "experiment", "list", "--json").json)

    alone = assay(ran, "experiment", "check", str(file))
    checked, asked = (
        assay(ran, "experiment", *w, str(file)) for w in (("check", "--data"), ["run"])
    )

    assert alone.code == 0
    assert (checked.code, asked.code) == (MISTAKE, MISTAKE)
    assert "days of history are too few" in checked.err
    assert len(assay(ran, "experiment", "list", "--json").json) == before


def test_the_schema_is_a_json_schema(ran: Path, tmp_path: Path, assay: Run) -> None:
    out = tmp_path / "deep" / "schema.json"

    printed = assay(ran, "experiment", "schema", "--json")
    written = assay(ran, "experiment", "schema", "--out", str(out))

    assert printed.json == json.loads(out.read_text())
    assert str(out) in written.out
    assert printed.json["$schema"].startswith("https://json-schema.org/")
    assert "for_each" in printed.json["properties"]


def test_a_run_is_told_as_it_ends_and_one_that_failed_with_its_reason(
    tmp_path: Path, assay: Run
) -> None:
    looked.filled(tmp_path / "home").close()
    file = tmp_path / "asked.yaml"
    file.write_text(UNMET)

    said = assay(tmp_path / "home", "experiment", "run", str(file), "--jobs", "2")
    again = assay(tmp_path / "home", "experiment", "run", str(file), "--json")

    rows = assay(tmp_path / "home", "experiment", "list", "--json").json
    assert said.code == again.code == OURS
    assert "(simulated): net Sharpe" in said.err
    assert "hit rate" in said.err
    assert "ridge needs 1,000,000 labelled rows" in said.out
    assert (rows[0]["verdict"] or "finished") in said.out
    assert again.err == ""
    assert again.json["failed"] == 1
    assert [one["status"] for one in rows] == ["finished", "failed"] * 2
    assert rows[0]["net_sharpe"] == rows[2]["net_sharpe"]
    desk = open_at(tmp_path / "home")
    makers = {row.trial_id for row in Runs(desk.database).folds(_key(desk, rows[0]["id"]))}
    assert makers == {rows[0]["id"]}, "what is there is not fitted again"


def _key(desk: Desk, trial: str) -> str:
    return Runs(desk.database).facts(trial).work_key


def test_a_run_stopped_by_a_person_says_what_is_kept_and_goes_on(
    tmp_path: Path, assay: Run
) -> None:
    home, file = tmp_path / "home", tmp_path / "long.yaml"
    looked.filled(home).close()
    file.write_text(looked.LONG)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSAY_")}
    running = subprocess.Popen(
        [ASSAY, "--home", home, "experiment", "run", file, "--jobs", "1"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(_folds(home)) < 2 and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=PATIENCE_SECONDS)
    kept = _folds(home)

    listed = assay(home, "experiment", "list", "--json").json
    resumed = assay(home, "experiment", "resume")
    after = assay(home, "experiment", "list", "--json").json
    nothing = assay(home, "experiment", "resume")

    assert running.returncode == STOPPED, said
    assert "Traceback" not in said
    assert "folds of all of them; assay experiment resume goes on" in said
    assert {one["status"] for one in listed} <= {"aborted", "finished"}
    assert "aborted" in {one["status"] for one in listed}
    assert resumed.code == 0
    assert after[-1]["status"] == "finished"
    assert len(kept) >= 2
    assert kept < _folds(home), "what was kept is not fitted again"
    assert "nothing to resume" in nothing.out


def _folds(home: Path) -> set[tuple[object, ...]]:
    """Return the folds that are kept and the run that made each, none where there is no table."""
    file = home / "assay.db"
    if not file.exists():
        return set()
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        try:
            return set(opened.execute("SELECT work_key, fold, seed, trial_id FROM run_folds"))
        except sqlite3.OperationalError:
            return set()


def test_a_second_process_is_told_that_one_is_running(
    ran: Path, file: Path, tmp_path: Path, assay: Run
) -> None:
    home = copied(ran, tmp_path / "home")

    with locked(home / LOCK):
        said = assay(home, "experiment", "run", str(file))

    assert said.code == OURS
    assert "being run by another process" in said.err


def test_a_database_that_is_down_is_one_sentence(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pg8000")
    url = "postgresql+pg8000://nobody:secret@127.0.0.1:1/none"
    clock = HandClock(datetime(2022, 1, 3, 12, tzinfo=UTC))

    for words in (("list",), ("show", "5456"), ("resume",), ("run", str(file))):
        code = run_command(
            ["experiment", *words], lambda _: Desk(tmp_path / "home", clock, database_url=url)
        )
        said = capsys.readouterr()

        assert code == OURS, words
        assert said.err.count("\n") == 1
        assert "127.0.0.1" in said.err
        assert "secret" not in said.err


def test_an_executor_nobody_knows_and_an_address_without_use_are_refused(
    ran: Path, file: Path, assay: Run
) -> None:
    unknown = assay(ran, "experiment", "run", str(file), "--executor", "lokal")
    useless = assay(ran, "experiment", "run", str(file), "--address", "auto")

    assert (unknown.code, useless.code) == (MISTAKE, MISTAKE)
    assert "did you mean local" in unknown.err
    assert "--address is for" in useless.err


def test_the_list_says_how_each_run_ended(ran: Path, ids: dict[str, str], assay: Run) -> None:
    said = assay(ran, "experiment", "list")
    alone = assay(ran, "experiment")
    narrowed = assay(ran, "experiment", "list", "--family", "search", "--status", "finished")

    assert said.out == alone.out
    for name in ("momentum", "ridge", "failed", "stopped", "searched"):
        assert ids[name] in said.out
    assert "(simulated)" in said.out
    assert said.out.index(ids["momentum"]) < said.out.index(ids["searched"])
    assert ids["searched"] in narrowed.out
    assert ids["ridge"] not in narrowed.out


def test_a_workspace_without_runs_says_where_to_begin(tmp_path: Path, assay: Run) -> None:
    said, plain = (assay(tmp_path, "experiment", "list", *more) for more in ((), ("--json",)))

    assert "--library" in said.out
    assert plain.json == []
    assert assay(tmp_path, "experiment", "show", "5456").code == MISTAKE
    assert assay(tmp_path, "experiment", "resume").code == 0


def test_show_says_all_that_is_needed_to_repeat_and_to_doubt_it(
    ran: Path, ids: dict[str, str], assay: Run
) -> None:
    said = assay(ran, "experiment", "show", ids["ridge"][:14])

    assert said.code == 0
    for words in (
        "its last move foretells the next",
        "horizon: 8 bars",
        "5 configurations were tried so far",
        "simulated",
        "By seed",
        "By fold and seed",
        "numpy ",
        "changes beyond it",
        "2020-05-04",
    ):
        assert words in said.out, words


def test_show_tells_a_failure_its_reason_and_a_search_its_tries(
    ran: Path, ids: dict[str, str], assay: Run
) -> None:
    failed = assay(ran, "experiment", "show", ids["failed"])
    searched = assay(ran, "experiment", "show", ids["searched"])

    assert looked.REASON in failed.out
    assert "Tries of the search" in searched.out
    assert "rows_needed " in searched.out


def test_an_unknown_run_is_answered_with_the_nearest(
    ran: Path, ids: dict[str, str], assay: Run
) -> None:
    wrong = ids["ridge"][:-1] + ("0" if ids["ridge"][-1] != "0" else "1")

    for words in (("show", wrong), ("export", wrong, "--out", "/nowhere"), ("resume", wrong)):
        said = assay(ran, "experiment", *words)

        assert said.code == MISTAKE
        assert f"did you mean {ids['ridge']}" in said.err


def test_two_runs_stand_side_by_side(ran: Path, ids: dict[str, str], assay: Run) -> None:
    said = assay(ran, "experiment", "compare", ids["momentum"], ids["ridge"])
    plain = assay(ran, "experiment", "compare", "--family", "drift", "--json")

    assert "model.name" in said.out
    assert "A less B: " in said.out
    assert "basis points a day" in said.out
    assert "simulated bars" in said.out
    assert [one["id"] for one in plain.json["runs"]] == [ids["momentum"], ids["ridge"]]
    assert assay(ran, "experiment", "compare", ids["ridge"]).code == MISTAKE


def test_runs_are_exported_where_it_is_asked_for(
    ran: Path, ids: dict[str, str], tmp_path: Path, assay: Run
) -> None:
    said = assay(ran, "experiment", "export", ids["ridge"], "--out", str(tmp_path / "csv"))
    wrong = assay(
        ran, "experiment", "export", ids["ridge"], "--out", str(tmp_path), "--tracking-uri", "x"
    )

    assert said.code == 0
    assert str(tmp_path / "csv" / "daily.csv") in said.out
    assert len(pl.read_csv(tmp_path / "csv" / "daily.csv")) > 80
    assert wrong.code == MISTAKE


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("assay experiment list --family s", ["search"]),
        ("assay experiment list --name d", ["drift-goes-on"]),
        ("assay experiment list --status fi", ["finished"]),
        ("assay experiment run --executor l", ["local"]),
    ],
)
def test_stored_names_are_offered(ran: Path, line: str, wanted: list[str]) -> None:
    assert press(line, len(line.split(" ")) - 1, ran).stdout.split() == wanted


def test_runs_and_library_names_are_offered(ran: Path, ids: dict[str, str], assay: Run) -> None:
    shipped = [one["name"] for one in assay(ran, "experiment", "list", "--library", "--json").json]

    assert press("assay experiment show trial-", 3, ran).stdout.split()[0] == ids["searched"]
    assert press("assay experiment check ", 3, ran).stdout.split() == shipped
