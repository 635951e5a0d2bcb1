"""Write runs of experiments for other programs: tables in CSV or Parquet, JSON, or MLflow."""

import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from assay.core.errors import MissingExtraError, SettingsError, StoreError
from assay.core.ids import canonical
from assay.store.files import write_atomic
from assay.store.runs import RunRow, Runs
from assay.workflows.desk import Desk
from assay.workflows.experiments.looking import chosen, flat, fold_of, folds_of, judged, summary_of
from assay.workflows.experiments.summing import RETURNS, summed

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

KINDS = ("csv", "parquet", "json", "mlflow")
OWN_TAG, WHOLE_TAG = "assay.trial", "assay.whole"
"""The tags of MLflow by which a run is found again, and known to be whole."""
LONGEST_PARAMETER = 6_000
"""Characters that MLflow takes."""
MLFLOW_SETTINGS = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_LOGGING_LEVEL": "WARNING"}
"""It tells its makers nothing, and nobody how it makes its tables."""
_STATES = {"finished": "FINISHED", "failed": "FAILED", "aborted": "KILLED", "running": "RUNNING"}
_ESTIMATE = {"value", "low", "high"}


def export(desk: Desk, asked: Sequence[str], kind: str, out: Path) -> list[Path]:
    """Write the runs called by `asked` into the folder `out`; return the files, replaced if there.

    CSV and Parquet are four tables, each with a column `run`: `runs` (one row a run), `figures`
    (one row a number; `part` the seed or kind it is of), `folds` (one row a fold and seed) and
    `daily` (simple returns by day, mean over seeds, of each kind that `summing.RETURNS` names).
    JSON is one file with the same, and configuration and experiment file beside. Times are UTC;
    what is not there is empty or null. A run that is unfinished has its finished folds. Every file
    is written beside and renamed, so that none is ever half there.
    """
    told = [_whole(desk, row) for row in chosen(desk, asked)]
    if kind == "json":
        file = out / "experiments.json"
        write_atomic(file, canonical(told) + b"\n")
        return [file]
    if kind not in ("csv", "parquet"):
        raise SettingsError(f"Runs are exported as {', '.join(KINDS)}; found {kind!r}")
    written = []
    for name, frame in _tables(told).items():
        file = out / f"{name}.{kind}"
        write_atomic(file, _bytes(frame, kind))
        written.append(file)
    return written


def export_mlflow(
    desk: Desk, asked: Sequence[str], out: Path, *, tracking_uri: str | None = None
) -> list[dict[str, Any]]:
    """Enter each run into MLflow as one of its runs; return their ids, and which were there before.

    The store is `tracking_uri`, else SQLite in `out`/mlflow.db; files go to `out`/artifacts. An
    experiment of MLflow is a family. Metrics by fold are means over seeds, their step the fold. A
    run that is whole there is left alone, one that is not is made again. Needs mlflow-skinny
    (`MissingExtraError`); what MLflow refuses is a `StoreError`. Its makers are told nothing.
    """
    rows = chosen(desk, asked)
    client_of, refused = _mlflow()
    try:
        out.mkdir(parents=True, exist_ok=True)
        client = client_of(tracking_uri or f"sqlite:///{(out / 'mlflow.db').resolve()}")
        return [_entered(client, desk, row, out / "artifacts") for row in rows]
    except refused as error:
        first = str(error).strip().partition("\n")[0].partition(". ")[0].rstrip(".")
        where = tracking_uri or str(out / "mlflow.db")
        raise StoreError(
            f"MLflow could not keep the runs in {where}: {first}; name another store with "
            "--tracking-uri, as sqlite:///runs.db"
        ) from error


def _whole(desk: Desk, row: RunRow) -> dict[str, Any]:
    [(_, verdict)] = judged(desk, [row])
    folds = folds_of(desk, row)
    return {
        **summary_of(row, verdict),
        "seeds": list(row.facts.seeds),
        "code_version": row.facts.code_version,
        "data_fingerprint": row.trial.data_fingerprint,
        "peak_mb": row.facts.peak_mb,
        "hypothesis": row.facts.hypothesis,
        "configuration": row.trial.configuration,
        "file": row.facts.file_text,
        "figures": row.trial.metrics or {},
        "folds": [{**fold_of(each), "metrics": each.metrics} for each in folds],
        "daily": _daily(desk, row),
    }


def _daily(desk: Desk, row: RunRow) -> list[dict[str, Any]]:
    """Return a row a day; nothing of a run that kept no days."""
    kept = Runs(desk.database).daily(row.trial.id)
    if not kept.days.size:
        return []
    run = summed(folds_of(desk, row))
    means = {name: run.returns[name].mean(axis=1) for name in RETURNS}
    return [
        {"day": str(np.datetime64(int(day), "D"))} | {n: float(means[n][at]) for n in RETURNS}
        for at, day in enumerate(run.days)
    ]


def _tables(told: Sequence[Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    apart = ("net_sharpe", "configuration", "file", "figures", "folds", "daily", "seeds", "id")
    runs = [
        {"run": each["id"]}
        | {key: value for key, value in each.items() if key not in apart}
        | {"seeds": " ".join(map(str, each["seeds"]))}
        for each in told
    ]
    figures = [
        {"run": each["id"], **figure} for each in told for figure in figures_of(each["figures"])
    ]
    folds = [
        {"run": each["id"]} | {key: value for key, value in fold.items() if key != "metrics"}
        for each in told
        for fold in each["folds"]
    ]
    daily = [{"run": each["id"], **day} for each in told for day in each["daily"]]
    tables = {"runs": runs, "figures": figures, "folds": folds, "daily": daily}
    made = {
        name: pl.DataFrame(
            rows, schema=None if rows else {"run": pl.String}, infer_schema_length=None
        )
        for name, rows in tables.items()
    }
    days = [(name, c) for name in ("folds", "daily") for c in ("day", "first_day", "last_day")]
    for name, column in days:
        if column in made[name].columns:
            made[name] = made[name].with_columns(pl.col(column).str.to_date())
    return made


def figures_of(figures: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row a number: its name, the seed or kind it is of, its value and interval."""
    for name, value in figures.items():
        if isinstance(value, Mapping) and set(value) >= _ESTIMATE:
            yield _row(name, "", value["value"], value["low"], value["high"])
        elif isinstance(value, Mapping):
            for part, each in value.items():
                if each is None or isinstance(each, int | float):
                    yield _row(name, str(part), each)
        elif value is None or isinstance(value, int | float):
            yield _row(name, "", value)


def _row(
    name: str, part: str, value: float | None, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    numbers = {"value": value, "low": low, "high": high}
    plain = {key: None if each is None else float(each) for key, each in numbers.items()}
    return {"figure": name, "part": part, **plain}


def _bytes(frame: pl.DataFrame, kind: str) -> bytes:
    held = io.BytesIO()
    if kind == "csv":
        frame.write_csv(held)
    else:
        frame.write_parquet(held)
    return held.getvalue()


def _mlflow() -> tuple[Callable[[str], "MlflowClient"], type[Exception]]:
    """Return what makes a client of MLflow, and what it raises; it must not call home."""
    for name, value in MLFLOW_SETTINGS.items():  # read when it is imported
        os.environ.setdefault(name, value)
    try:
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient
    except ModuleNotFoundError as error:
        raise MissingExtraError("mlflow", "mlflow-skinny", "mlflow") from error
    return lambda uri: MlflowClient(tracking_uri=uri), MlflowException


def _entered(client: "MlflowClient", desk: Desk, row: RunRow, files: Path) -> dict[str, Any]:
    """Enter one run, unless it is there; the tag that says that it is whole comes last."""
    family = client.get_experiment_by_name(row.facts.family)
    if family is None:
        place = (files / row.facts.family).resolve().as_uri()
        number = client.create_experiment(row.facts.family, artifact_location=place)
    else:
        number = family.experiment_id
    state = str(row.trial.status)
    for held in client.search_runs([number], f"tags.`{OWN_TAG}` = '{row.trial.id}'"):
        if held.data.tags.get(WHOLE_TAG) == state:
            return {"run": row.trial.id, "mlflow": held.info.run_id, "new": False}
        client.delete_run(held.info.run_id)
    told = _whole(desk, row)
    made = client.create_run(
        number, _milliseconds(row.trial.started_at), _tags(told), run_name=row.facts.title
    )
    own = made.info.run_id
    _log(client, own, told, _milliseconds(row.trial.finished_at or row.trial.started_at))
    client.set_tag(own, WHOLE_TAG, state)
    if row.trial.finished_at is not None:
        client.set_terminated(own, _STATES[state], _milliseconds(row.trial.finished_at))
    return {"run": row.trial.id, "mlflow": own, "new": True}


def _log(client: "MlflowClient", own: str, told: Mapping[str, Any], at: int) -> None:
    from mlflow.entities import Metric, Param

    metrics = [Metric(name, value, at, 0) for name, value in _named_figures(told["figures"])]
    metrics += [Metric(name, value, at, fold) for fold, name, value in _by_fold(told["folds"])]
    parameters = {**flat(told["configuration"]), "seeds": told["seeds"]}
    params = [Param(key, _cut(value)) for key, value in parameters.items()]
    for start in range(0, max(len(metrics), len(params)), 100):  # MLflow takes so many at once
        some = slice(start, start + 100)
        client.log_batch(own, metrics[some], params[some])
    with TemporaryDirectory() as folder:
        for name, text in (
            ("experiment.yaml", told["file"].encode()),
            ("run.json", canonical(told) + b"\n"),
        ):
            file = Path(folder) / name
            file.write_bytes(text)
            client.log_artifact(own, str(file))


def _named_figures(figures: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for row in figures_of(figures):
        name = f"{row['figure']}.{row['part']}" if row["part"] else row["figure"]
        for key, after in (("value", ""), ("low", ".low"), ("high", ".high")):
            if row[key] is not None:
                yield f"{name}{after}", row[key]


def _by_fold(folds: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str, float]]:
    """Yield fold, name and mean over its seeds, where there is a number."""
    for fold in sorted({each["fold"] for each in folds}):
        own = [each for each in folds if each["fold"] == fold]
        for name in ("net_return", "trades", "hit_rate", "log_loss_gain", "seconds"):
            known = [each[name] for each in own if each[name] is not None]
            if known:
                yield fold, f"fold.{name}", float(np.mean(known))


def _tags(told: Mapping[str, Any]) -> dict[str, str]:
    names = ("family", "name", "tag", "status", "verdict", "reason", "code_version", "simulated")
    tags = {f"assay.{name}": str(told[name]) for name in names if told[name] not in (None, "")}
    return tags | {
        OWN_TAG: told["id"],
        "assay.data_fingerprint": told["data_fingerprint"],
        "mlflow.note.content": told["hypothesis"],
    }


def _cut(value: Any) -> str:  # noqa: ANN401 - plain data
    text = value if isinstance(value, str) else canonical(value).decode()
    return text if len(text) <= LONGEST_PARAMETER else text[: LONGEST_PARAMETER - 1] + "…"


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
