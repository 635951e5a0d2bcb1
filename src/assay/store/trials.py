"""The ledger of trials: every run counts, failed ones too, and none is ever removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.errors import DataError, NotFoundError
from assay.core.ids import digest, plain, short_id
from assay.store.database import Database
from assay.store.tables import TRIALS


class TrialStatus(StrEnum):
    """How far a trial has come; a killed one stays running and counts like any other."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One run of one configuration.

    `no` is its place in the order of registration, from 1 over all namespaces; times are UTC;
    `metrics` JSON data, None until it finished; `results_digest` the hash of its results;
    `reason` why it failed or was aborted.
    """

    no: int
    id: str
    namespace: str
    configuration_digest: str
    configuration: Mapping[str, Any]
    data_fingerprint: str
    seed: int
    started_at: datetime
    finished_at: datetime | None
    status: TrialStatus
    metrics: Mapping[str, Any] | None
    results_digest: str | None
    reason: str | None


class Trials:
    """Trials are started, ended once, and never changed or removed after that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(
        self,
        namespace: str,
        configuration: Mapping[str, Any],
        *,
        data_fingerprint: str,
        seed: int,
        at: datetime,
    ) -> TrialRow:
        """Register a run before it begins; `at` is UTC.

        The seed is no part of the configuration: runs that differ in it alone are one trial in
        `count_distinct`.
        """
        row: dict[str, Any] = {
            "namespace": namespace,
            "configuration_digest": digest(configuration),
            "configuration": plain(configuration),
            "data_fingerprint": data_fingerprint,
            "seed": seed,
            "started_at": utc(at),
            "status": TrialStatus.RUNNING.value,
        }
        with self._database.write() as connection:
            last = connection.execute(sa.select(sa.func.max(TRIALS.c.no))).scalar() or 0
            row["no"] = last + 1
            row["id"] = short_id("trial", row)
            connection.execute(TRIALS.insert(), row)
            return _one(connection, row["id"])

    def finish(
        self, trial_id: str, *, metrics: Mapping[str, Any], results_digest: str, at: datetime
    ) -> TrialRow:
        """Store what a running trial found."""
        return self._end(
            trial_id,
            TrialStatus.FINISHED,
            at,
            metrics=plain(metrics),
            results_digest=results_digest,
        )

    def fail(self, trial_id: str, *, reason: str, at: datetime) -> TrialRow:
        """Store why a running trial failed."""
        return self._end(trial_id, TrialStatus.FAILED, at, reason=reason)

    def abort(self, trial_id: str, *, reason: str, at: datetime) -> TrialRow:
        """Store that a person ended a running trial."""
        return self._end(trial_id, TrialStatus.ABORTED, at, reason=reason)

    def get(self, trial_id: str) -> TrialRow:
        """Return one trial; unknown is a `NotFoundError`."""
        with self._database.read() as connection:
            return _one(connection, trial_id)

    def list(self, namespace: str | None = None) -> list[TrialRow]:
        """Return the trials in the order of their registration."""
        query = sa.select(TRIALS).order_by(TRIALS.c.no)
        if namespace is not None:
            query = query.where(TRIALS.c.namespace == namespace)
        with self._database.read() as connection:
            return [_as_trial(row) for row in connection.execute(query).mappings()]

    def count_distinct(self, namespace: str) -> int:
        """Return how many configurations were ever tried in a namespace.

        The number for the correction of multiple testing: reruns, resumes and seeds of one
        configuration count once, failed and unfinished ones count.
        """
        query = sa.select(sa.func.count(TRIALS.c.configuration_digest.distinct())).where(
            TRIALS.c.namespace == namespace
        )
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def _end(self, trial_id: str, status: TrialStatus, at: datetime, **found: Any) -> TrialRow:  # noqa: ANN401 - columns of the table
        with self._database.write() as connection:
            held = _one(connection, trial_id)
            if held.status is not TrialStatus.RUNNING:
                raise DataError(
                    f"Trial {trial_id} is {held.status} since {held.finished_at} and cannot be "
                    f"{status} now; start it again"
                )
            connection.execute(
                sa.update(TRIALS)
                .where(TRIALS.c.id == trial_id)
                .values(status=status.value, finished_at=utc(at), **found)
            )
            return _one(connection, trial_id)


def _one(connection: sa.Connection, trial_id: str) -> TrialRow:
    query = sa.select(TRIALS).where(TRIALS.c.id == trial_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"No trial is called {trial_id!r}")
    return _as_trial(row)


def _as_trial(row: Mapping[Any, Any]) -> TrialRow:
    values = {str(key): item for key, item in row.items()}
    return TrialRow(**{**values, "status": TrialStatus(values["status"])})
