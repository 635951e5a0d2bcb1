"""Instruments, artefacts and trials, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from assay.core.errors import DataError, NotFoundError
from assay.core.ids import digest
from assay.core.instruments import KNOWN, equity, index
from assay.core.values.timeframe import Timeframe
from assay.store.artefacts import (
    ArtefactKind,
    ArtefactRow,
    Artefacts,
    GateVerdict,
    Promotion,
)
from assay.store.database import Database
from assay.store.instruments import Instruments
from assay.store.trials import Trials, TrialStatus

DAY = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC)
H1 = Timeframe.H1


def artefact(name: str = "a" * 64, **changes: object) -> ArtefactRow:
    row = ArtefactRow(
        id=name,
        kind=ArtefactKind.MEMBER,
        member="ridge",
        family="linear",
        timeframe=H1,
        symbols=("EURUSD", "GBPUSD"),
        made_at=DAY,
        spans={"train": ["2020-01-01", "2021-01-01"], "rows": 12},
        path="artefacts/aa",
        simulated=True,
    )
    return replace(row, **changes)  # type: ignore[arg-type]  # fields by name


def test_a_defined_instrument_comes_back_exactly(database: Database) -> None:
    instruments = Instruments(database)
    odd = replace(index("SPX"), tick=Decimal("0.250"), lot=Decimal("1E-8"))

    assert instruments.add(equity("BRK.B"))
    assert instruments.add(odd)

    assert instruments.get("brk.b") == equity("BRK.B")
    assert instruments.get("SPX") == odd
    assert str(instruments.get("SPX").tick) == "0.250"
    assert instruments.get("eur/usd") == KNOWN["EURUSD"]
    assert [i.symbol for i in instruments.list()][-2:] == ["BRK.B", "SPX"]


def test_a_symbol_has_one_meaning(database: Database) -> None:
    instruments = Instruments(database)
    instruments.add(equity("TSLA"))

    assert not instruments.add(equity("TSLA"))
    assert not instruments.add(KNOWN["EURUSD"])
    for other in (equity("TSLA", "XLON"), equity("EURUSD")):
        with pytest.raises(DataError, match="defined already"):
            instruments.add(other)
    with pytest.raises(NotFoundError, match="TSLA"):
        instruments.get("TSLB")


def test_an_artefact_comes_back_as_registered(database: Database) -> None:
    artefacts = Artefacts(database)

    assert artefacts.add(artefact())
    assert not artefacts.add(artefact(made_at=DAY + timedelta(days=1)))
    with pytest.raises(DataError, match="registered as member ridge"):
        artefacts.add(artefact(member="momentum"))

    assert artefacts.get("aaaa") == artefact()


def test_the_newest_sound_artefact_of_a_series_is_found(database: Database) -> None:
    artefacts = Artefacts(database)
    for i, name in enumerate("bcd"):
        artefacts.add(artefact(name * 64, made_at=DAY + timedelta(days=i)))
    artefacts.add(artefact("e" * 64, symbols=("USDJPY",), made_at=DAY + timedelta(days=9)))
    artefacts.add(artefact("f" * 64, kind=ArtefactKind.FUSION, made_at=DAY + timedelta(days=9)))
    artefacts.quarantine("d" * 64, "golden outputs differ by 0.2")
    artefacts.quarantine("d" * 64, "another reason later")

    found = artefacts.latest(ArtefactKind.MEMBER, "ridge", H1, "GBPUSD")

    assert found
    assert found.id == "c" * 64
    assert artefacts.get("d" * 64).quarantined == "golden outputs differ by 0.2"
    assert artefacts.latest(ArtefactKind.MEMBER, "ridge", Timeframe.M5, "GBPUSD") is None
    assert [a.id[0] for a in artefacts.list(symbol="GBPUSD")] == ["f", "d", "c", "b"]
    with pytest.raises(NotFoundError):
        artefacts.get("zz")


def test_the_newest_verdict_counts_and_all_are_kept(database: Database) -> None:
    artefacts = Artefacts(database)
    one, two = "1" * 64, "2" * 64
    for name in (one, two, "3" * 64):
        artefacts.add(artefact(name))
    lines = ({"check": "sanity", "passed": True, "value": 0.25},)
    verdicts = [
        Promotion(one, GateVerdict.REFUSED, DAY, "p = 0.3"),
        Promotion(two, GateVerdict.PROMOTED, DAY, "all passed", lines),
        Promotion(one, GateVerdict.PROMOTED, DAY, "all passed now"),
        Promotion(two, GateVerdict.WITHDRAWN, DAY, "drift"),
    ]

    counted = []
    for verdict in verdicts:
        artefacts.judge(verdict)
        counted.append(artefacts.promoted([one, two, "3" * 64]))

    assert counted == [set(), {two}, {one, two}, {one}]
    assert artefacts.verdicts(two) == (verdicts[1], verdicts[3])
    assert artefacts.promoted([]) == frozenset()
    with pytest.raises(NotFoundError):
        artefacts.judge(Promotion("9" * 64, GateVerdict.PROMOTED, DAY, "x"))


def test_a_trial_is_registered_before_it_runs_and_ends_once(database: Database) -> None:
    trials = Trials(database)
    configuration = {"member": "ridge", "alpha": 0.1, "groups": ["trend"]}

    started = trials.start("main", configuration, data_fingerprint="f" * 64, seed=7, at=DAY)
    metrics = {"gain": -1e-9, "days": 12}
    ended = trials.finish(started.id, metrics=metrics, results_digest="d" * 64, at=DAY)

    assert (started.no, started.status, started.metrics) == (1, TrialStatus.RUNNING, None)
    assert started.configuration_digest == digest(configuration)
    assert started.started_at == DAY
    assert (ended.status, ended.metrics, ended.finished_at) == ("finished", metrics, DAY)
    assert trials.get(started.id) == ended
    with pytest.raises(DataError, match="is finished since"):
        trials.fail(started.id, reason="too late", at=DAY)
    with pytest.raises(NotFoundError):
        trials.abort("trial-none", reason="x", at=DAY)


def test_every_configuration_counts_once_whatever_became_of_it(database: Database) -> None:
    trials = Trials(database)

    def start(namespace: str, alpha: float, seed: int) -> str:
        setting = {"alpha": alpha}
        return trials.start(namespace, setting, data_fingerprint="f", seed=seed, at=DAY).id

    first = start("main", 0.1, 1)
    start("main", 0.1, 2)
    start("main", 0.1, 1)
    trials.fail(start("main", 0.2, 1), reason="singular", at=DAY)
    trials.abort(start("main", 0.3, 1), reason="Ctrl-C", at=DAY)
    start("bench", 0.9, 1)

    assert trials.count_distinct("main") == 3
    assert trials.count_distinct("bench") == 1
    assert trials.count_distinct("none") == 0
    assert [t.no for t in trials.list("main")] == [1, 2, 3, 4, 5]
    assert [t.reason for t in trials.list()][3:] == ["singular", "Ctrl-C", None]
    assert len({t.id for t in trials.list()}) == 6
    assert trials.get(first).status is TrialStatus.RUNNING


def test_an_artefact_made_again_is_the_newest_again(database: Database) -> None:
    artefacts = Artefacts(database)
    artefacts.add(artefact())
    artefacts.add(artefact("b" * 64, made_at=DAY + timedelta(hours=1)))

    artefacts.renew("a" * 64, DAY + timedelta(hours=2))

    newest = artefacts.latest(ArtefactKind.MEMBER, "ridge", H1, "EURUSD")
    assert newest is not None
    assert newest.id == "a" * 64
