"""Verdicts with their lines, families, and looks into a lock box, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from assay.core.errors import DataError, NotFoundError, SettingsError
from assay.core.values.timeframe import Timeframe
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.store.database import Database
from assay.store.findings import (
    NOT_FINITE,
    Families,
    FamilyRow,
    SubjectKind,
    VerdictLine,
    VerdictRow,
    Verdicts,
)
from assay.store.tables import FINDINGS, VERDICTS
from assay.store.trials import Trials

DAY = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC)
ARTEFACT = "a" * 64
LINES = (
    VerdictLine("sanity", "leakage", True, 0.0, 0.0, None, None, "Nothing leaks", {"rows": 12}),
    VerdictLine("statistics", "deflated_sharpe", False, 1.5, 0.95, 0.125, 0.5, "It may be luck"),
    VerdictLine("performance", "costs", None, None, None, None, None, "Too few trades", {"n": [1]}),
)
FAMILY = FamilyRow(
    name="momentum",
    primary_metric="sharpe",
    baseline={"member": "naive"},
    lock_box_start=DAY - timedelta(days=365),
    lock_box_end=DAY,
    registered_at=DAY,
)


def start(database: Database, alpha: float = 0.1) -> str:
    trial = Trials(database).start("main", {"alpha": alpha}, data_fingerprint="f", seed=1, at=DAY)
    return trial.id


def add_artefact(database: Database) -> None:
    Artefacts(database).add(
        ArtefactRow(
            id=ARTEFACT,
            kind=ArtefactKind.MEMBER,
            member="ridge",
            family="linear",
            timeframe=Timeframe.H1,
            symbols=("EURUSD",),
            made_at=DAY,
            spans={},
            path="artefacts/aa",
            simulated=True,
        )
    )


def verdict(subject_id: str, **changes: object) -> VerdictRow:
    row = VerdictRow(
        subject_kind=SubjectKind.TRIAL,
        subject_id=subject_id,
        profile="scientific",
        at=DAY,
        verdict="refused",
        gate_version="2",
        inputs_digest="d" * 64,
        trial_count=17,
        alpha_spent=0.0125,
        libraries={"arch": "8.0.0"},
        lines=LINES,
    )
    return replace(row, **changes)  # type: ignore[arg-type]  # fields by name


def count(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_a_verdict_comes_back_with_its_lines_in_order(database: Database) -> None:
    verdicts, trial = Verdicts(database), start(database)

    stored = verdicts.add(verdict(trial))

    assert stored.no is not None
    assert replace(stored, no=None) == verdict(trial)
    assert verdicts.list() == [stored]
    assert verdicts.latest(SubjectKind.TRIAL, trial) == stored


def test_the_newest_verdict_is_found_and_all_are_kept(database: Database) -> None:
    verdicts, trial, other = Verdicts(database), start(database), start(database, 0.2)
    add_artefact(database)
    of_artefact = {"subject_kind": SubjectKind.ARTEFACT, "alpha_spent": None, "lines": LINES[:1]}

    first, quick, second, third, fourth = (
        verdicts.add(given)
        for given in (
            verdict(trial),
            verdict(trial, profile="quick", lines=()),
            verdict(trial, verdict="promoted", lines=LINES[::-1]),
            verdict(other, at=DAY - timedelta(days=9)),
            verdict(ARTEFACT, **of_artefact),
        )
    )

    assert verdicts.list() == [first, quick, second, third, fourth]
    assert verdicts.latest(SubjectKind.TRIAL, trial) == second
    assert verdicts.latest(SubjectKind.TRIAL, trial, profile="quick") == quick
    assert verdicts.latest(SubjectKind.ARTEFACT, ARTEFACT) == fourth
    assert verdicts.latest(SubjectKind.ARTEFACT, trial) is None
    assert verdicts.list(profile="scientific", kind=SubjectKind.TRIAL) == [first, second, third]
    numbers = [row.no for row in verdicts.list() if row.no is not None]
    assert numbers == sorted(set(numbers))


def test_a_verdict_on_nothing_is_refused_and_leaves_no_line(database: Database) -> None:
    verdicts, trial = Verdicts(database), start(database)

    with pytest.raises(NotFoundError, match="No trial is called 'trial-none'"):
        verdicts.add(verdict("trial-none"))
    with pytest.raises(NotFoundError, match=f"No artefact is called '{trial}'"):
        verdicts.add(verdict(trial, subject_kind=SubjectKind.ARTEFACT))
    with pytest.raises(DataError, match="only finite"):
        verdicts.add(verdict(trial, lines=(replace(LINES[0], detail={"x": np.nan}),)))

    assert (count(database, VERDICTS), count(database, FINDINGS)) == (0, 0)


def test_a_number_that_is_none_is_stored_as_nothing_with_its_reason(database: Database) -> None:
    verdicts, trial = Verdicts(database), start(database)
    odd = replace(LINES[0], statistic=np.float64("nan"), threshold=-np.inf, p=np.float64(0.5))

    stored = verdicts.add(verdict(trial, lines=(odd,)))

    found = verdicts.latest(SubjectKind.TRIAL, trial)
    assert found == stored
    (line,) = stored.lines
    assert (line.statistic, line.threshold, line.p) == (None, None, 0.5)
    assert line.detail == {"rows": 12, NOT_FINITE: {"statistic": "nan", "threshold": "-inf"}}
    with database.read() as connection:
        query = sa.select(FINDINGS.c.statistic, FINDINGS.c.passed)
        assert connection.execute(query).one() == (None, True)


def test_the_first_registration_of_a_family_holds(database: Database) -> None:
    families = Families(database)
    later = replace(
        FAMILY, registered_at=DAY + timedelta(days=1), lock_box_start=None, lock_box_end=None
    )

    assert families.register(FAMILY) == FAMILY
    assert families.register(later) == FAMILY

    with pytest.raises(SettingsError) as caught:
        families.register(replace(later, primary_metric="gain"))
    assert str(caught.value) == (
        "Family momentum was registered on 2026-03-02 with primary metric sharpe; this file says "
        "gain; give the experiment another family"
    )
    assert families.get("momentum") == FAMILY
    with pytest.raises(NotFoundError, match="carry"):
        families.get("carry")


def test_a_family_without_a_lock_box_is_listed_as_registered(database: Database) -> None:
    families = Families(database)
    other = replace(
        FAMILY,
        name="carry",
        lock_box_start=None,
        lock_box_end=None,
        registered_at=DAY - timedelta(days=2),
    )

    families.register(FAMILY)
    families.register(other)

    assert families.list() == [other, FAMILY]


def test_every_look_into_the_lock_box_is_counted(database: Database) -> None:
    families, trial = Families(database), start(database)
    add_artefact(database)
    families.register(FAMILY)
    families.register(replace(FAMILY, name="carry"))

    counts = [
        families.look("momentum", trial, at=DAY, reason="the final test"),
        families.look("carry", trial, at=DAY, reason="the final test"),
        families.look("momentum", trial, at=DAY, reason="once more", artefact_id=ARTEFACT),
    ]

    found = families.looks("momentum")
    assert counts == [1, 1, 2]
    assert [(look.trial_id, look.artefact_id, look.at, look.reason) for look in found] == [
        (trial, None, DAY, "the final test"),
        (trial, ARTEFACT, DAY, "once more"),
    ]
    assert len(families.looks("carry")) == 1


def test_a_look_needs_a_family_a_trial_and_a_reason(database: Database) -> None:
    families, trial = Families(database), start(database)
    families.register(FAMILY)

    with pytest.raises(DataError, match="needs a reason"):
        families.look("momentum", trial, at=DAY, reason=" ")
    with pytest.raises(NotFoundError, match="No family of experiments is called 'carry'"):
        families.look("carry", trial, at=DAY, reason="x")
    with pytest.raises(NotFoundError, match="trial-none"):
        families.look("momentum", "trial-none", at=DAY, reason="x")
    with pytest.raises(NotFoundError, match="No artefact"):
        families.look("momentum", trial, at=DAY, reason="x", artefact_id="b" * 64)
    with pytest.raises(NotFoundError, match="carry"):
        families.looks("carry")
    assert families.looks("momentum") == ()
