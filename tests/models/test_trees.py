"""Our walker and our shares are LightGBM's own, to the last bits."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import ArtefactError
from assay.models.lightgbm_text import parse, stripped
from assay.models.shapley import paths, shapley
from assay.models.trees import FEW, answers, scores

QUIET = {"verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5, "deterministic": True}


def rows(count: int, seed: int) -> np.ndarray:
    """Return columns with unknown values, zeros, tiny values and integers in them."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(count, 6))
    x[:, 5] = np.round(x[:, 5] * 2)
    x[chance.random(x.shape) < 0.1] = np.nan
    x[chance.random(x.shape) < 0.1] = 0.0
    x[chance.random(x.shape) < 0.02] = 1e-36
    x[chance.random(x.shape) < 0.02] = -float(np.float32(1e-35))
    return x


def booster(seed: int = 0, rounds: int = 12, **settings: Any) -> lightgbm.Booster:
    x = rows(1500, seed)
    chance = np.random.default_rng(seed + 1)
    known = np.nan_to_num(x)
    score = known[:, 0] * known[:, 1] + known[:, 5] + chance.normal(size=len(x))
    kind = settings.get("objective", "multiclass")
    y = score
    if kind == "multiclass":
        y = 1.0 + (score > 0.7) - (score < -0.7)
    if kind == "binary":
        y = (score > 0).astype(float)
    shared = {"objective": "multiclass", "num_class": 3} if kind == "multiclass" else {}
    return lightgbm.train(QUIET | shared | settings, lightgbm.Dataset(x, y), rounds)


@pytest.mark.parametrize("zero_as_missing", [False, True])
@pytest.mark.parametrize("use_missing", [False, True])
@pytest.mark.parametrize("objective", ["multiclass", "binary", "regression", "quantile"])
def test_it_answers_as_lightgbm_does(
    objective: str, use_missing: bool, zero_as_missing: bool
) -> None:
    model = booster(objective=objective, use_missing=use_missing, zero_as_missing=zero_as_missing)
    forest, x = parse(model.model_to_string()), rows(700, 99)

    raw, told = scores(forest, x), answers(forest, x)

    oracle = np.asarray(model.predict(x, raw_score=True)).reshape(len(x), -1)
    np.testing.assert_array_equal(raw, oracle)
    np.testing.assert_array_equal(scores(forest, x[:FEW]), oracle[:FEW])
    np.testing.assert_allclose(told, np.asarray(model.predict(x)).reshape(len(x), -1), atol=1e-15)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    leaves=st.integers(2, 40),
    bins=st.integers(3, 255),
    share=st.floats(0.2, 1.0),
)
def test_it_answers_as_any_random_model_does(
    seed: int, leaves: int, bins: int, share: float
) -> None:
    model = booster(seed, rounds=4, num_leaves=leaves, max_bin=bins, feature_fraction=share)

    forest, x = parse(model.model_to_string()), rows(200, seed + 7)
    many, few = scores(forest, x), scores(forest, x[:FEW])

    np.testing.assert_array_equal(many, model.predict(x, raw_score=True))
    np.testing.assert_array_equal(few, many[:FEW])


@pytest.mark.parametrize("outputs", [(0, 1, 2), (2, 0), (1,)])
def test_shares_are_those_of_lightgbm(outputs: tuple[int, ...]) -> None:
    model, x = booster(rounds=20), rows(80, 5)
    forest = parse(model.model_to_string())
    oracle = np.asarray(model.predict(x, pred_contrib=True)).reshape(len(x), 3, 7)

    values, expected = shapley(forest, paths(forest, outputs), x)

    chosen = list(outputs)
    np.testing.assert_allclose(values, oracle[:, chosen, :6], atol=1e-12)
    np.testing.assert_allclose(expected, oracle[0, chosen, 6], atol=1e-12)
    np.testing.assert_allclose(
        values.sum(axis=2) + expected, scores(forest, x)[:, chosen], atol=1e-12
    )


def test_a_few_rows_wake_no_compiler(tmp_path: Path) -> None:
    text = tmp_path / "model.txt"
    text.write_text(booster(rounds=3).model_to_string())
    code = """
import sys
import numpy as np
from assay.models.lightgbm_text import parse
from assay.models.shapley import paths, shapley
from assay.models.trees import scores
forest = parse(open(sys.argv[1]).read())
scores(forest, np.zeros((3, 6)))
shapley(forest, paths(forest, [0]), np.zeros((3, 6)))
print("numba" in sys.modules)
"""

    said = subprocess.run(
        [sys.executable, "-c", code, str(text)], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "False"


def test_trees_that_never_split_are_served() -> None:
    x = np.random.default_rng(0).normal(size=(300, 2))
    model = lightgbm.train(
        QUIET | {"objective": "regression", "min_data_in_leaf": 200},
        lightgbm.Dataset(x, np.ones(300) * 2.5),
        3,
    )
    forest = parse(model.model_to_string())

    values, expected = shapley(forest, paths(forest, [0]), x)

    for part in (x, x[:FEW]):
        oracle = model.predict(part, raw_score=True)
        np.testing.assert_array_equal(scores(forest, part)[:, 0], oracle)
    assert not values.any()
    assert expected == pytest.approx(2.5)


def test_what_follows_the_trees_can_go() -> None:
    model, x = booster(), rows(50, 3)
    text = stripped(model.model_to_string())

    assert "num_threads" not in text
    np.testing.assert_array_equal(lightgbm.Booster(model_str=text).predict(x), model.predict(x))
    np.testing.assert_array_equal(scores(parse(text), x), model.predict(x, raw_score=True))


def test_categorical_splits_are_refused_by_name() -> None:
    chance = np.random.default_rng(1)
    x = np.column_stack([chance.integers(0, 5, 800), chance.normal(size=800)]).astype(float)
    y = (x[:, 0] % 2) + chance.normal(size=800)
    data = lightgbm.Dataset(x, y, categorical_feature=[0])
    model = lightgbm.train(QUIET | {"objective": "regression"}, data, 3)

    with pytest.raises(ArtefactError, match=r"num_cat=.*categorical"):
        parse(model.model_to_string())


def test_linear_leaves_are_refused_by_name() -> None:
    x = np.random.default_rng(1).normal(size=(800, 2))
    data = lightgbm.Dataset(x, x[:, 0] * 2 + x[:, 1] ** 2, params={"linear_tree": True})
    model = lightgbm.train(QUIET | {"objective": "regression", "linear_tree": True}, data, 3)

    with pytest.raises(ArtefactError, match="is_linear"):
        parse(model.model_to_string())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "average_output"),
        ({"objective": "poisson"}, "poisson"),
        ({"objective": "regression", "reg_sqrt": True}, "sqrt"),
    ],
)
def test_other_kinds_are_refused_by_name(settings: dict[str, Any], said: str) -> None:
    x = np.random.default_rng(1).normal(size=(800, 2))
    shared = QUIET | {"objective": "regression"} | settings
    model = lightgbm.train(shared, lightgbm.Dataset(x, np.abs(x[:, 0])), 3)

    with pytest.raises(ArtefactError, match=said):
        parse(model.model_to_string())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version=v4", "version=v9", "version"),
        ("end of trees", "", "cut short"),
        ("left_child=1", "left_child=999", "left_child"),
        ("right_child=", "right_child=0 ", "cannot be read"),
        ("max_feature_idx=5", "max_feature_idx=1", "split_feature"),
        ("num_tree_per_iteration=3", "num_tree_per_iteration=2", "num_tree_per_iteration"),
        ("num_leaves=31", "num_leaves=32", "cannot be read"),
        ("leaf_value=", "leaf_value=nan ", "cannot be read"),
        ("tree\n", "", "does not start"),
    ],
)
def test_a_damaged_text_is_refused(old: str, new: str, said: str) -> None:
    text = booster(rounds=2).model_to_string()
    assert old in text

    with pytest.raises(ArtefactError, match=said):
        parse(text.replace(old, new, 1))


@pytest.mark.parametrize("objective", ["multiclass", "binary", "regression"])
def test_no_rows_have_no_answers(objective: str) -> None:
    """A series that begins after a fold's test has none to ask."""
    forest = parse(booster(objective=objective).model_to_string())

    found = answers(forest, np.empty((0, 6)))

    assert found.shape == (0, forest.outputs)
