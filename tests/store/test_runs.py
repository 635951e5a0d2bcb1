"""Runs of experiments, their folds and their daily returns, on both databases."""

import signal
import subprocess
import sys
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from assay.core.errors import DataError, NotFoundError, StoreError
from assay.store.database import Database, open_database, sqlite_url
from assay.store.packing import Array, content_digest, pack, unpack
from assay.store.runs import RunFacts, Runs
from assay.store.tables import RUN_FOLDS
from assay.store.trials import Trials, TrialStatus

DAY = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC)
WORK = "c" * 64
FACTS = RunFacts(
    name="momentum by session",
    family="momentum",
    title="Momentum after the London open",
    hypothesis="Returns of the first hour go on. Größer als null.",
    file_text="name: momentum by session\nseeds: [1, 2]\n",
    profile="scientific",
    primary_metric="sharpe",
    seeds=(1, 2),
    code_version="1.4.0+abc",
    uncommitted_diff="-a\n+b\n" * 20_000,
    libraries={"numpy": "2.4.6"},
    machine={"cores": 2, "memory_mb": 7953.5},
    work_key=WORK,
    tag="EURUSD, 4 bars",
)
FOUND: dict[str, Array] = {
    "net": np.array([0.1, np.nan, -0.0, np.inf, 5e-324]),
    "time": np.array([[2**63 - 1, -(2**63)], [0, 1]]),
    "side": np.array([-1, 0, 1], np.int8),
    "held": np.array([True, False]),
    "nothing": np.empty((0, 3)),
    "one": np.array(2.5),
}


def start(database: Database, alpha: float = 0.1, *, seed: int = 1, namespace: str = "main") -> str:
    trial = Trials(database).start(
        namespace, {"alpha": alpha}, data_fingerprint="f", seed=seed, at=DAY
    )
    return trial.id


def finish(database: Database, trial_id: str) -> None:
    Trials(database).finish(trial_id, metrics={}, results_digest="d" * 64, at=DAY)


def keep(
    runs: Runs,
    trial_id: str,
    fold: int = 1,
    seed: int = 7,
    *,
    work_key: str = WORK,
    found: dict[str, Array] | None = None,
    gain: float = 0.25,
) -> bool:
    return runs.keep_fold(
        work_key,
        fold,
        seed,
        trial_id=trial_id,
        at=DAY,
        seconds=1.5,
        peak_mb=310.25,
        metrics={"gain": gain, "days": 12, "beaten": None},
        arrays=FOUND if found is None else found,
    )


def span(first: str, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    return np.datetime64(first, "D") + np.arange(count)


KINDS = st.sampled_from([np.float64, np.float32, np.int64, np.int32, np.int8, np.bool_])


@given(st.dictionaries(st.text(max_size=8), KINDS.flatmap(
    lambda kind: arrays(kind, array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=4))
), max_size=4))  # fmt: skip
def test_packed_arrays_come_back_bit_by_bit(found: dict[str, Array]) -> None:
    again = unpack(pack(found))

    assert again.keys() == found.keys()
    for name, array in found.items():
        assert (again[name].dtype, again[name].shape) == (array.dtype, array.shape)
        assert again[name].tobytes() == array.tobytes()


def test_arrays_turned_sliced_or_of_the_other_byte_order_keep_their_values() -> None:
    table = np.arange(12.0).reshape(3, 4)

    again = unpack(pack({"turned": table.T, "sliced": table[:, ::2], "big": table.astype(">f8")}))

    np.testing.assert_array_equal(again["turned"], table.T)
    np.testing.assert_array_equal(again["sliced"], table[:, ::2])
    np.testing.assert_array_equal(again["big"], table)


@pytest.mark.parametrize(
    "array", [np.array(["a"]), np.array([None]), np.array(["2026-01-01"], "datetime64[D]")]
)
def test_an_array_that_is_no_number_is_not_packed(array: Array) -> None:
    with pytest.raises(TypeError, match="only float64"):
        pack({"x": array})


def test_cut_or_altered_bytes_are_a_store_error() -> None:
    packed = pack(FOUND)

    for damaged in (packed[:-4], b"", b"x" * 50, zlib.compress(b"y" * 50), b"\0" + packed[1:]):
        with pytest.raises(StoreError, match="damaged"):
            unpack(damaged)


def test_the_digest_sees_names_kinds_shapes_and_values_but_not_the_bits_of_nan() -> None:
    bits = np.array([0x7FF8000000000000, 0xFFF8000000000001], np.uint64).view(np.float64)
    base: dict[str, Array] = {"a": bits, "b": np.zeros(4, np.int8)}

    same = content_digest({"x": 1}, {"b": base["b"], "a": np.full(2, np.nan)})
    others = [
        content_digest({"x": 2}, base),
        content_digest({"x": 1}, {"a": base["a"], "c": base["b"]}),
        content_digest({"x": 1}, {**base, "b": np.zeros((2, 2), np.int8)}),
        content_digest({"x": 1}, {**base, "b": np.zeros(4, bool)}),
        content_digest({"x": 1}, {**base, "a": np.array([np.nan, 0.0])}),
    ]

    assert content_digest({"x": 1}, base) == same
    assert len({same, *others}) == 6


def test_what_a_run_was_comes_back_exactly(database: Database) -> None:
    runs, trial = Runs(database), start(database)

    runs.describe(trial, FACTS)
    runs.describe(trial, FACTS)

    assert runs.facts(trial) == FACTS
    with pytest.raises(DataError, match="another tag"):
        runs.describe(trial, replace(FACTS, tag="XAUUSD"))
    with pytest.raises(NotFoundError, match="trial-none"):
        runs.describe("trial-none", FACTS)
    with pytest.raises(NotFoundError, match="trial-none"):
        runs.facts("trial-none")
    assert runs.facts(trial) == FACTS


def test_a_run_is_closed_once(database: Database) -> None:
    runs, trial = Runs(database), start(database)
    runs.describe(trial, FACTS)

    runs.close(trial, seconds=61.25, peak_mb=None)

    assert runs.facts(trial) == replace(FACTS, seconds=61.25)
    runs.describe(trial, FACTS)
    with pytest.raises(DataError, match=r"closed already, after 61\.2 seconds"):
        runs.close(trial, seconds=1.0, peak_mb=2.0)
    with pytest.raises(NotFoundError, match="No run"):
        runs.close(start(database), seconds=1.0, peak_mb=2.0)
    assert runs.facts(trial).seconds == 61.25


def test_runs_are_listed_with_their_state_in_order_of_registration(database: Database) -> None:
    runs = Runs(database)
    first, second, third, _ = (start(database, alpha) for alpha in (0.1, 0.2, 0.3, 0.4))
    runs.describe(third, FACTS)
    runs.describe(first, replace(FACTS, family="carry"))
    runs.describe(second, replace(FACTS, name="other"))
    finish(database, second)

    found = runs.list()

    assert [row.trial.id for row in found] == [first, second, third]
    assert found[1].trial == Trials(database).get(second)
    assert found[1].trial.status is TrialStatus.FINISHED
    assert found[1].facts == replace(FACTS, name="other")
    assert [row.trial.id for row in runs.list(family="momentum")] == [second, third]
    assert [row.trial.id for row in runs.list(family="momentum", name="other")] == [second]
    assert runs.list(name="none") == []


def test_a_fold_comes_back_exactly_to_every_run_of_the_same_work(database: Database) -> None:
    runs, trial = Runs(database), start(database)

    kept = [keep(runs, trial, fold, seed) for fold, seed in ((2, 7), (1, 8), (1, 7), (1, 2**62))]
    keep(runs, trial, work_key="d" * 64)

    found = runs.folds(WORK)
    assert kept == [True] * 4
    assert [(row.fold, row.seed) for row in found] == [(1, 7), (1, 8), (1, 2**62), (2, 7)]
    assert runs.done(WORK) == {(1, 7), (1, 8), (1, 2**62), (2, 7)}
    assert runs.done("e" * 64) == set()
    row = found[0]
    assert (row.trial_id, row.at, row.seconds, row.peak_mb) == (trial, DAY, 1.5, 310.25)
    assert row.metrics == {"gain": 0.25, "days": 12, "beaten": None}
    assert row.digest == content_digest(row.metrics, row.arrays)
    for name, array in FOUND.items():
        assert row.arrays[name].dtype == array.dtype
        assert row.arrays[name].tobytes() == array.tobytes()


def test_the_same_work_must_give_the_same_result(database: Database) -> None:
    runs, first, second = Runs(database), start(database), start(database)
    keep(runs, first)

    again = keep(runs, second)

    assert not again
    others: list[dict[str, Any]] = [{"gain": 0.26}, {"found": {**FOUND, "one": np.array(2.6)}}]
    for changes in others:
        with pytest.raises(StoreError, match=f"Fold 1, seed 7 .* finished by {first}"):
            keep(runs, second, **changes)
    (row,) = runs.folds(WORK)
    assert row.trial_id == first
    with pytest.raises(NotFoundError):
        keep(runs, "trial-none", 2)


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_damaged_fold_is_named_and_mended_by_the_same_result(
    database: Database, place: int
) -> None:
    runs, trial = Runs(database), start(database)
    keep(runs, trial, 3, 11)
    with database.write() as connection:
        packed = bytearray(connection.execute(sa.select(RUN_FOLDS.c.arrays)).scalar_one())
        packed[place] ^= 0xFF
        connection.execute(sa.update(RUN_FOLDS).values(arrays=bytes(packed)))

    with pytest.raises(StoreError, match=f"Fold 3, seed 11 of {trial} is damaged"):
        runs.folds(WORK)
    new = keep(runs, trial, 3, 11)

    assert not new
    assert runs.folds(WORK)[0].arrays["one"] == 2.5


def test_metrics_altered_behind_our_back_are_damage_too(database: Database) -> None:
    runs, trial = Runs(database), start(database)
    keep(runs, trial)
    with database.write() as connection:
        connection.execute(sa.update(RUN_FOLDS).values(metrics={"gain": 9.0}))

    with pytest.raises(StoreError, match="damaged"):
        runs.folds(WORK)


PROGRAM = """
import sys
from datetime import UTC, datetime
import numpy as np
from assay.store.database import open_database
from assay.store.runs import Runs

runs = Runs(open_database(sys.argv[1]))
fold = int(sys.argv[3])
while True:
    fold += 1
    runs.keep_fold(
        "c" * 64, fold, 7, trial_id=sys.argv[2], at=datetime(2026, 1, 1, tzinfo=UTC), seconds=0.1,
        peak_mb=None, metrics={"fold": fold},
        arrays={"net": np.random.default_rng(fold).normal(size=30_000)},
    )
    print(fold, flush=True)
"""


def test_killed_at_any_moment_only_the_fold_under_way_is_lost(url: str) -> None:
    database = open_database(url)
    trial = start(database)
    runs, chance, acknowledged = Runs(database), np.random.default_rng(5), 0
    for _ in range(3):
        command = [sys.executable, "-c", PROGRAM, url, trial, str(acknowledged)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        for _ in range(int(chance.integers(1, 12))):
            acknowledged = int(process.stdout.readline())
        process.kill()
        rest, _ = process.communicate()
        whole = rest[: rest.rfind("\n") + 1].split()  # a line cut short acknowledges nothing
        acknowledged = int(whole[-1]) if whole else acknowledged

        found = runs.folds(WORK)

        assert process.returncode == -signal.SIGKILL
        assert [row.fold for row in found] == list(range(1, len(found) + 1))
        assert acknowledged <= len(found) <= acknowledged + 1
        newest = found[-1]
        expected = np.random.default_rng(newest.fold).normal(size=30_000)
        np.testing.assert_array_equal(newest.arrays["net"], expected)
        acknowledged = len(found)
    assert database.check().problems == ()
    database.close()


def test_daily_returns_come_back_exactly_and_as_dates_in_sql(database: Database) -> None:
    runs, trial = Runs(database), start(database)
    days = np.array(["1969-12-30", "2020-02-29", "2026-11-27"], "datetime64[D]")
    net, gross = np.array([0.1, -5e-324, 1 / 3]), np.array([0.2, 0.0, 2 / 3])

    kept = runs.keep_daily(trial, days, net, gross), runs.keep_daily(trial, days, net, gross)

    found = runs.daily(trial)
    assert kept == (True, False)
    assert found.days.dtype == "datetime64[D]"
    for mine, theirs in ((found.days, days), (found.net, net), (found.gross, gross)):
        np.testing.assert_array_equal(mine, theirs)
    with database.read() as connection:
        said = connection.exec_driver_sql("SELECT day FROM run_daily ORDER BY day").scalars().all()
    assert [str(day) for day in said] == ["1969-12-30", "2020-02-29", "2026-11-27"]


def test_a_run_without_daily_returns_has_none(database: Database) -> None:
    runs, trial = Runs(database), start(database)
    none = np.empty(0)

    runs.keep_daily(trial, span("2026-01-01", 0), none, none)

    assert (runs.daily(trial).days.size, runs.daily(trial).net.size) == (0, 0)
    with pytest.raises(NotFoundError):
        runs.daily("trial-none")
    with pytest.raises(NotFoundError):
        runs.keep_daily("trial-none", span("2026-01-01", 1), np.ones(1), np.ones(1))


def test_daily_returns_that_cannot_be_are_refused(database: Database) -> None:
    runs, trial = Runs(database), start(database)
    days, net = span("2026-01-01", 3), np.array([0.1, 0.2, 0.3])
    twice, unknown = days[[0, 1, 1]], np.array(["2026-01-01", "NaT", "2026-01-03"], "datetime64[D]")

    for bad in (twice, days[::-1], unknown):
        with pytest.raises(DataError, match="do not increase"):
            runs.keep_daily(trial, bad, net, net)
    for odd in (np.nan, np.inf):
        with pytest.raises(DataError, match="not a finite number"):
            runs.keep_daily(trial, days, net, np.array([0.1, odd, 0.3]))
    with pytest.raises(DataError, match="one of each"):
        runs.keep_daily(trial, days, net[:2], net)
    assert runs.daily(trial).days.size == 0
    runs.keep_daily(trial, days, net, net)
    with pytest.raises(DataError, match="kept already"):
        runs.keep_daily(trial, days, net + 1e-16, net)


def test_the_matrix_has_one_column_for_each_configuration_on_all_days(database: Database) -> None:
    runs = Runs(database)

    def run(alpha: float, first: str, net: list[float], *, namespace: str = "main") -> str:
        trial = start(database, alpha, namespace=namespace)
        returns = np.array(net)
        runs.keep_daily(trial, span(first, len(net)), returns, returns + 1)
        finish(database, trial)
        return trial

    run(0.1, "2026-01-01", [9.0])
    second = run(0.2, "2026-01-03", [0.3, 0.4])
    again = run(0.1, "2026-01-01", [0.1, 0.2, -0.3])
    run(0.3, "2026-01-01", [8.0], namespace="other")
    unfinished = start(database, 0.2)
    runs.keep_daily(unfinished, span("2025-01-01", 1), np.ones(1), np.ones(1))
    finish(database, start(database, 0.1))  # newer, but kept no daily returns
    early = run(0.4, "1969-12-31", [0.5])

    found = runs.matrix("main")

    nan = np.nan
    assert found.trial_ids == (second, again, early)
    assert found.days.tolist() == [date(1969, 12, 31), *(date(2026, 1, d) for d in (1, 2, 3, 4))]
    np.testing.assert_array_equal(
        found.returns,
        [[nan, nan, 0.5], [nan, 0.1, nan], [nan, 0.2, nan], [0.3, -0.3, nan], [0.4, nan, nan]],
    )


def test_the_matrix_of_nothing_is_empty(database: Database) -> None:
    found = Runs(database).matrix("main")

    assert (found.trial_ids, found.days.shape, found.returns.shape) == ((), (0,), (0, 0))


def test_the_matrix_equals_the_returns_of_each_trial(database: Database) -> None:
    runs, chance = Runs(database), np.random.default_rng(3)
    for alpha in range(12):
        trial = start(database, alpha)
        days = np.sort(chance.choice(span("2020-01-01", 400), 250, replace=False))
        runs.keep_daily(trial, days, chance.normal(size=250), chance.normal(size=250))
        finish(database, trial)

    found = runs.matrix("main")

    for trial, column in zip(found.trial_ids, found.returns.T, strict=True):
        one = runs.daily(trial)
        there = np.isin(found.days, one.days)
        np.testing.assert_array_equal(column[there], one.net)
        assert np.isnan(column[~there]).all()


def test_times_are_stored_in_utc_whatever_zone_they_came_in(database: Database) -> None:
    runs, trial = Runs(database), start(database)
    runs.keep_fold(
        WORK,
        1,
        1,
        trial_id=trial,
        at=DAY.astimezone(ZoneInfo("Asia/Tokyo")) + timedelta(hours=1),
        seconds=1.0,
        peak_mb=None,
        metrics={},
        arrays={},
    )

    (row,) = runs.folds(WORK)
    assert (row.at, row.at.tzinfo) == (DAY + timedelta(hours=1), UTC)
    assert row.arrays == {}


def test_a_day_damaged_in_the_file_is_one_sentence(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "assay.db"))
    runs, trial = Runs(database), start(database)
    runs.keep_daily(trial, span("2026-01-01", 2), np.ones(2), np.ones(2))
    finish(database, trial)
    with database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE run_daily SET day = 'x026-01-01' WHERE day < '2026-01-02'"
        )

    for read in (lambda: runs.matrix("main"), lambda: runs.daily(trial)):
        with pytest.raises(StoreError, match="cannot be read"):
            read()
    database.close()
