"""What the gate found, line by line, and what a family of experiments is held to."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.errors import DataError, NotFoundError, SettingsError
from assay.core.ids import plain
from assay.store.database import Database
from assay.store.tables import ARTEFACTS, FAMILIES, FINDINGS, LOCK_BOX_LOOKS, TRIALS, VERDICTS

NOT_FINITE = "not_finite"
"""The key of a line's detail that says which of its numbers were NaN or infinite."""
_NUMBERS = ("statistic", "threshold", "p", "power")


class SubjectKind(StrEnum):
    """What a verdict is about."""

    TRIAL = "trial"
    ARTEFACT = "artefact"


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """One check of the gate: `passed` None where it could not be judged.

    `threshold` is what `statistic` was held against, `p` and `power` probabilities; each None
    where the check has none. `detail` is JSON data. A number that is not finite is stored as None,
    and `detail[NOT_FINITE]` says what it was.
    """

    tier: str
    check: str
    passed: bool | None
    statistic: float | None
    threshold: float | None
    p: float | None
    power: float | None
    sentence: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One verdict of the gate under a profile, `at` in UTC, with its lines in order.

    `inputs_digest` is the hash of all it looked at, `trial_count` how many trials it corrected
    for, `alpha_spent` the level it used up, None where it keeps no account; `libraries` JSON data;
    `no` its place among all verdicts, None before it is stored.
    """

    subject_kind: SubjectKind
    subject_id: str
    profile: str
    at: datetime
    verdict: str
    gate_version: str
    inputs_digest: str
    trial_count: int
    alpha_spent: float | None
    libraries: Mapping[str, Any]
    lines: tuple[VerdictLine, ...]
    no: int | None = None


class Verdicts:
    """The gate's verdicts on trials and artefacts; they are only ever added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, verdict: VerdictRow) -> VerdictRow:
        """Store a verdict and its lines, all or none; return it as stored, with its number."""
        lines = tuple(_finite(line) for line in verdict.lines)
        row = _as_row(verdict)
        with self._database.write() as connection:
            _check_subject(connection, verdict.subject_kind, verdict.subject_id)
            inserted = connection.execute(VERDICTS.insert(), row).inserted_primary_key
            assert inserted is not None
            number = int(inserted[0])
            if lines:
                connection.execute(
                    FINDINGS.insert(),
                    [_as_line_row(number, i, line) for i, line in enumerate(lines, start=1)],
                )
        return replace(verdict, no=number, at=utc(verdict.at), lines=lines)

    def latest(
        self, kind: SubjectKind, subject_id: str, *, profile: str | None = None
    ) -> VerdictRow | None:
        """Return the newest verdict on a trial or an artefact, under one profile if named."""
        found = self.list(kind=kind, subject_id=subject_id, profile=profile)
        return found[-1] if found else None

    def list(
        self,
        *,
        kind: SubjectKind | None = None,
        subject_id: str | None = None,
        profile: str | None = None,
    ) -> list[VerdictRow]:
        """Return the verdicts that match, in the order in which they were given."""
        asked = [
            VERDICTS.c[name] == str(value)
            for name, value in (
                ("subject_kind", kind),
                ("subject_id", subject_id),
                ("profile", profile),
            )
            if value is not None
        ]
        query = sa.select(VERDICTS).where(sa.true(), *asked).order_by(VERDICTS.c.no)
        lines = (
            sa.select(FINDINGS)
            .join_from(FINDINGS, VERDICTS)
            .where(sa.true(), *asked)
            .order_by(FINDINGS.c.verdict_no, FINDINGS.c.line)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
            by_verdict = _grouped(connection.execute(lines).mappings())
        return [_as_verdict(row, by_verdict.get(row["no"], ())) for row in rows]


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """What the experiments of a family are held to, fixed before the first of them runs.

    `baseline` is JSON data; the lock box is the history from `lock_box_start` to `lock_box_end`
    (UTC) that only a counted look may touch, both None where the family has none.
    """

    name: str
    primary_metric: str
    baseline: Mapping[str, Any]
    lock_box_start: datetime | None
    lock_box_end: datetime | None
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look into a family's lock box: by which trial, with which artefact, `at` (UTC), why."""

    no: int
    family: str
    trial_id: str
    artefact_id: str | None
    at: datetime
    reason: str


class Families:
    """Families are registered once and never changed; looks into their lock box are counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, family: FamilyRow) -> FamilyRow:
        """Store a family, or return it as it was first registered: that one holds.

        Another primary metric is a `SettingsError`: it would be chosen after the results.
        """
        row = {
            "name": family.name,
            "primary_metric": family.primary_metric,
            "baseline": plain(family.baseline),
            "lock_box_start": family.lock_box_start and utc(family.lock_box_start),
            "lock_box_end": family.lock_box_end and utc(family.lock_box_end),
            "registered_at": utc(family.registered_at),
        }
        with self._database.write() as connection:
            held = _family(connection, family.name)
            if held is None:
                connection.execute(FAMILIES.insert(), row)
                return FamilyRow(**row)
        if held.primary_metric != family.primary_metric:
            raise SettingsError(
                f"Family {family.name} was registered on {held.registered_at:%Y-%m-%d} with "
                f"primary metric {held.primary_metric}; this file says {family.primary_metric}; "
                "give the experiment another family"
            )
        return held

    def get(self, name: str) -> FamilyRow:
        """Return one family; unknown is a `NotFoundError`."""
        with self._database.read() as connection:
            return _known_family(connection, name)

    def list(self) -> list[FamilyRow]:
        """Return all families, the first registered first."""
        query = sa.select(FAMILIES).order_by(FAMILIES.c.registered_at, FAMILIES.c.name)
        with self._database.read() as connection:
            return [_as_family(row) for row in connection.execute(query).mappings()]

    def look(
        self,
        family: str,
        trial_id: str,
        *,
        at: datetime,
        reason: str,
        artefact_id: str | None = None,
    ) -> int:
        """Store a look into the lock box before it happens; return how many there are with it."""
        if not reason.strip():
            raise DataError(f"A look into the lock box of {family} needs a reason; none was given")
        row = {
            "family": family,
            "trial_id": trial_id,
            "artefact_id": artefact_id,
            "at": utc(at),
            "reason": reason,
        }
        counted = sa.select(sa.func.count()).where(LOCK_BOX_LOOKS.c.family == family)
        with self._database.write() as connection:
            _known_family(connection, family)
            _check_subject(connection, SubjectKind.TRIAL, trial_id)
            if artefact_id is not None:
                _check_subject(connection, SubjectKind.ARTEFACT, artefact_id)
            connection.execute(LOCK_BOX_LOOKS.insert(), row)
            return int(connection.execute(counted).scalar_one())

    def looks(self, family: str) -> tuple[LookRow, ...]:
        """Return every look into the lock box of a family, in order."""
        query = (
            sa.select(LOCK_BOX_LOOKS)
            .where(LOCK_BOX_LOOKS.c.family == family)
            .order_by(LOCK_BOX_LOOKS.c.no)
        )
        with self._database.read() as connection:
            _known_family(connection, family)
            rows = connection.execute(query).mappings().all()
        return tuple(LookRow(**{str(key): row[key] for key in row}) for row in rows)


def _check_subject(connection: sa.Connection, kind: SubjectKind, subject_id: str) -> None:
    table = TRIALS if kind is SubjectKind.TRIAL else ARTEFACTS
    query = sa.select(table.c.id).where(table.c.id == subject_id)
    if connection.execute(query).scalar() is None:
        raise NotFoundError(f"No {kind} is called {subject_id!r}")


def _finite(line: VerdictLine) -> VerdictLine:
    given = {name: getattr(line, name) for name in _NUMBERS}
    numbers = {name: None if value is None else float(value) for name, value in given.items()}
    odd = {name: str(v) for name, v in numbers.items() if v is not None and not math.isfinite(v)}
    detail = {**line.detail, NOT_FINITE: odd} if odd else line.detail
    return replace(line, **{**numbers, **dict.fromkeys(odd), "detail": plain(detail)})


def _as_row(verdict: VerdictRow) -> dict[str, Any]:
    return {
        "subject_kind": verdict.subject_kind.value,
        "subject_id": verdict.subject_id,
        "profile": verdict.profile,
        "at": utc(verdict.at),
        "verdict": str(verdict.verdict),
        "gate_version": verdict.gate_version,
        "inputs_digest": verdict.inputs_digest,
        "trial_count": verdict.trial_count,
        "alpha_spent": verdict.alpha_spent,
        "libraries": plain(verdict.libraries),
    }


def _as_line_row(number: int, place: int, line: VerdictLine) -> dict[str, Any]:
    return {
        "verdict_no": number,
        "line": place,
        "tier": str(line.tier),
        "check_name": line.check,
        "passed": None if line.passed is None else bool(line.passed),
        **{name: getattr(line, name) for name in _NUMBERS},
        "sentence": line.sentence,
        "detail": plain(line.detail),
    }


def _grouped(rows: Iterable[Mapping[Any, Any]]) -> dict[int, tuple[VerdictLine, ...]]:
    found: dict[int, tuple[VerdictLine, ...]] = {}
    for row in rows:
        names = ("tier", "passed", *_NUMBERS, "sentence", "detail")
        line = VerdictLine(check=row["check_name"], **{name: row[name] for name in names})
        found[row["verdict_no"]] = (*found.get(row["verdict_no"], ()), line)
    return found


def _as_verdict(row: Mapping[Any, Any], lines: tuple[VerdictLine, ...]) -> VerdictRow:
    values = {str(key): item for key, item in row.items()}
    return VerdictRow(
        **{**values, "subject_kind": SubjectKind(values["subject_kind"]), "lines": lines}
    )


def _family(connection: sa.Connection, name: str) -> FamilyRow | None:
    query = sa.select(FAMILIES).where(FAMILIES.c.name == name)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _as_family(row)


def _known_family(connection: sa.Connection, name: str) -> FamilyRow:
    found = _family(connection, name)
    if found is None:
        raise NotFoundError(f"No family of experiments is called {name!r}")
    return found


def _as_family(row: Mapping[Any, Any]) -> FamilyRow:
    return FamilyRow(**{str(key): item for key, item in row.items()})
