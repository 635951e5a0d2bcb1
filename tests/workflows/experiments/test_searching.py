"""A search reads its training span alone, repeats itself, and tells every try."""

from collections.abc import Mapping
from typing import Any

import pytest

from assay.core.errors import HistoryError
from assay.core.values.bars import Bars
from assay.evaluation.cuts import Cut
from assay.evaluation.splits import Part
from assay.workflows.experiments.asked import Experiment, Search
from assay.workflows.experiments.searching import (
    STARTUP_TRIES,
    Try,
    inner_cuts,
    search_cut,
    with_settings,
)
from assay.workflows.gather import Prepared
from tests.workflows.experiments.worlds import (
    after,
    altered,
    cuts_of,
    experiment,
    pair,
    prepared,
    read,
)

SPACE: Mapping[str, Any] = {
    "keep": {"whole": [1, 7]},
    "rows_per_column": {"choice": [1, 2, 3]},
}


@pytest.fixture(scope="module")
def bars() -> Bars:
    return pair(6_000)


@pytest.fixture(scope="module")
def item(bars: Bars) -> Prepared:
    return prepared(bars)


@pytest.fixture(scope="module")
def cut(item: Prepared) -> Cut:
    (found,) = cuts_of(item)
    return found


def asked(space: Mapping[str, Any] = SPACE, **changes: Any) -> Experiment:
    """Return a ridge that is searched over `space`."""
    model = {"name": "ridge", "settings": {"rows_needed": 100, "stop_rows_needed": 10}}
    search = {"tries": 6, "inner_folds": 2, "space": dict(space), **changes}
    return experiment(model=model, search=search, splits__embargo="4 hours")


def search(told: Experiment, item: Prepared, cut: Cut, seed: int = 1) -> Any:
    """Return the best settings and every try."""
    return search_cut(told, read(told, item), cut, seed)


def test_nothing_after_the_training_span_is_read(bars: Bars, item: Prepared, cut: Cut) -> None:
    (train,) = cut.parts[Part.TRAIN]
    other = prepared(altered(bars, after(bars, train.end)))

    before, now = (search(asked(), each, cut) for each in (item, other))

    assert before == now
    assert len({each.scores for each in before[1]}) > 1


def test_what_lies_in_the_training_span_is_read(bars: Bars, item: Prepared, cut: Cut) -> None:
    (train,) = cut.parts[Part.TRAIN]
    middle = train.start + (train.end - train.start) * 0.7
    other = prepared(altered(bars, after(bars, middle)))

    before, now = (search(asked(), each, cut) for each in (item, other))

    assert [each.scores for each in before[1]] != [each.scores for each in now[1]]


def test_its_inner_walk_stays_in_the_longest_training_span(item: Prepared) -> None:
    told = asked()
    assert told.search is not None

    for cut in cuts_of(item, "combinatorial", groups=4, test_groups=1):
        spans = cut.parts[Part.TRAIN]
        longest = max(spans, key=lambda span: span.end - span.start)
        for inner in inner_cuts(told, cut, told.search):
            for part in inner.parts.values():
                assert all(longest.start <= s.start and s.end <= longest.end for s in part)


def test_the_same_seed_makes_the_same_tries_and_another_one_others(
    item: Prepared, cut: Cut
) -> None:
    first, again, other = (search(asked(), item, cut, seed) for seed in (1, 1, 2))

    assert first == again
    assert [each.settings for each in first[1]] != [each.settings for each in other[1]]


def test_the_best_is_the_finished_try_with_the_highest_score(item: Prepared, cut: Cut) -> None:
    best, tries = search(asked(pruned=False), item, cut)

    assert len(tries) == 6
    assert {each.state for each in tries} == {"finished"}
    top = max(each.scores[-1] for each in tries)
    assert any(dict(each.settings) == best and each.scores[-1] == top for each in tries)
    for each in tries:
        assert set(each.settings) == set(SPACE)
        assert 1 <= each.settings["keep"] <= 7
        assert each.settings["rows_per_column"] in (1, 2, 3)
        assert len(each.scores) == 2


def test_tries_that_lag_behind_are_pruned_and_told(item: Prepared, cut: Cut) -> None:
    _, tries = search(asked(tries=16), item, cut)

    pruned = [each for each in tries if each.state == "pruned"]
    assert len(tries) == 16
    assert pruned
    assert not any(each.state == "pruned" for each in tries[:STARTUP_TRIES])
    assert {each.reason for each in pruned} == {"pruned after 1 of 2 inner folds"}
    assert all(len(each.scores) == 1 for each in pruned)


def test_tries_that_fail_are_told_with_the_reason(item: Prepared, cut: Cut) -> None:
    space = {"rows_needed": {"choice": [100, 10**6]}}

    best, tries = search(asked(space), item, cut)

    failed = [each for each in tries if each.state == "failed"]
    assert failed
    assert all("needs 1,000,000 labelled rows" in str(each.reason) for each in failed)
    assert all(each.settings == {"rows_needed": 10**6} and not each.scores for each in failed)
    assert best == {"rows_needed": 100}


def test_settings_that_no_model_can_have_are_a_failed_try(item: Prepared, cut: Cut) -> None:
    space = {"keep": {"choice": [0, 3]}}

    _, tries = search(asked(space), item, cut)

    failed = [each for each in tries if each.state == "failed"]
    assert failed
    assert all("keep is 1 column or more" in str(each.reason) for each in failed)


def test_without_a_finished_try_the_first_reason_is_raised(item: Prepared, cut: Cut) -> None:
    space = {"rows_needed": {"whole": [10**6, 10**7]}}

    with pytest.raises(HistoryError, match=r"cut 1: no try of the search was finished: .* needs"):
        search(asked(space), item, cut)


def test_a_training_span_too_short_for_the_inner_walk_is_refused(cut: Cut) -> None:
    told = asked(inner_folds=10)
    assert told.search is not None
    short = Search.model_validate({"inner_folds": 10, "space": SPACE})

    with pytest.raises(HistoryError, match="days of history are too few"):
        inner_cuts(experiment(splits__embargo="20 days"), cut, short)


def test_settings_found_are_laid_over_the_models_own() -> None:
    told = asked()

    found = with_settings(told, {"keep": 3})

    assert found.search is None
    assert found.model.settings == {**told.model.settings, "keep": 3}
    assert found.label == told.label
    assert found.splits == told.splits


def test_a_try_is_written_as_plain_data() -> None:
    one = Try({"keep": 3}, (0.1, 0.2), "pruned", "pruned after 2 of 3 inner folds")

    assert one.to_json() == {
        "settings": {"keep": 3},
        "scores": [0.1, 0.2],
        "state": "pruned",
        "reason": "pruned after 2 of 3 inner folds",
    }
