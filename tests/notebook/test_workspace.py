"""The Python API does what the commands do, and says the same."""

import inspect
import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import assay
from assay.app import open_workspace
from assay.cli.main import run
from assay.core.ids import canonical
from assay.notebook.workspace import Workspace
from tests.factories import make_bars
from tests.workflows.workspace import LIGHT, opener


def printed(desk: Workspace, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Return what a command prints with --json in the same workspace, with the same clock."""
    capsys.readouterr()
    assert run([*words, "--json"], opener(desk.home)) == 0
    return json.loads(capsys.readouterr().out)


def said(value: object) -> Any:
    return json.loads(canonical(value))


def test_every_method_returns_what_its_command_prints(
    desk: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    series = ("EURUSD", "--timeframe", "1h")
    signal = desk.signal("EURUSD", "1h")
    model = desk.models()[0]["artefact"]

    assert said(signal.to_json()) == printed(desk, capsys, "signal", *series)
    assert said(desk.explain(signal).to_json()) == printed(desk, capsys, "explain", signal.id)
    assert said(desk.check("EURUSD", "1h").to_json()) == printed(
        desk, capsys, "data", "check", *series
    )
    assert said(list(desk.models())) == printed(desk, capsys, "models", "list")
    assert said(desk.model(model)) == printed(desk, capsys, "models", "show", model)
    assert said(list(desk.series())) == printed(desk, capsys, "data", "list")
    assert (
        said(list(desk.importance("EURUSD", "1h")))
        == (printed(desk, capsys, "features", "importance", *series, "--by", "ic")["columns"])
    )
    fresh = said(desk.daily().to_json())["lines"]
    again = printed(desk, capsys, "daily")["lines"]
    assert [one["id"] for one in fresh] == [one["id"] for one in again]


def test_the_doctor_and_the_journal_say_the_same(
    desk: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(desk.doctor().to_json()) == printed(desk, capsys, "doctor")
    verified = printed(desk, capsys, "journal", "verify")
    assert (desk.verify().intact, desk.verify().entries) == (True, verified["entries"])
    listed = printed(desk, capsys, "journal", "list", "--limit", "3")
    assert [one.digest for one in desk.journal(3)] == [one["digest"] for one in listed]


def test_what_is_due_and_what_the_monitors_read(
    desk: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(desk.retrain(dry_run=True)) == printed(desk, capsys, "retrain", "--dry-run")
    assert said(desk.monitor("EURUSD", "1h")) == printed(
        desk, capsys, "models", "monitor", "EURUSD", "--timeframe", "1h"
    )


def test_the_verbs_are_the_commands() -> None:
    wanted = {
        "import_files", "check", "bars", "features", "train", "models", "signal", "explain",
        "backtest", "report", "board", "daily", "journal", "retrain", "monitor",
    }  # fmt: skip

    public = {name for name in dir(Workspace) if name[0] != "_"}

    assert wanted <= public
    for name in public:
        assert (inspect.getdoc(getattr(Workspace, name)) or "").strip(), f"{name} says nothing"


def test_frames_hold_closes_in_utc_and_only_the_span_asked_for(desk: Workspace) -> None:
    every = desk.bars("EURUSD", "1h")
    start, end = every["time"][600], every["time"][700]

    some = desk.bars("eurusd", "1h", start.isoformat(), end)
    features = desk.features("EURUSD", "1h", start=start, end=end)

    assert some.equals(every[600:701])
    assert features["time"].to_list() == some["time"].to_list()
    assert features["time"].dtype == pl.Datetime("us", "UTC")


def test_features_of_a_span_are_those_of_the_whole(desk: Workspace) -> None:
    whole = desk.features("EURUSD", "1h", ["rsi", "adx_14"])

    late = desk.features("EURUSD", "1h", ["rsi", "adx_14"], start=whole["time"][-50])
    early = desk.features("EURUSD", "1h", ["rsi", "adx_14"], end=whole["time"][999])

    assert late.equals(whole.tail(50))
    assert early.equals(whole.head(1000))
    assert whole.columns == ["time", "rsi_14", "adx_14"]


def test_a_zone_is_turned_into_utc_and_none_is_refused(desk: Workspace) -> None:
    at = desk.bars("EURUSD", "1h")["time"][-30]
    there = at.astimezone(timezone(timedelta(hours=-5)))

    assert desk.signal("EURUSD", "1h", there).id == desk.signal("EURUSD", "1h", at.isoformat()).id
    with pytest.raises(assay.DataError, match="has no time zone"):
        desk.signal("EURUSD", "1h", datetime(2020, 6, 1, 12))  # noqa: DTZ001 - what is refused
    with pytest.raises(assay.SettingsError, match="start must be a time such as"):
        desk.bars("EURUSD", "1h", "yesterday")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (lambda d: d.signal("NOPE", "1h"), assay.NotFoundError),
        (lambda d: d.signal("EURUSD", "1d"), assay.NotFoundError),
        (lambda d: d.bars("EURUSD", "7h"), assay.NotFoundError),
        (lambda d: d.features("EURUSD", "1h", "no_such"), assay.NotFoundError),
        (lambda d: d.features("EURUSD", "4h", end="2020-01-08"), assay.HistoryError),
        (lambda d: d.explain("sig-none"), assay.NotFoundError),
        (lambda d: d.import_files("nowhere.csv"), assay.NotFoundError),
        (lambda d: d.simulate("EURUSD", "7h"), assay.NotFoundError),
    ],
)
def test_an_error_is_one_sentence_of_the_tree(
    desk: Workspace, asked: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        asked(desk)

    assert isinstance(caught.value, assay.AssayError)
    assert "\n" not in str(caught.value)


def test_a_file_comes_in_with_what_is_said_of_it(tmp_path: Path) -> None:
    bars = make_bars(400, symbol="GBPUSD")
    file = tmp_path / "GBPUSD_1h.csv"
    local = pl.col("time").dt.convert_time_zone("Asia/Tokyo").dt.strftime("%Y-%m-%d %H:%M")
    bars.frame.with_columns(local).write_csv(file)

    with open_workspace(tmp_path / "home", progress=False) as desk:
        done = desk.import_files(file, said={"stamp": "close", "clock": "Asia/Tokyo"})
        again = desk.import_files([file], said={"stamp": "close", "clock": "Asia/Tokyo"})

        assert (done.added, again.added) == (400, 0)
        assert desk.bars("GBPUSD", "1h")["time"].to_list() == bars.frame["time"].to_list()


def test_mending_can_be_looked_at_first(tmp_path: Path) -> None:
    frame = make_bars(400).frame
    spike = pl.col("time") == frame["time"][200]
    made = frame.with_columns(high=pl.when(spike).then(pl.col("high") * 1.1).otherwise("high"))
    made.write_parquet(tmp_path / "EURUSD_1h.parquet")

    with open_workspace(tmp_path / "home", progress=False) as desk:
        desk.import_files(tmp_path / "EURUSD_1h.parquet", said={"stamp": "close"})
        plan = desk.mend("EURUSD", "1h", store=False)
        before = desk.bars("EURUSD", "1h")
        done = desk.mend("EURUSD", "1h")

        assert frame["time"][200] in plan.away
        assert frame["time"][200] in before["time"]
        assert (done.away, done.words) == (plan.away, plan.words)
        assert frame["time"][200] not in desk.bars("EURUSD", "1h")["time"]


def test_training_again_reuses_and_tells_a_callable(home: Path) -> None:
    told: list[tuple[str, int, int]] = []
    desk = Workspace(opener(home)(None), progress=lambda *all_of_it: told.append(all_of_it))

    done = desk.train("EURUSD", "4h", members=LIGHT, progress=False)
    desk.backtest("EURUSD", "4h", folds=1, members=LIGHT)

    assert len(done.members) == len(LIGHT)
    assert told
    assert all(0 <= step <= total for _, step, total in told)


def test_closing_lets_go_and_a_later_call_opens_again(home: Path) -> None:
    with open_workspace(home, progress=False) as desk:
        before = desk.verify().entries

    assert desk.verify().entries == before
    desk.close()


def test_settings_given_in_python_beat_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assay.toml").write_text("seed = 3\njobs = 5\n")
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))

    desk = assay.open(seed=9, progress=False)

    assert (desk.home, desk._desk.seed, desk._desk.jobs) == (tmp_path, 9, 5)
    with pytest.raises(assay.SettingsError, match="'seed' cannot be -1"):
        assay.open(seed=-1)


def test_importing_assay_brings_in_nothing_heavy() -> None:
    program = (
        "import sys, time; begun = time.process_time(); import assay; "
        "took = time.process_time() - begun; "
        "heavy = {'numpy', 'polars', 'pydantic', 'typer', 'numba'} & set(sys.modules); "
        "assert 'open' in dir(assay); print(took, sorted(heavy))"
    )

    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]

    said = [run.stdout.strip().partition(" ") for run in runs]
    assert {heavy for _, _, heavy in said} == {"[]"}
    assert min(float(took) for took, _, _ in said) < 0.1


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'foretell'"):
        assay.foretell  # noqa: B018 - what is asked for
