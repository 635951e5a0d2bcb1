"""Labels end inside their span, have no flat where there is none, and mirror with the side."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import HistoryError
from assay.core.values.bars import Bars
from assay.evaluation.splits import Span
from assay.kernel.volatility import wilder_atr
from assay.models.contract import DOWN, FLAT, UP, Samples
from assay.workflows.experiments.labelled import Question, panel_of, samples_of
from assay.workflows.gather import Prepared, moment_of
from tests.workflows.chains import market
from tests.workflows.experiments.worlds import LABELS, after, altered, experiment, pair, prepared

SAID = ("time", "t1", "series", "x", "scaled", "label", "weight")


def question_of(kind: str, side: int = 1, **changes: Any) -> Question:
    """Return the question of a label, seen from `side`."""
    return Question.of(experiment(label={**LABELS[kind], **changes}), side)


def span_of(item: Prepared, first: int, last: int) -> Span:
    """Return the span of the bars from `first` to `last`, both included."""
    hour = timedelta(hours=1)
    return Span(moment_of(int(item.time[first])) - hour, moment_of(int(item.time[last])))


def told(samples: Samples | None) -> Mapping[str, bytes]:
    """Return all arrays of samples to the bit."""
    assert samples is not None
    found = {name: getattr(samples, name) for name in SAID}
    if samples.ahead is not None:
        ahead = samples.ahead
        found |= {f"ahead_{n}": getattr(ahead, n) for n in ("scaled", "label", "weight")}
    return {name: values.tobytes() for name, values in found.items()}


@pytest.fixture(scope="module")
def bars() -> Bars:
    return pair(900)


@pytest.fixture(scope="module")
def item(bars: Bars) -> Prepared:
    return prepared(bars)


@pytest.mark.parametrize("bars_read", [1, 8])
@pytest.mark.parametrize("kind", sorted(LABELS))
def test_nothing_in_a_span_knows_what_comes_after_it(
    bars: Bars, item: Prepared, kind: str, bars_read: int
) -> None:
    span = span_of(item, 300, 599)
    later = prepared(altered(bars, after(bars, span.end)))
    question = question_of(kind)

    samples = samples_of(item, [span], question, bars_read=bars_read)
    again = samples_of(later, [span], question, bars_read=bars_read)

    assert told(samples) == told(again)
    assert samples is not None
    known = samples.label >= 0
    assert known.sum() > 200
    assert (samples.t1[known] <= item.time[599]).all()
    assert (samples.t1[known] > samples.time[known]).all()


@pytest.mark.parametrize("kind", sorted(LABELS))
def test_the_last_rows_of_a_span_have_no_outcome_over_a_horizon(item: Prepared, kind: str) -> None:
    samples = samples_of(item, [span_of(item, 300, 599)], question_of(kind), bars_read=1)

    assert samples is not None
    assert samples.label[-1] == -1
    assert samples.weight[samples.label < 0].sum() == 0
    assert np.isnan(samples.scaled[samples.label < 0]).all()


def test_a_direction_has_no_flat_and_a_price_that_stands_still_answers_nothing(bars: Bars) -> None:
    standing = bars.frame.with_columns(
        pl.when(pl.int_range(pl.len()).is_between(400, 440))
        .then(pl.col("close").get(400))
        .otherwise(pl.col(name))
        .alias(name)
        for name in ("open", "high", "low", "close")
    )
    item = prepared(Bars(bars.instrument, bars.timeframe, standing))
    span = span_of(item, 300, 599)

    binary = samples_of(item, [span], question_of("direction"), bars_read=1)
    plain = samples_of(item, [span], question_of("three_class"), bars_read=1)

    assert binary is not None
    assert plain is not None
    assert set(binary.label.tolist()) == {-1, DOWN, UP}
    assert (plain.label == FLAT).sum() > 36
    still = slice(100, 137)
    assert (binary.label[still] == -1).all()
    assert (binary.weight[still] == 0).all()
    assert np.isnan(binary.scaled[still]).all()
    moved = binary.label >= 0
    assert ((binary.scaled[moved] > 0) == (binary.label[moved] == UP)).all()


@given(seed=st.integers(0, 10_000), stop=st.integers(1, 6), target=st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_a_short_barrier_on_mirrored_prices_is_the_long_one(
    seed: int, stop: int, target: int
) -> None:
    bars = pair(200, seed=seed)
    top = 2.0 * float(bars.frame["high"].max())  # type: ignore[arg-type]  # prices are floats
    mirrored = bars.frame.with_columns(
        open=top - pl.col("open"),
        high=top - pl.col("low"),
        low=top - pl.col("high"),
        close=top - pl.col("close"),
    )
    barriers = {"stop": f"{stop} atr", "profit_target": f"{target} atr"}
    item = prepared(bars, names=("log_return",))
    other = replace(
        item,
        bars=Bars(bars.instrument, bars.timeframe, mirrored),
        atr=wilder_atr(
            mirrored["high"].to_numpy(), mirrored["low"].to_numpy(), mirrored["close"].to_numpy()
        ),
    )
    rows = np.arange(len(bars))

    _, long, long_weight, long_ends = question_of("triple_barrier", 1, **barriers).came(item, rows)
    _, short, short_weight, ends = question_of("triple_barrier", -1, **barriers).came(other, rows)

    known = long >= 0
    assert known.sum() > 50
    # in floats a mirrored barrier may be missed by a rounding, at prices that touch it exactly
    assert (long == short).mean() > 0.99
    same = long == short
    assert np.mean(long_ends[same] == ends[same]) > 0.99
    assert np.isclose(long_weight.sum(), short_weight.sum(), rtol=0.02)


def test_a_barrier_seen_short_tells_the_return_of_the_trade(item: Prepared) -> None:
    rows = np.arange(300, 600)

    long, *_ = question_of("triple_barrier", 1).came(item, rows)
    short, kind, *_ = question_of("triple_barrier", -1).came(item, rows)

    both = np.isfinite(long) & np.isfinite(short)
    assert both.sum() > 200
    assert (long[both] == -short[both]).all()
    won, lost = short[kind == UP], short[kind == DOWN]
    assert won.mean() > lost.mean()


@pytest.mark.parametrize("bars_read", [1, 8])
@pytest.mark.parametrize("kind", sorted(LABELS))
def test_several_spans_join_in_order_as_if_each_were_alone(
    item: Prepared, kind: str, bars_read: int
) -> None:
    spans = [span_of(item, 100, 249), span_of(item, 400, 599)]
    question = question_of(kind)

    joined = samples_of(item, spans, question, bars_read=bars_read)
    alone = [samples_of(item, [span], question, bars_read=bars_read) for span in spans]

    assert joined is not None
    assert (np.diff(joined.time) > 0).all()
    for name in SAID:
        parts = np.concatenate([getattr(each, name) for each in alone])
        assert getattr(joined, name).tobytes() == parts.tobytes(), name
    if bars_read > 1:
        assert joined.past is not None
        before = [each.past for each in alone if each is not None and each.past is not None]
        apart = np.concatenate([past.window(bars_read) for past in before])
        together = joined.past.window(bars_read)
        assert together.tobytes() == apart.tobytes()


def test_a_panel_holds_every_series_in_the_order_of_time() -> None:
    items = [prepared(bars) for bars in market(700)]
    span = span_of(items[0], 300, 599)
    question = question_of("three_class")

    panel = panel_of(items, [span], question, bars_read=1)

    assert panel.series_names == ("EURUSD", "GBPUSD")
    assert (np.diff(panel.time) >= 0).all()
    for number, item in enumerate(items):
        alone = samples_of(item, [span], question, bars_read=1)
        assert alone is not None
        own = panel.series == number
        assert panel.x[own].tobytes() == alone.x.tobytes()
        assert panel.scaled[own].tobytes() == alone.scaled.tobytes()
        assert (panel.label[own] == alone.label).all()


def test_spans_without_an_outcome_are_refused_with_what_to_do(item: Prepared) -> None:
    span = span_of(item, 300, 302)

    with pytest.raises(HistoryError, match=r"no outcome is known between .* look fewer bars ahead"):
        panel_of([item], [span], question_of("three_class"), bars_read=1)


@given(horizon=st.integers(1, 30), hundredths=st.integers(0, 300))
@settings(max_examples=20, deadline=None)
def test_classes_are_the_scaled_return_beside_the_band(horizon: int, hundredths: int) -> None:
    band = hundredths / 100
    question = question_of("three_class", horizon=f"{horizon} bars", band=f"{band} sigma")
    item = prepared(pair(200), names=("log_return",))

    scaled, kind, _, ends = question.came(item, np.arange(200))

    known = kind >= 0
    assert known.any()
    assert question.band == band
    expected = np.where(scaled > band, UP, np.where(scaled < -band, DOWN, FLAT))
    near = np.isclose(np.abs(scaled), band)
    assert (kind == expected)[known & ~near].all()
    places = np.searchsorted(item.time, ends[known])
    assert (places - np.flatnonzero(known) == horizon).all()
