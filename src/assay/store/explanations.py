"""What people said of results that looked too good to be true; only ever added."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.errors import DataError, NotFoundError
from assay.store.database import Database
from assay.store.tables import EXPLANATIONS, TRIALS
from assay.store.trials import TrialRow


@dataclass(frozen=True, slots=True)
class ExplanationRow:
    """Why what `check` of the gate found in a trial is no mistake: said `by` whom, `at` (UTC)."""

    trial_id: str
    check: str
    at: datetime
    by: str
    why: str


class Explanations:
    """Explanations of trials' results."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, explanation: ExplanationRow) -> None:
        """Store an explanation; one without a word or a name is a `DataError`."""
        for name in ("by", "why"):
            if not getattr(explanation, name).strip():
                raise DataError(f"An explanation needs both a name and a reason; {name} was empty")
        known = sa.select(TRIALS.c.id).where(TRIALS.c.id == explanation.trial_id)
        with self._database.write() as connection:
            if connection.execute(known).scalar() is None:
                raise NotFoundError(f"No trial is called {explanation.trial_id!r}")
            connection.execute(
                EXPLANATIONS.insert(),
                {
                    "trial_id": explanation.trial_id,
                    "check_name": explanation.check,
                    "at": utc(explanation.at),
                    "by": explanation.by.strip(),
                    "why": explanation.why.strip(),
                },
            )

    def of(self, trial: TrialRow) -> dict[str, ExplanationRow]:
        """Return the newest explanation of each check of this result, by the check's name.

        What was said of an earlier attempt with the same configuration and the same results holds;
        of other results nothing was said yet.
        """
        query = (
            sa.select(EXPLANATIONS)
            .join_from(EXPLANATIONS, TRIALS)
            .where(
                TRIALS.c.namespace == trial.namespace,
                TRIALS.c.configuration_digest == trial.configuration_digest,
                TRIALS.c.results_digest == trial.results_digest,
            )
            .order_by(EXPLANATIONS.c.no)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {
            row.check_name: ExplanationRow(row.trial_id, row.check_name, row.at, row.by, row.why)
            for row in rows
        }
