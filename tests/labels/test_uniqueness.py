import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.labels.uniqueness import average_uniqueness

SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 15)).map(lambda s: (s[0], s[0] + s[1])),
    min_size=1,
    max_size=40,
)


@given(spans=SPANS)
def test_it_is_the_plain_double_loop(spans: list[tuple[int, int]]) -> None:
    bars = [set(range(first + 1, last + 1)) for first, last in spans]
    expected = [
        np.mean([1 / sum(bar in other for other in bars) for bar in sorted(own)]) for own in bars
    ]

    found = average_uniqueness(*(np.array(part) for part in zip(*spans, strict=True)))

    assert np.allclose(found, expected, rtol=1e-12)
    assert ((found > 0) & (found <= 1 + 1e-12)).all()


def test_labels_that_only_touch_are_unique() -> None:
    assert average_uniqueness(np.array([0, 4, 8]), np.array([4, 8, 12])).tolist() == [1, 1, 1]


def test_four_overlapping_horizons_share_a_quarter_each() -> None:
    start = np.arange(100)

    assert np.allclose(average_uniqueness(start, start + 4)[10:90], 0.25)


def test_nothing_has_no_weights() -> None:
    assert average_uniqueness(np.array([], int), np.array([], int)).size == 0


def test_a_label_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(DataError, match="5 to 5"):
        average_uniqueness(np.array([1, 5]), np.array([3, 5]))
    with pytest.raises(DataError, match="start and an end"):
        average_uniqueness(np.array([1, 5]), np.array([3]))
