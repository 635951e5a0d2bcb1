"""What fitting learns in worlds whose skill is known, and what it must not learn."""

from dataclasses import replace

import numpy as np
import pytest

from assay.core.errors import ArtefactError, DataError, HistoryError
from assay.core.values.conviction import Evidence
from assay.evaluation.gate.artefact import foretells
from assay.evaluation.metrics import hit_rate
from assay.fusion.evidence import Floats, History, expit, log_score, logit
from assay.fusion.fit import fit
from assay.fusion.fitted import FittedFusion
from assay.fusion.pool import EVIDENCE, TIERS, Pooled, fuse_many
from assay.fusion.settings import FusionSettings
from tests.fusion.worlds import daily, gaussian, history_of, with_columns, world

QUICK = FusionSettings(draws=20)
HALF = 12_000


def halves(history: History) -> tuple[History, History]:
    middle = len(history.day) // 2
    return history.take(slice(0, middle)), history.take(slice(middle, None))


def calibration_slope(log_odds: Floats, outcome: Floats) -> float:
    slope = 1.0
    for _ in range(20):
        p = expit(slope * log_odds)
        slope += ((outcome - p) * log_odds).sum() / (p * (1 - p) * log_odds**2).sum()
    return slope


def gain(log_odds: Floats, outcome: Floats) -> float:
    return float((log_score(log_odds, outcome) + np.log(2)).mean())


def high_and_proven(pooled: Pooled) -> float:
    high = [t.value for t in TIERS].index("HIGH")
    proven = [e.value for e in EVIDENCE].index("PROVEN")
    return float(((pooled.tier == high) & (pooled.evidence == proven)).mean())


@pytest.mark.parametrize(("members", "rho"), [(12, 0.2), (12, 0.6), (6, 0.3)])
def test_in_the_gaussian_world_kappa_is_the_effective_number(members: int, rho: float) -> None:
    history, rest = halves(gaussian(2 * HALF, members, rho, 0.4, seed=2))

    fitted = fit(history, QUICK)
    pooled = fuse_many(rest.moments, fitted)

    exact = members / (1 + (members - 1) * rho)
    assert fitted.kappa / fitted.effective == pytest.approx(1.0, abs=0.05)
    assert fitted.effective == pytest.approx(exact, rel=0.1)
    assert 0.9 <= calibration_slope(pooled.log_odds, rest.outcome) <= 1.1
    singles = [gain(logit(rest.moments.p_up[:, i]), rest.outcome) for i in range(members)]
    assert gain(pooled.log_odds, rest.outcome) >= max(singles)
    assert fitted.proven


def test_walked_forward_the_pool_beats_the_best_single_and_the_plain_mean() -> None:
    proof = fit(gaussian(HALF, 8, 0.4, 0.4, seed=4), QUICK).proof

    assert proof.over_best_single / proof.over_best_single_error > 2
    assert proof.over_equal_weights / proof.over_equal_weights_error > 2
    assert np.std(proof.kappas) / np.mean(proof.kappas) < 0.1


def test_the_pool_is_reliable_in_every_tenth_of_its_probabilities() -> None:
    history, rest = halves(gaussian(2 * HALF, 6, 0.4, 0.5, seed=6))

    p = fuse_many(rest.moments, fit(history, QUICK)).probability

    order = np.argsort(p)
    for tenth in np.array_split(order, 10):
        error = 0.5 / np.sqrt(len(tenth))
        assert rest.outcome[tenth].mean() == pytest.approx(p[tenth].mean(), abs=3.5 * error)


def test_in_every_tenth_of_agreement_the_side_is_right_as_often_as_said() -> None:
    history, rest = halves(daily(gaussian(2 * HALF, 6, 0.4, 0.5, seed=7)))

    pooled = fuse_many(rest.moments, fit(history, QUICK))

    said = np.maximum(pooled.probability, 1 - pooled.probability)
    hits = (pooled.probability >= 0.5) == (rest.outcome == 1)
    tenths = np.array_split(np.argsort(pooled.agreement, kind="stable"), 10)
    rates = [hit_rate(hits[tenth], rest.day[tenth]) for tenth in tenths]
    inside = [r.low <= said[t].mean() <= r.high for r, t in zip(rates, tenths, strict=True)]
    assert sum(inside) >= 8, [(r.low, r.value, r.high) for r in rates]
    assert rates[-1].low > rates[0].high


def test_the_interval_covers_the_truth_nine_times_in_ten() -> None:
    inside = []
    for seed in range(25):
        history = gaussian(1500, 4, 0.3, 0.4, seed=100 + seed)
        truth = logit(history.moments.p_up).mean(axis=1) * 4 / 1.9
        pooled = fuse_many(history.moments, fit(history, FusionSettings(draws=200)))
        inside.append(((logit(pooled.low) <= truth) & (truth <= logit(pooled.high))).mean())

    assert 0.8 <= float(np.mean(inside)) <= 0.97


def test_a_producer_without_skill_changes_nothing() -> None:
    history = gaussian(4000, 3, 0.3, 0.4, seed=8)
    noise = -history.moments.evidence[:, :1]  # points the wrong way: no skill at slopes above 0
    more = daily(history_of(np.column_stack([history.moments.evidence, noise]), history.outcome))

    three, four = fit(history, QUICK), fit(more, QUICK)

    assert four.cluster[3] == -1
    left = fuse_many(history.moments, three)
    right = fuse_many(more.moments, four)
    assert right.log_odds == pytest.approx(left.log_odds, abs=1e-12)
    assert right.agreement == pytest.approx(left.agreement, abs=1e-6, nan_ok=True)
    assert (right.weight[:, 3] == 0).all()


@pytest.mark.parametrize("clones", [1, 2, 7])
def test_copying_a_producer_changes_nothing(clones: int) -> None:
    history = gaussian(4000, 4, 0.4, 0.4, seed=10)
    more = with_columns(history, [0, 1, 2, 3, *[1] * clones])

    one, many = fit(history, QUICK), fit(more, QUICK)
    left, right = fuse_many(history.moments, one), fuse_many(more.moments, many)

    assert np.abs(right.log_odds - left.log_odds).max() < 1e-6
    assert right.agreement == pytest.approx(left.agreement, abs=1e-9)
    assert many.effective == pytest.approx(one.effective, abs=1e-9)


def test_the_order_of_the_producers_does_not_matter() -> None:
    history = gaussian(4000, 5, 0.3, 0.4, seed=12)
    order = [3, 0, 4, 1, 2]
    turned = with_columns(history, order)

    left = fuse_many(history.moments, fit(history, QUICK))
    right = fuse_many(turned.moments, fit(turned, QUICK))

    assert right.log_odds == pytest.approx(left.log_odds, abs=1e-9)
    assert right.part == pytest.approx(left.part[:, order], abs=1e-9)


def test_shifted_in_time_the_gain_is_gone() -> None:
    history = world(6000, 6, correlation=0.4, skill=0.15, seed=14)
    placebo = replace(history, outcome=np.roll(history.outcome, 1711))

    real, shifted = fit(history, QUICK), fit(placebo, QUICK)

    assert real.proven
    assert real.proof.gain > 2 * real.proof.gain_error
    assert not shifted.proven
    assert shifted.proof.gain < 2 * shifted.proof.gain_error


def test_a_drift_of_the_market_is_nobodys_skill() -> None:
    chance = np.random.default_rng(16)
    outcome = (chance.random(6000) < 0.54).astype(float)  # the base says one half
    bulls = 0.1 + 0.02 * chance.normal(size=(6000, 4))

    assert not fit(history_of(bulls, outcome), QUICK).proven


def test_the_last_outcomes_do_not_touch_the_refits_before_them() -> None:
    history = world(3000, 4, skill=0.2, seed=18)
    last = slice(2700, None)  # inside the last of six segments, of which each has 333 rows
    flipped = history.outcome.copy()
    flipped[last] = 1 - flipped[last]

    before, after = fit(history, QUICK).proof, fit(replace(history, outcome=flipped), QUICK).proof

    assert len(before.kappas) == 6
    assert before.kappas == after.kappas
    assert before.gain != after.gain


def test_outcomes_still_open_at_a_refit_are_not_learned_from() -> None:
    settings = FusionSettings(draws=20, segments=1, learn_share=0.5)
    history = world(3000, 4, skill=0.2, seed=20)
    poisoned = history.outcome.copy()
    poisoned[1493:1500] = 1 - poisoned[1493:1500]  # two horizons of four bars before row 1500

    left = fit(history, settings).proof
    right = fit(replace(history, outcome=poisoned), settings).proof

    assert left == right


def test_the_future_of_the_producers_does_not_touch_the_proof_before_it() -> None:
    history = world(3000, 4, skill=0.2, seed=22)
    cut = history.take(slice(0, 2000))
    settings = FusionSettings(draws=20, segments=2, learn_share=0.5)
    longer = FusionSettings(draws=20, segments=4, learn_share=1 / 3)

    assert fit(cut, settings).proof.kappas == fit(history, longer).proof.kappas[:2]


NO_SKILL = (
    {"members": 3},
    {"members": 12, "persistence": 0.9},
    {"members": 12, "correlation": 0.6},
    {"members": 6, "correlation": 0.3, "persistence": 0.95},
)


def no_skill_rates(fits: int, rows: tuple[int, ...]) -> tuple[float, float]:
    proven, high = [], []
    for number in range(fits):
        shape = NO_SKILL[number % len(NO_SKILL)]
        size = rows[(number // len(NO_SKILL)) % len(rows)]
        history = world(size + 500, seed=7000 + number, **shape)
        fitted = fit(history.take(slice(0, size)), QUICK)
        proven.append(fitted.proven)
        high.append(high_and_proven(fuse_many(history.moments.take(slice(size, None)), fitted)))
    return float(np.mean(proven)), float(np.mean(high))


def test_without_skill_hardly_anything_is_proven() -> None:
    proven, high = no_skill_rates(80, (1500, 2500))

    assert proven <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 80)
    assert high <= 0.01


@pytest.mark.slow
def test_without_skill_hardly_anything_is_proven_in_many_worlds() -> None:
    proven, high = no_skill_rates(400, (1500, 3000, 6000))

    assert proven <= 0.05
    assert high <= 0.01


@pytest.mark.slow
def test_planted_skill_is_mostly_proven() -> None:
    found = [
        fit(world(6000, 6, correlation=0.6, skill=0.05, seed=s), QUICK).proven for s in range(100)
    ]

    assert np.mean(found) >= 0.55


def test_strong_planted_skill_is_proven() -> None:
    found = [
        fit(world(6000, 6, correlation=0.6, skill=0.12, seed=s), QUICK).proven for s in range(8)
    ]

    assert all(found)


def test_under_two_hundred_outcomes_nothing_is_proven() -> None:
    history = world(700, 3, skill=0.8, seed=3)  # 175 outcomes that do not overlap

    fitted = fit(history, QUICK)

    assert fitted.effective_outcomes == 175
    assert fitted.proof.p_value < 0.01
    assert not fitted.proven


def test_what_has_not_passed_the_gate_weighs_nothing() -> None:
    history = gaussian(4000, 3, 0.3, 0.4, seed=24)

    fitted = fit(history, QUICK, promoted=frozenset({"artefact-0", "artefact-2"}))
    pooled = fuse_many(history.moments, fitted)

    assert fitted.cluster[1] == -1
    assert fitted.skill[1] > 0
    assert (pooled.weight[:, 1] == 0).all()
    assert (pooled.weight[:, [0, 2]] > 0).all()


def test_the_gate_lets_through_who_foretells_and_leaves_the_proof_as_it_is() -> None:
    history = world(6000, 4, skill=0.12, skilled=1, seed=31)

    free, gated = fit(history, QUICK), fit(history, QUICK, gate_level=0.05)

    passed = foretells(np.array(free.skill), np.array(free.skill_error))
    assert passed[0]
    assert gated.promoted == tuple(
        sorted(p.artefact for p, ok in zip(history.moments.producers, passed, strict=True) if ok)
    )
    assert all(c == -1 for c, ok in zip(gated.cluster, passed, strict=True) if not ok)
    assert gated.proof == free.proof
    assert gated.skill == free.skill


def test_without_skill_one_member_in_twenty_passes_the_gate_at_most() -> None:
    passed, asked, proven = 0, 0, 0
    for number in range(60):
        history = world(2500, 4, correlation=0.3, seed=9000 + number)
        fitted = fit(history, QUICK, gate_level=0.05)
        passed, asked = passed + len(fitted.promoted or ()), asked + 4
        proven += fitted.proven

    assert passed / asked <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / asked * 2)
    assert proven <= 4


def test_where_nobody_passes_there_is_no_evidence() -> None:
    history = world(2500, 3, seed=9103)
    nobody = fit(history, QUICK, gate_level=1e-9)

    pooled = fuse_many(history.moments, nobody)

    assert nobody.promoted == ()
    assert nobody.evidence is Evidence.NONE
    assert not nobody.proven
    assert (pooled.weight == 0).all()


def test_same_history_same_fusion() -> None:
    history = gaussian(2000, 3, 0.3, 0.4, seed=26)

    assert fit(history) == fit(history)


def test_what_is_written_is_read_back() -> None:
    fitted = fit(gaussian(2000, 3, 0.3, 0.4, seed=26), promoted=frozenset({"artefact-0"}))

    again = FittedFusion.from_json(fitted.to_json(), expected_id=fitted.id)

    assert again == fitted
    assert again.id == fitted.id


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99}', '{"format": 1}', "{"])
def test_a_damaged_fusion_is_refused(text: str) -> None:
    with pytest.raises(ArtefactError, match="refit"):
        FittedFusion.from_json(text)


def test_an_altered_fusion_is_refused() -> None:
    fitted = fit(gaussian(2000, 2, 0.3, 0.4, seed=26))
    altered = fitted.to_json().replace('"proven":true', '"proven":false')

    with pytest.raises(ArtefactError, match="altered"):
        FittedFusion.from_json(altered, expected_id=fitted.id)


def test_nothing_to_learn_from_is_said() -> None:
    history = world(50, 2)

    with pytest.raises(HistoryError, match="0 labelled rows"):
        fit(replace(history, outcome=np.full(50, np.nan)))


def test_a_little_history_gives_a_pool_that_abstains() -> None:
    history = world(30, 2)

    fitted = fit(history)
    pooled = fuse_many(history.moments, fitted)

    assert not fitted.learned.weighs
    assert (pooled.score == 0).all()
    assert pooled.probability == pytest.approx(np.full(30, 0.5))


def test_outcomes_known_before_their_decision_are_refused() -> None:
    history = world(50, 2)

    with pytest.raises(DataError, match="before its decision"):
        replace(history, t1=history.moments.time)
