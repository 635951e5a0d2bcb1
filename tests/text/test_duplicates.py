"""A story told by many outlets is one story; another figure or another direction is another."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.errors import DataError
from assay.text.duplicates import alike, clustered
from assay.text.telling import telling_of
from tests.text.shared import shared_data

START = datetime(2021, 3, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {"id": pl.String(), "seen_at": TIME, "source": pl.String(), "text": pl.String()}
FED = "Dollar slides after the Fed signals that it will cut rates this summer"


def stories(*rows: tuple[float, str], source: str = "wire") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": [f"s{number:03}" for number in range(len(rows))],
            "seen_at": [START + timedelta(hours=hours) for hours, _ in rows],
            "source": [source] * len(rows),
            "text": [text for _, text in rows],
        },
        schema=SCHEMA,
    )


def origins(frame: pl.DataFrame) -> dict[str, str]:
    return dict(frame.select("id", "origin").iter_rows())


def is_one_story(first: str, second: str, source: str = "wire") -> bool:
    found = clustered(stories((0, first), (1, second), source=source))
    return found["origin"].n_unique() == 1


@pytest.mark.parametrize(
    "told",
    [
        FED,
        FED.upper() + "!",
        FED + " - Reuters",
        FED + " | The Wall Street Journal",
        FED + " - wire",
        "UPDATE 2-" + FED,
        "RPT-UPDATE 1-" + FED,
        "Exclusive: " + FED,
        "BREAKING: " + FED,
        "WASHINGTON, March 1 (Reuters) - " + FED,
        "RT @trader: " + FED + " https://example.com/x7",
        FED + " https://example.com/story-25",
        FED[:52] + "...",
        FED[:52] + "\u2026 [+1234 chars]",
        FED.replace("Dollar", "US dollar"),
        FED.replace(" this summer", ""),
        FED.replace("the Fed", "the  \u200bFed"),
        "Dollar slides after the Fed signals it will cut rates this summer",
    ],
)
def test_what_outlets_do_to_a_story_leaves_it_one(told: str) -> None:
    assert is_one_story(FED, told)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Fed raises rates by 25 bp", "Fed raises rates by 75 bp"),
        ("The Fed raises its rates by 25 bp in a split vote of its board on Wednesday, as all "
         "of the economists in a poll of the wire had said it would do",
         "The Fed raises its rates by 75 bp in a split vote of its board on Wednesday, as all "
         "of the economists in a poll of the wire had said it would do"),
        ("EURUSD falls after the data from Germany and France this week in quiet trade",
         "EURUSD rises after the data from Germany and France this week in quiet trade"),
        ("Acme beats the estimates of all of the analysts for its sales in the quarter",
         "Acme misses the estimates of all of the analysts for its sales in the quarter"),
        ("Stocks rise and bonds fall as the traders of the city wait for the board of the bank, "
         "the minutes of the last meeting, and the next move of the government",
         "Stocks fall and bonds rise as the traders of the city wait for the board of the bank, "
         "the minutes of the last meeting, and the next move of the government"),
        ("Greece will leave the euro zone this summer, its finance minister tells a paper",
         "Greece will not leave the euro zone this summer, its finance minister tells a paper"),
        ("The bank cuts its rate to 4 % from 5 % in a move that few of the traders, economists "
         "and members of the government who follow it closely had seen coming this year",
         "The bank cuts its rate to 5 % from 4 % in a move that few of the traders, economists "
         "and members of the government who follow it closely had seen coming this year"),
        ("Acme reports a profit of 1.2 million for the quarter that ended on the last day of the "
         "month, and keeps its view of the whole year as it was in the spring before",
         "Acme reports a profit of 1.2 billion for the quarter that ended on the last day of the "
         "month, and keeps its view of the whole year as it was in the spring before"),
        ("Top movers before the bell in New York and what to watch this Monday",
         "Top movers before the bell in New York and what to watch this Tuesday"),
        ("$AAPL news alert: updated options view and all of the options views",
         "$XOM news alert: updated options view and all of the options views"),
        ("Egypt bars Boeing 737 MAX jets from its airspace: statement",
         "Tunisia bars Boeing 737 MAX jets from its airspace: statement"),
        ("Fed raises rates by ...", "Fed raises rates by 25 bp"),
        ("Profit of Acme at +3 % in the year that ended in the spring, says its board today",
         "Profit of Acme at -3 % in the year that ended in the spring, says its board today"),
        ("Acme to buy Initech", "Acme to sell Initech"),
    ],
)  # fmt: skip
def test_another_figure_name_or_direction_is_another_story(first: str, second: str) -> None:
    assert not is_one_story(first, second)
    assert not is_one_story(second, first)


def test_a_telling_that_adds_a_figure_is_news_and_one_that_drops_it_is_not() -> None:
    short = "Dollar slides after the Fed signals that it will cut its rates"
    full = short + " by 50 bp"

    assert not is_one_story(short, full)
    assert is_one_story(full, short)


def test_what_a_cut_telling_leaves_open_is_news_when_it_comes() -> None:
    cut, full = "The Fed says it raises rates by ...", "The Fed says it raises rates by 25 bp"

    assert not is_one_story(cut, full)
    assert is_one_story(full, cut)


def test_a_long_story_may_have_another_lead() -> None:
    body = " ".join(f"word{chr(97 + k % 26)}{chr(97 + k // 26)}" for k in range(120))

    assert is_one_story("Shares of Acme fell today. " + body, "Acme dropped this morning. " + body)


def test_an_origin_is_forgotten_after_the_window() -> None:
    frame = stories((0, FED), (71.9, FED), (72.1, FED), (100, FED))

    assert origins(clustered(frame)) == {
        "s000": "s000",
        "s001": "s000",
        "s002": "s002",
        "s003": "s002",
    }
    assert clustered(frame, window=timedelta(days=5))["origin"].n_unique() == 1


def test_likeness_is_the_share_of_the_word_pairs_that_both_have() -> None:
    found = clustered(stories((0, FED), (1, FED + " in the house")))

    assert found["likeness"].to_list() == [1.0, pytest.approx(13 / 18)]


def test_of_one_time_the_longest_telling_is_the_origin() -> None:
    found = clustered(stories((0, FED[:60] + "..."), (0, FED), (0, "UPDATE 1-" + FED)))

    assert set(found["origin"]) == {"s002"}


WORDS = ["gold", "euro", "the", "bank", "on", "data", "5", "6", "rises", "falls", "not", "Acme"]
TEXTS = st.builds(
    lambda words, cut: " ".join(words) + cut,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=9),
    st.sampled_from(["", "", "...", " - Reuters", " https://x.y/1"]),
)
ROWS = st.lists(st.tuples(st.integers(0, 120), TEXTS), max_size=25)


@given(ROWS, st.integers(0, 120))
def test_two_batches_give_what_one_gives(rows: list[tuple[int, str]], cut: int) -> None:
    frame = stories(*rows)
    early = pl.col("seen_at") <= START + timedelta(hours=cut)

    first = clustered(frame.filter(early))
    since = START + timedelta(hours=cut) - timedelta(days=3)
    second = clustered(frame.filter(~early), known=first.filter(pl.col("seen_at") >= since))

    assert_frame_equal(pl.concat([first, second]), clustered(frame))


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_equal_times_does_not_matter(
    rows: list[tuple[int, str]], chance: np.random.RandomState
) -> None:
    frame = stories(*[(hours // 40, text) for hours, text in rows])
    order = list(range(len(rows)))
    chance.shuffle(order)

    assert_frame_equal(clustered(frame[order]), clustered(frame))


@given(ROWS)
def test_candidates_miss_nothing_that_comparing_all_pairs_finds(
    rows: list[tuple[int, str]],
) -> None:
    frame = stories(*rows)

    assert origins(clustered(frame)) == by_brute_force(clustered(frame))


def test_brute_force_over_hundreds_of_edited_stories_gives_the_same_clusters() -> None:
    chance = np.random.default_rng(3)
    vocabulary = [f"{a}{b}" for a in "bcdfgklmnp" for b in ("ank", "old", "ate", "ell", "ise")]
    stems = [list(chance.choice(vocabulary, size=chance.integers(6, 30))) for _ in range(90)]
    rows = []
    for _ in range(500):
        words = list(stems[chance.integers(len(stems))])
        for _ in range(chance.integers(0, 4)):
            at = int(chance.integers(len(words)))
            words[at : at + int(chance.integers(0, 2))] = list(
                chance.choice(["rises", "falls", "7", "8", "more", "again"], size=1)
            )
        rows.append((float(chance.integers(0, 200)), " ".join(words)))
    frame = stories(*rows)

    found = clustered(frame)

    assert origins(found) == by_brute_force(found)
    assert 90 < found["origin"].n_unique() < 450


def by_brute_force(ordered: pl.DataFrame) -> dict[str, str]:
    """Return the origin of each story by comparing it with every origin of the window before."""
    told = [telling_of(text, "wire") for text in ordered["text"]]
    moments, ids = ordered["seen_at"].to_list(), ordered["id"].to_list()
    firsts: list[int] = []
    found: dict[str, str] = {}
    for k, telling in enumerate(told):
        near = [f for f in firsts if moments[f] >= moments[k] - timedelta(days=3)]
        shares = [alike(telling, told[f]) for f in near]
        best = max(shares, default=0.0)
        if best:
            found[ids[k]] = ids[near[shares.index(best)]]
        else:
            firsts.append(k)
            found[ids[k]] = ids[k]
    return found


def test_ids_that_repeat_are_refused() -> None:
    with pytest.raises(DataError, match="ids"):
        clustered(stories((0, FED), (1, FED)).with_columns(id=pl.lit("x")))


def test_a_story_from_before_the_known_ones_is_refused() -> None:
    known = clustered(stories((5, FED)))

    with pytest.raises(DataError, match="before the last known"):
        clustered(stories((4, FED)), known)


def test_nothing_in_nothing_out() -> None:
    assert clustered(stories()).columns == [*SCHEMA, "origin", "likeness"]


@pytest.fixture(scope="module")
def headlines() -> pl.DataFrame:
    frame = pl.read_parquet(
        shared_data("news") / "headlines_reuters_guardian_cnbc_2017-2020.parquet"
    )
    return frame.with_row_index("id").select(
        pl.col("id").cast(pl.String),
        seen_at=pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        source="source",
        text="headline",
    )


def test_real_headlines_are_found_again_however_an_outlet_writes_them(
    headlines: pl.DataFrame,
) -> None:
    some = headlines.filter(pl.col("text").str.split(" ").list.len() >= 9).sample(400, seed=1)
    edits = {
        "suffix": pl.col("text") + " - Bloomberg",
        "version": "UPDATE 2-" + pl.col("text"),
        "case": pl.col("text").str.to_uppercase(),
        "punctuation": pl.col("text").str.replace_all(r" ?[,:'] ?", " "),
        "one word more": "Traders: " + pl.col("text"),
    }
    copies = [
        some.with_columns(
            pl.col("id") + name, text=edit, seen_at=pl.col("seen_at").dt.offset_by("1h")
        )
        for name, edit in edits.items()
    ]

    found = clustered(pl.concat([some, *copies]))

    said = found.filter(pl.col("id").str.contains("[a-z]"))
    joined = said.filter(
        pl.col("origin").str.extract(r"(\d+)") == pl.col("id").str.extract(r"(\d+)")
    )
    assert joined.height / said.height > 0.99


def test_real_headlines_with_other_figures_never_meet(headlines: pl.DataFrame) -> None:
    some = headlines.filter(pl.col("text").str.contains(r"\d")).sample(400, seed=2)
    others = some.with_columns(
        pl.col("id") + "x",
        text=pl.col("text").str.replace(r"\d+", "${0}7"),
        seen_at=pl.col("seen_at").dt.offset_by("1h"),
    )

    found = clustered(pl.concat([some, others]))

    said = found.filter(pl.col("id").str.ends_with("x"))
    assert said.filter(pl.col("origin") + "x" == pl.col("id")).height == 0


def test_most_tweets_that_repeat_another_are_given_to_it() -> None:
    tweets = pl.read_parquet(shared_data("stocks") / "stocknet_tweets.parquet")
    some = tweets.filter(pl.col("ticker") == "XOM").with_row_index("id")
    frame = some.select(
        pl.col("id").cast(pl.String),
        seen_at=pl.col("created_at").cast(pl.Datetime("us", "UTC")),
        source="user",
        text=pl.col("text").str.replace_all("AT_USER", "@user"),
    )
    plain = pl.col("text").str.replace(r"^rt @user ", "")
    repeats = frame.sort("seen_at").filter(
        ~plain.is_first_distinct() & (plain.str.split(" ").list.len() > 4)
    )

    found = clustered(frame, window=timedelta(days=4_000))

    again = found.join(repeats, on="id", how="semi")
    assert repeats.height > 50
    assert again.filter(pl.col("origin") != pl.col("id")).height / again.height > 0.98
