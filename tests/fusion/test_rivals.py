"""Champion and challenger: the better one stands, by the past alone, and no luck is let in."""

import json
from dataclasses import replace

import numpy as np
import pytest

from assay.evaluation.gate.artefact import LEVEL
from assay.fusion.evidence import History, logit
from assay.fusion.fit import fit
from assay.fusion.fitted import FittedFusion
from assay.fusion.inference import DayBlocks
from assay.fusion.learn import fit_slopes, measure_skill
from assay.fusion.proof import Rows, prove
from assay.fusion.rivals import Scores, levels_of, standing
from assay.fusion.settings import FusionSettings
from tests.fusion.worlds import history_of, world

ROWS = 4_000
CHAMPION, CHALLENGER = "artefact-0", "artefact-1"


def versions(skill: float, seed: int = 3, rows: int = ROWS) -> History:
    """Return a world in which producer 0 knows the signal and producer 1 hardly anything of it."""
    known = world(rows, 1, skill=skill, seed=seed)
    signal = logit(known.moments.p_up) - logit(known.moments.base)
    other = 0.3 * signal + 0.1 * np.random.default_rng(seed + 99).normal(size=signal.shape)
    return history_of(np.column_stack([signal, other]), known.outcome)


def swapped(history: History) -> History:
    """Return the world with what the two say exchanged."""
    moments = history.moments
    return replace(history, moments=replace(moments, p_up=moments.p_up[:, ::-1]))


@pytest.mark.parametrize("challenger_knows", [False, True])
def test_the_one_that_knows_more_stands_and_is_alone(*, challenger_knows: bool) -> None:
    history = versions(0.3)
    history = swapped(history) if challenger_knows else history

    fitted = fit(history, gate_level=LEVEL, rivals=[(CHAMPION, CHALLENGER)])

    [contest] = fitted.contests
    assert (contest.champion, contest.challenger) == (CHAMPION, CHALLENGER)
    assert contest.found.won is challenger_knows
    assert (contest.found.gain > 0) is challenger_knows
    assert (contest.found.p_value < 0.05) is challenger_knows
    assert contest.found.rows == ROWS - np.isnan(history.timing).any(axis=1).sum()
    assert [p.artefact for p in fitted.producers] == [CHALLENGER if challenger_knows else CHAMPION]
    assert fitted.promoted == (fitted.producers[0].artefact,)


def test_what_is_served_is_what_the_winner_alone_would_have_given() -> None:
    history = versions(0.3)
    alone = replace(history, moments=history.moments.hearing(np.array([True, False])))

    one, other = fit(history, rivals=[(CHAMPION, CHALLENGER)]), fit(alone)

    assert replace(one, proof=other.proof, proven=other.proven, contests=()) == other


def test_without_rivals_both_are_heard_and_names_stay() -> None:
    history = versions(0.3)

    plain, none = fit(history), fit(history, rivals=[("never", "heard")])

    assert len(plain.producers) == 2
    assert plain.id == none.id
    assert "contests" not in json.loads(plain.to_json())


def test_a_fusion_with_contests_is_read_back() -> None:
    fitted = fit(versions(0.3), rivals=[(CHAMPION, CHALLENGER)])

    assert FittedFusion.from_json(fitted.to_json(), expected_id=fitted.id) == fitted


def test_a_challenger_that_says_nothing_does_not_win_and_a_silent_champion_gives_way() -> None:
    history = versions(0.3)
    silent = history.moments.p_up.copy()
    silent[:, 1] = np.nan
    quiet = replace(history, moments=replace(history.moments, p_up=silent))

    stays = fit(quiet, rivals=[(CHAMPION, CHALLENGER)])
    goes = fit(swapped(quiet), rivals=[(CHAMPION, CHALLENGER)])

    assert [p.artefact for p in stays.producers] == [CHAMPION]
    assert [p.artefact for p in goes.producers] == [CHALLENGER]
    assert stays.contests[0].found.rows == 0
    assert stays.contests[0].found.p_value == 1.0


def test_the_proof_chooses_by_the_past_of_each_segment() -> None:
    history = versions(0.3)
    settings = FusionSettings()
    rows = Rows.of(history, settings)
    everyone = np.array([True, True])
    turned = replace(rows, outcome=np.where(np.arange(len(rows)) > len(rows) - 50,
                                            1.0 - rows.outcome, rows.outcome))  # fmt: skip

    heard = [prove(each, everyone, 0, settings, [(0, 1)]) for each in (rows, turned)]
    alone = prove(rows, np.array([True, False]), 0, settings)

    assert heard[0].kappas == heard[1].kappas  # no refit saw the turned outcomes
    assert heard[0].p_value == pytest.approx(alone.p_value, rel=1e-9)


def test_the_gate_lets_the_luckier_of_two_through_no_more_often_than_one() -> None:
    chance, passed, worlds = np.random.default_rng(5), np.zeros(2), 1_500
    days = np.repeat(np.arange(300), 4)
    blocks = DayBlocks(days)
    base, rivals = np.zeros(len(days)), [(0, 1)]
    for _ in range(worlds):
        evidence = 0.1 * chance.normal(size=(len(days), 2))
        outcome = chance.integers(0, 2, len(days)).astype(float)
        slope, _ = fit_slopes(evidence, base, outcome, blocks)
        skill, error = measure_skill(evidence, slope, base, outcome, blocks)
        found = Scores(evidence, slope, base, outcome, blocks).compared((0, 1))
        left = standing(2, rivals, [found])
        z = np.divide(skill, error, out=np.zeros(2), where=error > 0)
        passed += [(z[left] > 1.645).any(), (z[left] > 1.960).any()]

    rate = passed / worlds
    assert levels_of(3, rivals, 0.05).tolist() == [0.025, 0.025, 0.05]
    assert rate[1] <= LEVEL + 2 * np.sqrt(LEVEL * (1 - LEVEL) / worlds)
    assert rate[0] > rate[1]
