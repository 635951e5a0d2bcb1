"""Runs of experiments: what each was, its finished folds, and its returns by day."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.errors import DataError, NotFoundError, StoreError
from assay.core.ids import plain
from assay.store.database import Database
from assay.store.packing import (
    Array,
    Daily,
    Days,
    Floats,
    ReturnsMatrix,
    content_digest,
    pack,
    read_days,
    read_matrix,
    unpack,
    write_days,
)
from assay.store.tables import RUN_DAILY, RUN_FACTS, RUN_FOLDS, TRIALS
from assay.store.trials import TrialRow, TrialStatus


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What one run was, as far as a person needs it to understand the run or to repeat it.

    `file_text` is the experiment file as written; `libraries` and `machine` JSON data;
    `uncommitted_diff` what the code had beyond `code_version`, None where that is not known;
    `work_key` the SHA-256 of configuration, data and code: runs that share it share their finished
    folds; `tag` what sets the run apart from its siblings, may be empty; `seconds` and `peak_mb`
    None until it is closed.
    """

    name: str
    family: str
    title: str
    hypothesis: str
    file_text: str
    profile: str
    primary_metric: str
    seeds: tuple[int, ...]
    code_version: str
    uncommitted_diff: str | None
    libraries: Mapping[str, Any]
    machine: Mapping[str, Any]
    work_key: str
    tag: str = ""
    seconds: float | None = None
    peak_mb: float | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run: its row in the ledger of trials, and what it was."""

    trial: TrialRow
    facts: RunFacts


@dataclass(frozen=True, slots=True)
class FoldRow:
    """One finished fold under one seed; `at` (UTC) is when `trial_id` finished it.

    `metrics` is JSON data; `arrays` by name, see `packing`; `digest` the hash of both, by which
    two rows are compared.
    """

    work_key: str
    fold: int
    seed: int
    trial_id: str
    at: datetime
    seconds: float
    peak_mb: float | None
    metrics: Mapping[str, Any]
    arrays: Mapping[str, Array] = field(compare=False)
    digest: str


class Runs:
    """What is kept of runs beside the ledger of trials; every `keep` is durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self, trial_id: str, facts: RunFacts) -> None:
        """Store what a run is; the same facts again are fine, others a `DataError`."""
        row = {"trial_id": trial_id, **_as_row(facts)}
        with self._database.write() as connection:
            _check_known(connection, trial_id)
            held = _facts(connection, trial_id)
            if held is None:
                connection.execute(RUN_FACTS.insert(), row)
                return
        before = _as_row(held)
        ended = ("seconds", "peak_mb")
        changed = [name for name in before if name not in ended and before[name] != row[name]]
        if changed:
            raise DataError(
                f"Run {trial_id} was described already with another {changed[0]}; start another "
                "trial for another run"
            )

    def close(self, trial_id: str, *, seconds: float, peak_mb: float | None) -> None:
        """Store how long a run took and how much memory, in MB, it needed at most; once."""
        query = sa.update(RUN_FACTS).where(
            RUN_FACTS.c.trial_id == trial_id, RUN_FACTS.c.seconds.is_(None)
        )
        with self._database.write() as connection:
            if connection.execute(query.values(seconds=seconds, peak_mb=peak_mb)).rowcount:
                return
            held = _described(connection, trial_id)
        raise DataError(
            f"Run {trial_id} was closed already, after {held.seconds:.1f} seconds; a run that is "
            "repeated is a trial of its own"
        )

    def facts(self, trial_id: str) -> RunFacts:
        """Return what a run was; a trial that is unknown or no run is a `NotFoundError`."""
        with self._database.read() as connection:
            return _described(connection, trial_id)

    def keep_fold(
        self,
        work_key: str,
        fold: int,
        seed: int,
        *,
        trial_id: str,
        at: datetime,
        seconds: float,
        peak_mb: float | None,
        metrics: Mapping[str, Any],
        arrays: Mapping[str, Array],
    ) -> bool:
        """Store a finished fold in a transaction of its own; return whether it was new.

        The same result again changes nothing, unless the stored one is damaged: it is mended then.
        Another result is a `StoreError`, since the same work must give the same result. A metric
        that is not finite is a `DataError`: its owner writes null.
        """
        row = {
            "work_key": work_key,
            "fold": fold,
            "seed": seed,
            "trial_id": trial_id,
            "at": utc(at),
            "seconds": seconds,
            "peak_mb": peak_mb,
            "metrics": plain(metrics),
            "arrays": pack(arrays),
            "digest": content_digest(metrics, arrays),
        }
        key = [RUN_FOLDS.c[name] == row[name] for name in ("work_key", "fold", "seed")]
        with self._database.write() as connection:
            _check_known(connection, trial_id)
            held = connection.execute(sa.select(RUN_FOLDS).where(*key)).mappings().one_or_none()
            if held is None:
                connection.execute(RUN_FOLDS.insert(), row)
                return True
            if held["digest"] == row["digest"]:
                if _content(held) is None:
                    connection.execute(sa.update(RUN_FOLDS).where(*key).values(row))
                return False
        raise StoreError(
            f"Fold {fold}, seed {seed} of work {work_key[:12]} was finished by {held['trial_id']} "
            f"with the digest {held['digest'][:12]}, and {trial_id} found {row['digest'][:12]}; "
            "the same configuration, data and code must give the same result, so look for what "
            "differs (libraries, threads, device)"
        )

    def folds(self, work_key: str) -> list[FoldRow]:
        """Return the finished folds of a piece of work, by fold and seed.

        One that is damaged is a `StoreError` that names it.
        """
        query = (
            sa.select(RUN_FOLDS)
            .where(RUN_FOLDS.c.work_key == work_key)
            .order_by(RUN_FOLDS.c.fold, RUN_FOLDS.c.seed)
        )
        with self._database.read() as connection:
            return [_as_fold(row) for row in connection.execute(query).mappings()]

    def done(self, work_key: str) -> set[tuple[int, int]]:
        """Return fold and seed of all that is finished of a piece of work."""
        query = sa.select(RUN_FOLDS.c.fold, RUN_FOLDS.c.seed).where(
            RUN_FOLDS.c.work_key == work_key
        )
        with self._database.read() as connection:
            return {(fold, seed) for fold, seed in connection.execute(query)}

    def keep_daily(self, trial_id: str, days: Days, net: Floats, gross: Floats) -> bool:
        """Store the simple returns of a run by day; return whether they were new.

        `days` (T,) increase, `net` and `gross` (T,) are finite: a day without a return is left
        out, else it is a `DataError`. The same again is fine, others are a `DataError`.
        """
        given = Daily.checked(trial_id, days, net, gross)
        with self._database.write() as connection:
            _check_known(connection, trial_id)
            held = read_days(connection, trial_id)
            if not held.days.size:
                write_days(connection, trial_id, given)
                return True
        if not held.same(given):
            raise DataError(
                f"The daily returns of {trial_id} are kept already, {held.days.size} days that "
                f"differ from these {given.days.size}; start another trial for another result"
            )
        return False

    def daily(self, trial_id: str) -> Daily:
        """Return the returns of a run by day, without a row where none were kept."""
        with self._database.read() as connection:
            _check_known(connection, trial_id)
            return read_days(connection, trial_id)

    def matrix(self, namespace: str) -> ReturnsMatrix:
        """Return the net returns of every configuration tried in a namespace, on all their days.

        One column for each configuration, in order of registration: the newest finished attempt
        that kept daily returns. A configuration without one has no column, but still counts in
        `Trials.count_distinct`.
        """
        kept = sa.exists().where(RUN_DAILY.c.trial_id == TRIALS.c.id)
        newest = (
            sa.select(sa.func.max(TRIALS.c.no))
            .where(TRIALS.c.namespace == namespace)
            .where(TRIALS.c.status == TrialStatus.FINISHED.value, kept)
            .group_by(TRIALS.c.configuration_digest)
        )
        chosen = sa.select(TRIALS.c.no, TRIALS.c.id).where(TRIALS.c.no.in_(newest))
        with self._database.read() as connection:
            found = connection.execute(chosen.order_by(TRIALS.c.no)).all()
            trials = {trial.no: trial.id for trial in found}
            return read_matrix(connection, trials, newest)

    def list(self, *, family: str | None = None, name: str | None = None) -> list[RunRow]:
        """Return the runs, of one family or experiment if named, in order of registration."""
        query = sa.select(TRIALS, RUN_FACTS).join_from(TRIALS, RUN_FACTS).order_by(TRIALS.c.no)
        if family is not None:
            query = query.where(RUN_FACTS.c.family == family)
        if name is not None:
            query = query.where(RUN_FACTS.c.name == name)
        with self._database.read() as connection:
            return [_as_run(row._mapping) for row in connection.execute(query)]


def _check_known(connection: sa.Connection, trial_id: str) -> None:
    query = sa.select(TRIALS.c.no).where(TRIALS.c.id == trial_id)
    if connection.execute(query).scalar() is None:
        raise NotFoundError(f"No trial is called {trial_id!r}")


def _facts(connection: sa.Connection, trial_id: str) -> RunFacts | None:
    query = sa.select(RUN_FACTS).where(RUN_FACTS.c.trial_id == trial_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _as_facts({str(key): row[key] for key in row})


def _described(connection: sa.Connection, trial_id: str) -> RunFacts:
    found = _facts(connection, trial_id)
    if found is None:
        raise NotFoundError(f"No run of an experiment is called {trial_id!r}")
    return found


def _as_row(facts: RunFacts) -> dict[str, Any]:
    return {name.name: plain(getattr(facts, name.name)) for name in fields(RunFacts)}


def _as_facts(row: Mapping[str, Any]) -> RunFacts:
    values = {name.name: row[name.name] for name in fields(RunFacts)}
    return RunFacts(**{**values, "seeds": tuple(values["seeds"])})


def _as_run(row: Mapping[Any, Any]) -> RunRow:
    trial = {column.name: row[column] for column in TRIALS.c}
    facts = {column.name: row[column] for column in RUN_FACTS.c}
    return RunRow(TrialRow(**{**trial, "status": TrialStatus(trial["status"])}), _as_facts(facts))


def _content(row: Mapping[Any, Any]) -> dict[str, Array] | None:
    """Return the arrays of a fold, None where they or the metrics are damaged."""
    try:
        arrays = unpack(row["arrays"])
    except StoreError:
        return None
    return arrays if content_digest(row["metrics"], arrays) == row["digest"] else None


def _as_fold(row: Mapping[Any, Any]) -> FoldRow:
    arrays = _content(row)
    if arrays is None:
        raise StoreError(
            f"Fold {row['fold']}, seed {row['seed']} of {row['trial_id']} is damaged in the "
            "database; restore a copy of it, or compute the fold again, which mends it"
        )
    return FoldRow(**{**{str(key): row[key] for key in row}, "arrays": arrays})
