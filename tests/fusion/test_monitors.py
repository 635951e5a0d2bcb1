"""Monitors stay quiet where nothing changed, and speak where skill, intervals or inputs did."""

import numpy as np
import pytest
from scipy.stats import binomtest

from assay.evaluation.drift import Verdict
from assay.fusion.fit import fit
from assay.fusion.monitors import (
    LEAST_OUTCOMES,
    MANY_COLUMNS,
    SOME_COLUMNS,
    Reading,
    Watch,
    coverage_reading,
    loss_reading,
    pooled_shift,
    rolled,
    stability_reading,
    verdict_of,
    worst,
)
from assay.fusion.proof import Rows
from assay.fusion.settings import FusionSettings
from tests.fusion.worlds import world

FIT, LATER = 3_000, 900


def read(seed: int, *, before: float = 0.25, after: float = 0.25) -> Reading:
    """Return the pool's reading on rows after its fit, where skill was `before` and is `after`."""
    settings = FusionSettings()
    fitted = fit(world(FIT, 2, skill=before, seed=seed), settings)
    rows = Rows.of(world(LATER, 2, skill=after, seed=seed + 5_000), settings)
    shift = pooled_shift(rows, fitted.learned)
    return loss_reading("pool", shift, rows, fitted.proof.gain, fitted.proof.gain_error)


def test_a_pool_that_is_as_it_was_raises_few_alarms() -> None:
    found = [read(seed).verdict for seed in range(60)]

    assert all(each is not Verdict.UNKNOWN for each in found)
    alarms = sum(each is not Verdict.STEADY for each in found)
    assert binomtest(alarms, len(found), 0.05, alternative="greater").pvalue > 0.01


def test_skill_that_turned_round_is_seen() -> None:
    found = [read(seed, before=0.4, after=-0.4).verdict for seed in range(8)]

    assert found.count(Verdict.DRIFTED) >= 7


def test_a_pool_that_became_better_is_no_cause_for_alarm() -> None:
    found = [read(seed, before=0.2, after=0.6) for seed in range(8)]

    assert all(each.verdict is Verdict.STEADY and each.now > each.then for each in found)


def test_too_few_outcomes_say_nothing() -> None:
    settings = FusionSettings()
    rows = Rows.of(world(4 * LEAST_OUTCOMES - 40, 1, skill=0.3, seed=1), settings)

    found = loss_reading("pool", np.zeros(len(rows)), rows, 0.01, 0.001)

    assert found.verdict is Verdict.UNKNOWN
    assert found.count < LEAST_OUTCOMES
    assert np.isnan(found.now)
    nobody = rows.take(np.zeros(len(rows), dtype=bool))
    assert loss_reading("pool", np.zeros(0), nobody, 0.01, 0.001).count == 0


@pytest.mark.parametrize(("inside", "verdict"), [(0.9, Verdict.STEADY), (0.75, Verdict.DRIFTED)])
def test_coverage_is_that_of_kupiec_on_outcomes_that_do_not_overlap(
    inside: float, verdict: Verdict
) -> None:
    hits = np.repeat(np.arange(400) % 20 < round(20 * inside), 4)

    found = coverage_reading("ridge 1h", hits, 0.9, 4)

    assert (found.watch, found.count, found.verdict) == (Watch.COVERAGE, 400, verdict)
    assert found.now == pytest.approx(hits[::4].mean())


def test_stability_counts_the_columns_that_drifted() -> None:
    chance = np.random.default_rng(8)
    then, now = chance.normal(size=(4_000, 10)), chance.normal(size=(500, 10))
    shifted = now.copy()
    for columns, verdict in ((2, Verdict.STEADY), (3, Verdict.MOVED), (5, Verdict.DRIFTED)):
        shifted[:, :columns] = now[:, :columns] + 2.0
        found = stability_reading("ridge 1h", then, shifted)
        assert (found.now, found.verdict) == (columns / 10, verdict)
    assert stability_reading("ridge 1h", then, now).now <= 0.1
    assert stability_reading("ridge 1h", now[:100], then).verdict is Verdict.UNKNOWN
    assert (SOME_COLUMNS, MANY_COLUMNS) == (0.25, 0.5)


def test_the_tests_of_a_series_are_counted_together() -> None:
    def one(p: float, verdict: Verdict) -> Reading:
        return Reading("pool", Watch.LOG_LOSS, 0.0, 0.0, p, 100, verdict)

    alone = [one(0.03, Verdict.MOVED)]
    among = [*alone, *(one(0.5, Verdict.STEADY) for _ in range(4))]
    drifted = Reading("x", Watch.STABILITY, 0.6, 0.0, float("nan"), 100, Verdict.DRIFTED)

    assert worst(alone) is Verdict.MOVED
    assert worst(among) is Verdict.STEADY
    assert worst([*among, drifted]) is Verdict.DRIFTED
    assert worst([]) is Verdict.UNKNOWN
    assert verdict_of(float("nan")) is Verdict.UNKNOWN


def test_the_rolled_log_loss_is_that_of_the_rows_in_whole_stretches() -> None:
    settings = FusionSettings()
    rows = Rows.of(world(1_200, 1, skill=0.3, seed=2), settings)
    shift = 0.3 * np.nan_to_num(rows.evidence[:, 0])

    found = rolled(shift, rows)

    assert found[-1].last == rows.day[-1]
    assert all(each.last - each.first == 19 for each in found)  # the world trades every day
    inside = (rows.day >= found[-1].first) & (rows.day <= found[-1].last)
    odds = rows.base[inside] + shift[inside]
    p = 1 / (1 + np.exp(-odds))
    by_hand = -np.log(np.where(rows.outcome[inside] > 0, p, 1 - p)).mean()
    assert found[-1].log_loss == pytest.approx(by_hand, rel=1e-9)
    assert found[-1].rows == inside.sum()
