"""Fitting joins the three spans, and lets none of them see the next."""

from dataclasses import replace

import numpy as np
import pytest

from assay.core.errors import DataError, HistoryError
from assay.models.checking import answerable
from assay.models.contract import Samples
from assay.models.fitting import fit_member
from assay.models.zoo.lightgbm import LightGBM
from assay.models.zoo.naive import Naive
from assay.models.zoo.ridge import Ridge
from tests.factories import make_samples


def spans(**settings: float) -> dict[str, Samples]:
    return {
        "train": make_samples(1500, seed=1, **settings),  # type: ignore[arg-type]  # numbers pass on
        "stop": make_samples(400, start=1600, seed=2, **settings),  # type: ignore[arg-type]  # ditto
        "calibrate": make_samples(600, start=2100, seed=3, **settings),  # type: ignore[arg-type]  # ditto
    }


def test_an_outcome_known_after_the_next_span_began_is_refused() -> None:
    given = spans()
    train = given["train"]
    late = train.t1.copy()
    late[700] = given["stop"].time[0] + 1

    with pytest.raises(DataError, match="train span is known only after the stop span begins"):
        fit_member(Naive(), given | {"train": replace(train, t1=late)}, seed=0)


def test_spans_in_the_wrong_order_are_refused() -> None:
    given = spans()

    with pytest.raises(DataError, match="purge"):
        fit_member(
            Naive(), given | {"train": given["calibrate"], "calibrate": given["train"]}, seed=0
        )


def test_other_spans_other_columns_and_no_rows_are_refused() -> None:
    given = spans()

    with pytest.raises(DataError, match="train, stop, calibrate; found train, stop"):
        fit_member(Naive(), {key: given[key] for key in ("train", "stop")}, seed=0)
    with pytest.raises(DataError, match="other columns"):
        fit_member(Naive(), given | {"stop": make_samples(400, start=1600, columns=5)}, seed=0)
    with pytest.raises(HistoryError, match="stop span holds no row"):
        fit_member(Naive(), given | {"stop": given["stop"].take(np.arange(0))}, seed=0)


def test_nothing_learned_depends_on_what_lies_after_its_span() -> None:
    given = spans(edge=0.2)
    later = given["calibrate"]
    other = replace(later, x=later.x + 1.0, scaled=-later.scaled, label=(2 - later.label) % 3)
    other = replace(other, label=np.where(later.label < 0, -1, other.label).astype(np.int8))

    one = fit_member(Ridge(), given, seed=0)
    two = fit_member(Ridge(), given | {"calibrate": other}, seed=0)

    for name, array in one.weights.arrays.items():
        np.testing.assert_array_equal(array, two.weights.arrays[name])
    assert one.calibration != two.calibration


def test_metrics_say_what_each_span_is_worth() -> None:
    model = fit_member(Ridge(), spans(edge=0.3), seed=0)

    assert set(model.metrics) == {"stop", "calibrate", "explanation"}
    assert model.metrics["stop"]["raw"]["rows"] < 400
    calibrated = model.metrics["calibrate"]["calibrated"]
    assert calibrated["log_loss"] == pytest.approx(model.calibration.log_loss_after)
    assert calibrated["log_loss"] < model.metrics["calibrate"]["base_log_loss"]
    assert calibrated["information_coefficient"] > 0.1


def test_golden_rows_are_rows_it_answers() -> None:
    model = fit_member(Ridge(), spans(), seed=0)

    raw, _ = model.predict(model.golden)

    assert model.golden.x.shape == (8, 6)
    assert np.isfinite(raw.classes).all()


def test_boosted_quantiles_are_served_too() -> None:
    model = fit_member(LightGBM(quantiles="boosted", rounds=20), spans(edge=0.2), seed=0)

    raw, _ = model.predict(make_samples(300, seed=9).asked)

    known = np.isfinite(raw.quantiles[:, 0])
    assert len(model.weights.texts) == 8
    assert (np.diff(raw.quantiles[known], axis=1) >= 0).all()
    assert raw.quantiles[known].std(axis=0).max() > 0.01


def test_the_share_of_unknown_columns_decides() -> None:
    x = np.zeros((4, 8))
    x[0, :2] = np.nan
    x[1, :3] = np.nan
    x[2, 0] = np.inf

    assert answerable(x).tolist() == [True, False, False, True]
