"""What other programs read of a run is what was kept of it, and no file is ever half there."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.errors import MissingExtraError, NotFoundError, SettingsError, StoreError
from assay.evaluation.metrics import sharpe
from assay.store.runs import Runs
from assay.workflows.desk import Desk
from assay.workflows.experiments.exporting import export, export_mlflow
from assay.workflows.experiments.looking import one_run
from assay.workflows.experiments.summing import RETURNS
from tests.workflows.experiments import looked
from tests.workflows.workspace import open_at

needs_mlflow = pytest.mark.skipif(
    find_spec("mlflow") is None, reason="mlflow-skinny (extra mlflow) is not installed"
)
TABLES = ("daily", "figures", "folds", "runs")


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("runs")
    desk = looked.filled(folder / "home")
    momentum, ridge = looked.ran(desk, folder, looked.PAIR, looked.Inline())
    stopped, _ = looked.ran(desk, folder, looked.STOPPED, looked.Inline(most=1))
    return {
        "home": str(folder / "home"),
        "momentum": momentum,
        "ridge": ridge,
        "stopped": stopped,
    }


@pytest.fixture
def desk(ids: dict[str, str]) -> Desk:
    return open_at(Path(ids["home"]))


def read(folder: Path, name: str, kind: str) -> pl.DataFrame:
    file = folder / f"{name}.{kind}"
    return pl.read_csv(file, try_parse_dates=True) if kind == "csv" else pl.read_parquet(file)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_hold_the_days_to_the_last_digit(
    desk: Desk, ids: dict[str, str], kind: str, tmp_path: Path
) -> None:
    written = export(desk, [ids["ridge"], ids["momentum"]], kind, tmp_path)

    daily = read(tmp_path, "daily", kind).filter(pl.col("run") == ids["ridge"])
    kept = Runs(desk.database).daily(ids["ridge"])
    assert sorted(file.stem for file in written) == list(TABLES)
    assert daily["day"].to_list() == kept.days.tolist()
    np.testing.assert_array_equal(daily["net"].to_numpy(), kept.net)
    np.testing.assert_array_equal(daily["gross"].to_numpy(), kept.gross)
    assert daily.columns == ["run", "day", *RETURNS]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_sharpe_ratio_that_is_told_is_that_of_the_days(
    desk: Desk, ids: dict[str, str], kind: str, tmp_path: Path
) -> None:
    export(desk, [ids["ridge"]], kind, tmp_path)

    net = read(tmp_path, "daily", kind)["net"].to_numpy()
    figures = read(tmp_path, "figures", kind)
    told = figures.row(by_predicate=pl.col("figure") == "net_sharpe", named=True)
    assert told["value"] == pytest.approx(float(sharpe(net[None], 260)[0]), rel=1e-9)
    assert told["low"] < told["value"] < told["high"]
    seeds = figures.filter(pl.col("figure") == "hit_rate")["part"].cast(pl.String).to_list()
    assert seeds == ["1"]


def test_json_holds_everything_of_a_run(desk: Desk, ids: dict[str, str], tmp_path: Path) -> None:
    [file] = export(desk, [ids["ridge"]], "json", tmp_path)

    [told] = json.loads(file.read_text())
    shown = one_run(desk, ids["ridge"])
    assert told["figures"] == shown["figures"]
    assert told["configuration"] == shown["configuration"]
    assert told["file"] == looked.PAIR
    assert [fold["net_return"] for fold in told["folds"]] == [
        fold["net_return"] for fold in shown["folds"]
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet", "json"])
def test_a_run_that_was_stopped_has_its_folds_and_no_days(
    desk: Desk, ids: dict[str, str], kind: str, tmp_path: Path
) -> None:
    export(desk, [ids["stopped"]], kind, tmp_path)

    if kind == "json":
        [told] = json.loads((tmp_path / "experiments.json").read_text())
        assert (len(told["folds"]), told["daily"]) == (1, [])
        return
    assert (len(read(tmp_path, "folds", kind)), len(read(tmp_path, "daily", kind))) == (1, 0)
    assert read(tmp_path, "runs", kind)["status"].to_list() == ["aborted"]


def test_the_same_runs_are_the_same_bytes_and_leave_nothing_beside(
    desk: Desk, ids: dict[str, str], tmp_path: Path
) -> None:
    first = {file.name: file.read_bytes() for file in export(desk, [ids["ridge"]], "csv", tmp_path)}
    again = {file.name: file.read_bytes() for file in export(desk, [ids["ridge"]], "csv", tmp_path)}

    assert first == again
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"{name}.csv" for name in TABLES]


def test_nothing_is_written_for_what_cannot_be_exported(
    desk: Desk, ids: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError):
        export(desk, [ids["ridge"], "trial-000000000000"], "csv", tmp_path)
    with pytest.raises(SettingsError, match="csv, parquet, json, mlflow; found 'xlsx'"):
        export(desk, [ids["ridge"]], "xlsx", tmp_path)

    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_one_sentence(
    desk: Desk, ids: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(StoreError, match="could not be written"):
        export(desk, [ids["ridge"]], "csv", tmp_path / "taken")


def test_without_mlflow_it_is_said_what_to_install(
    desk: Desk, ids: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mlflow", "mlflow.exceptions", "mlflow.tracking"):
        monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(MissingExtraError, match=r"mlflow-skinny.*assay\[mlflow\]"):
        export_mlflow(desk, [ids["ridge"]], tmp_path)


@needs_mlflow
def test_mlflow_holds_each_run_with_its_folds_as_steps(
    desk: Desk, ids: dict[str, str], tmp_path: Path
) -> None:
    from mlflow.tracking import MlflowClient

    asked = [ids["ridge"], ids["stopped"]]
    entered = export_mlflow(desk, asked, tmp_path)
    again = export_mlflow(desk, asked, tmp_path)

    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")
    ridge, stopped = (client.get_run(one["mlflow"]) for one in entered)
    shown = one_run(desk, ids["ridge"])
    steps = client.get_metric_history(ridge.info.run_id, "fold.net_return")
    files = {file.path for file in client.list_artifacts(ridge.info.run_id)}
    assert (ridge.info.status, stopped.info.status) == ("FINISHED", "KILLED")
    assert ridge.data.metrics["net_sharpe"] == shown["figures"]["net_sharpe"]["value"]
    assert ridge.data.params["model.name"] == "ridge"
    assert ridge.data.tags["assay.trial"] == ids["ridge"]
    assert {metric.step: metric.value for metric in steps} == {
        fold["fold"]: fold["net_return"] for fold in shown["folds"]
    }
    assert files == {"experiment.yaml", "run.json"}
    assert [one["mlflow"] for one in again] == [one["mlflow"] for one in entered]
    assert [one["new"] for one in again] == [False, False]


@needs_mlflow
def test_a_run_that_is_half_in_mlflow_is_made_again(
    desk: Desk, ids: dict[str, str], tmp_path: Path
) -> None:
    from mlflow.tracking import MlflowClient

    [first] = export_mlflow(desk, [ids["ridge"]], tmp_path)
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")
    client.delete_tag(first["mlflow"], "assay.whole")

    [second] = export_mlflow(desk, [ids["ridge"]], tmp_path)

    family = client.get_experiment_by_name("drift")
    assert family is not None
    live = client.search_runs([family.experiment_id])
    assert second["new"]
    assert [run.info.run_id for run in live] == [second["mlflow"]]


@needs_mlflow
def test_what_mlflow_refuses_is_one_sentence(
    desk: Desk, ids: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=r"MLflow could not keep the runs in .*; name another"):
        export_mlflow(desk, [ids["ridge"]], tmp_path, tracking_uri=str(tmp_path / "mlruns"))
