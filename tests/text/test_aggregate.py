"""A copied story counts once, and no row changes when the future arrives."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.errors import DataError
from assay.text.aggregate import originals, score_stories, scored
from assay.text.contract import Tone
from assay.text.scorers.rules import Rules

START = datetime(2021, 3, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")


def stories(*rows: tuple[float, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "seen_at": [START + timedelta(hours=hours) for hours, _ in rows],
            "source": [f"wire {k}" for k in range(len(rows))],
            "text": [text for _, text in rows],
        },
        schema={"seen_at": TIME, "source": pl.String(), "text": pl.String()},
    )


FED = "Dollar slides after the Fed signals that it will cut rates this summer"


def test_a_syndicated_story_counts_once_and_the_first_seen_stays() -> None:
    frame = stories((5, FED.upper() + "!"), (0, FED), (2, FED + " - Reuters"), (3, "Gold steady"))

    kept = score_stories(frame, Rules(), "EURUSD")

    assert kept["text"].to_list() == [FED, "Gold steady"]
    assert kept["score"][0] > 0.3
    assert kept["source"][0] == "wire 1"


def test_the_same_words_a_day_later_are_news_again() -> None:
    kept = originals(stories((0, FED), (24.5, FED)))

    assert kept.height == 2


def test_other_figures_make_another_story() -> None:
    kept = originals(
        stories((0, "Gold up $1.40 at $1,236 an ounce"), (1, "Gold up $3.20 at $1,251 an ounce"))
    )

    assert kept.height == 2


def test_novelty_is_what_no_story_of_the_day_before_said() -> None:
    half = "Dollar slides after the Fed signals that it will lift taxes next winter instead"
    frame = stories((0, FED), (1, "Gold steady in thin trade today"), (2, half), (27, half))

    kept = originals(frame)

    common = 8  # word pairs of the 12 and 13 that the two have
    expected = [1.0, 1.0, 1.0 - common / (12 + 13 - common), 1.0]
    assert kept["novelty"].to_list() == pytest.approx(expected)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 60),
            st.lists(
                st.sampled_from(["gold", "euro", "rises", "falls", "on", "data", "fed"]), max_size=8
            ).map(" ".join),
        ),
        max_size=25,
    ),
    st.floats(0, 60),
)
def test_later_stories_change_no_earlier_row(rows: list[tuple[float, str]], cut: float) -> None:
    frame = stories(*rows)
    known = pl.col("seen_at") <= START + timedelta(hours=cut)

    assert_frame_equal(originals(frame).filter(known), originals(frame.filter(known)))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60).map(float),
            st.lists(st.sampled_from(["gold", "euro", "rises", "fed"]), max_size=7).map(" ".join),
        ),
        max_size=25,
    ),
    st.integers(0, 60),
)
def test_later_stories_alone_are_told_from_the_originals_before_them(
    rows: list[tuple[float, str]], cut: int
) -> None:
    frame = stories(*rows)
    is_early = pl.col("seen_at") <= START + timedelta(hours=cut)

    before = originals(frame.filter(is_early))
    after = originals(frame.filter(~is_early), before)

    assert_frame_equal(pl.concat([before, after]), originals(frame))


def test_tones_and_stories_must_match() -> None:
    with pytest.raises(DataError, match="1 stories and 2 tones"):
        scored(stories((0, "a")), [Tone(0.0, 0.0, ())] * 2)


def test_a_story_without_a_time_is_refused() -> None:
    frame = stories((0, "a")).with_columns(seen_at=pl.lit(None, dtype=TIME))

    with pytest.raises(DataError, match="first-seen"):
        originals_of_scored(frame)


def originals_of_scored(frame: pl.DataFrame) -> pl.DataFrame:
    return scored(frame, [Tone(0.0, 0.0, ())])


def test_nothing_in_nothing_out() -> None:
    kept = score_stories(stories(), Rules(), "EURUSD")

    assert kept.height == 0
    assert {"score", "spread"} <= set(kept.columns)
