"""Many questions at once are answered as one by one, and questions cut or joined as whole ones."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import ArtefactError
from assay.models.artefact import write
from assay.models.artefact_files import Origin
from assay.models.catalog import MEMBERS
from assay.models.contract import Asked, Floats, Raw, Samples
from assay.models.fitting import Fitted, fit_member
from assay.models.loading import LoadedModel, load
from assay.models.serving import Question, answer_all
from assay.models.sessions import SHARED
from tests.factories import make_samples
from tests.models.test_nets import FRESH, LOOK_BACK, NETS, fitted, small

FEATURES = ({"name": "log_return", "settings": {}, "version": 1},)
ROW_MEMBERS = ("naive", "momentum", "ridge")
SERIES = 2
ROWS = 300
"""Of each of the series in `FRESH`."""


@cache
def one_series() -> dict[str, Samples]:
    sizes = {"train": (1500, 0), "stop": (500, 1600), "calibrate": (900, 2200)}
    return {
        span: make_samples(rows, edge=0.3, start=start, seed=start)
        for span, (rows, start) in sizes.items()
    }


@cache
def of_rows(name: str) -> Fitted:
    return fit_member(MEMBERS.get(name)(), one_series(), seed=5)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LoadedModel]:
    """Return loaded models: two panel nets and three members of one series."""
    folder = tmp_path_factory.mktemp("models")
    found = {name: kept(folder, name, of_rows(name), MEMBERS.get(name)()) for name in ROW_MEMBERS}
    return found | {name: kept(folder, name, fitted(name), small(name)) for name in NETS}


def kept(folder: Path, name: str, model: Fitted, member: Any) -> LoadedModel:
    origin = Origin(name, FEATURES, "0" * 64, {"name": "three_class", "settings": {}}, {}, 5)
    return load(folder / write(folder, member, model, origin))


def rows_of(first: int, last: int) -> Asked:
    return FRESH.take(np.arange(first, last))


def same(one: tuple[Raw, Raw], other: tuple[Raw, Raw], precision: float) -> None:
    for own, theirs in zip(one, other, strict=True):
        for told, known in ((own.classes, theirs.classes), (own.quantiles, theirs.quantiles)):
            np.testing.assert_allclose(told, known, rtol=0, atol=4 * precision)


def test_questions_to_many_models_are_answered_in_order_as_one_by_one(
    models: dict[str, LoadedModel],
) -> None:
    columns = models["ridge"].columns
    mixed = [
        ("ridge", rows_of(40, 60)),
        ("cnn_lstm", rows_of(280, 320)),
        ("naive", rows_of(3, 4)),
        ("patchtst", rows_of(90, 91)),
        ("cnn_lstm", rows_of(0, 30)),
        ("ridge", rows_of(10, 20)),
        ("patchtst", rows_of(310, 350)),
        ("cnn_lstm", rows_of(599, 600)),
        ("momentum", rows_of(100, 140)),
        ("ridge", rows_of(10, 20)),
        ("patchtst", FRESH.take(np.array([500, 20, 300, 5]))),
    ]
    questions: list[Question] = [(models[name], asked, columns) for name, asked in mixed]

    together = answer_all(questions)

    assert len(together) == len(questions)
    for (model, asked, names), answer in zip(questions, together, strict=True):
        assert len(answer[0].classes) == len(asked)
        same(answer, model.predict(asked, names), model.runtime.precision)


def test_nothing_asked_is_nothing_answered() -> None:
    assert answer_all([]) == []


def test_a_question_about_no_rows_is_answered_with_none(models: dict[str, LoadedModel]) -> None:
    model = models["cnn_lstm"]
    none, some = rows_of(0, 0), rows_of(50, 60)

    answers = answer_all([(model, none, model.columns), (model, some, model.columns)])

    assert answers[0][0].classes.shape == (0, 3)
    same(answers[1], model.predict(some, model.columns), model.runtime.precision)


class Counted:
    """A session that counts how often it is run, and of how many windows."""

    def __init__(self, session: Any) -> None:
        self.session, self.windows = session, list[int]()

    def run(self, outputs: Any, inputs: dict[str, Any]) -> Any:
        self.windows.append(len(inputs["x"]))
        return self.session.run(outputs, inputs)


@pytest.fixture
def counted(models: dict[str, LoadedModel], monkeypatch: pytest.MonkeyPatch) -> dict[str, Counted]:
    """Return the sessions of the nets, each counting its runs."""
    of, found = SHARED.of, dict[str, Counted]()

    def counting(key: str, graph: Any) -> Any:
        return found.setdefault(key, Counted(of(key, graph)))

    monkeypatch.setattr(SHARED, "of", counting)
    return found


def test_a_panel_net_asked_about_several_series_runs_its_graph_once(
    models: dict[str, LoadedModel], counted: dict[str, Counted]
) -> None:
    asked = [rows_of(at, at + 1) for at in (50, 70, 299, 320, 599)]
    questions = [(models[name], each, models[name].columns) for each in asked for name in NETS]

    answer_all(questions)

    assert sorted(each.windows for each in counted.values()) == [[5], [5]]


@pytest.mark.parametrize("times", [1, 3])
def test_other_columns_are_refused(models: dict[str, LoadedModel], times: int) -> None:
    model = models["cnn_lstm"]
    turned = model.columns[::-1]
    questions: list[Question] = [(model, rows_of(50, 60), model.columns)]

    with pytest.raises(ArtefactError, match=r"features.columns\[0\].*was handed 'noise_2'"):
        answer_all(questions + [(model, rows_of(50, 60), turned)] * times)


def test_two_models_of_one_kind_are_told_apart(
    models: dict[str, LoadedModel], tmp_path: Path
) -> None:
    other = kept(tmp_path, "cnn_lstm", fitted("cnn_lstm", 4), small("cnn_lstm"))
    asked, columns = rows_of(50, 60), other.columns

    answers = answer_all([(models["cnn_lstm"], asked, columns), (other, asked, columns)])

    same(answers[1], other.predict(asked, columns), other.runtime.precision)
    assert np.abs(answers[0][0].classes - answers[1][0].classes).max() > 1e-3


PLACES = st.lists(st.integers(0, SERIES * ROWS - 1), min_size=1, max_size=8)


def predict(name: str, asked: Asked) -> Floats:
    raw = (fitted(name) if name in NETS else of_rows(name)).runtime.predict(asked)
    return np.concatenate([raw.classes, raw.quantiles], axis=1)


def bars_read(name: str) -> int:
    return LOOK_BACK if name in NETS else 1


def precision(name: str) -> float:
    return 4e-5 if name in NETS else 0.0


@pytest.mark.parametrize("name", ["cnn_lstm", "ridge"])
@settings(max_examples=40, deadline=None)
@given(places=PLACES)
def test_a_question_that_was_cut_has_the_answers_of_the_whole(name: str, places: list[int]) -> None:
    asked = FRESH.take(np.array(places))

    short = asked.cut(bars_read(name))

    assert len(short.table) <= max(places) - min(places) + bars_read(name)
    np.testing.assert_array_equal(short.x, asked.x)
    np.testing.assert_array_equal(short.reaching(bars_read(name)), asked.reaching(bars_read(name)))
    np.testing.assert_allclose(
        predict(name, short), predict(name, asked), rtol=0, atol=precision(name)
    )


@pytest.mark.parametrize("name", ["cnn_lstm", "ridge"])
@settings(max_examples=40, deadline=None)
@given(parts=st.lists(PLACES, min_size=1, max_size=4), cut=st.booleans())
def test_questions_that_were_joined_have_the_answers_of_each(
    name: str, parts: list[list[int]], *, cut: bool
) -> None:
    every = [FRESH.take(np.array(places)) for places in parts]
    every[1::2] = [replace(each, names=each.names[::-1]) for each in every[1::2]]

    joined = Asked.joined([each.cut(bars_read(name)) if cut else each for each in every])

    assert len(joined) == sum(len(each) for each in every)
    apart = np.concatenate([predict(name, each) for each in every])
    np.testing.assert_allclose(predict(name, joined), apart, rtol=0, atol=precision(name))
    named = [each.names[number] for each in every for number in each.series]
    assert [joined.names[number] for number in joined.series] == named


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(PLACES, min_size=1, max_size=4), look_back=st.integers(1, 20))
def test_no_window_of_a_joined_question_crosses_series(
    parts: list[list[int]], look_back: int
) -> None:
    stamped = np.arange(SERIES * ROWS, dtype=np.float64)
    whole = replace(FRESH, table=np.stack([stamped // ROWS, stamped], axis=1))
    every = [whole.take(np.array(places)).cut(look_back) for places in parts]

    joined = Asked.joined(every)
    reached = joined.take(joined.reaching(look_back))
    window = reached.window(look_back)

    at = np.concatenate([np.array(places) for places in parts])
    own = at % ROWS >= look_back - 1
    np.testing.assert_array_equal(joined.reaching(look_back), own)
    np.testing.assert_array_equal(
        window[:, :, 0], np.repeat((at[own] // ROWS)[:, None], look_back, 1)
    )
    np.testing.assert_array_equal(window[:, :, 1], at[own][:, None] + np.arange(1 - look_back, 1))
