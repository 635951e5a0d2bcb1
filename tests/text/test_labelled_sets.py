"""The published labelled sets: accuracy held out, and what is left of it in other domains.

No sentence of 30 % of the PhraseBank (a hash of the id) was read while the lists were written; of
the tweets 60 and of the gold headlines 40 were.
"""

import hashlib
from pathlib import Path

import polars as pl
import pytest

from assay.text.scorers.rules import Rules, label_of
from tests.text.shared import shared_data

CLASSES = ("positive", "negative", "neutral")


@pytest.fixture(scope="module")
def labels() -> Path:
    return shared_data("labels")


def accuracy_and_f1(true: list[str], said: list[str]) -> tuple[float, float]:
    pairs = list(zip(true, said, strict=True))
    scores = []
    for name in CLASSES:
        hit = sum(t == s == name for t, s in pairs)
        scores.append(2 * hit / (true.count(name) + said.count(name)))
    return sum(t == s for t, s in pairs) / len(pairs), sum(scores) / len(scores)


def said_of(frame: pl.DataFrame, subject: str | None = None) -> list[str]:
    return [label_of(tone) for tone in Rules().score(frame["text"].to_list(), subject)]


def tenth(identity: str) -> int:
    return int(hashlib.sha256(identity.encode()).hexdigest(), 16) % 10


def test_phrasebank_beats_the_trained_baselines(labels: Path) -> None:
    frame = pl.read_csv(labels / "phrasebank_train.csv.gz")

    accuracy, f1 = accuracy_and_f1(frame["label"].to_list(), said_of(frame))

    assert (accuracy, f1) > (0.80, 0.77)
    assert f1 > 0.77


def test_what_was_held_out_is_as_good(labels: Path) -> None:
    frame = pl.read_csv(labels / "phrasebank_train.csv.gz")
    frame = frame.filter(pl.Series([tenth(i) >= 7 for i in frame["id"]]))

    accuracy, f1 = accuracy_and_f1(frame["label"].to_list(), said_of(frame))

    assert accuracy > 0.79
    assert f1 > 0.75


def test_tweets_are_another_genre(labels: Path) -> None:
    frame = pl.read_csv(labels / "twitter_financial_news_train.csv.gz")
    names = {"bullish": "positive", "bearish": "negative", "neutral": "neutral"}

    accuracy, f1 = accuracy_and_f1([names[n] for n in frame["label"]], said_of(frame))

    assert accuracy > 0.72  # the published rules: 0.722 / 0.620 on the validation half
    assert f1 > 0.65


def test_headlines_about_companies_correlate_with_human_scores(labels: Path) -> None:
    frame = pl.read_csv(labels / "semeval2017_headlines_train.csv.gz")
    said = [tone.score for tone in Rules().score(frame["text"].to_list())]

    correlation = frame.select(pl.corr("score", pl.Series(said))).item()

    assert correlation > 0.58


def test_gold_headlines_with_gold_as_the_subject(labels: Path) -> None:
    frame = pl.read_csv(labels / "gold_headlines_train.csv.gz", infer_schema_length=20_000)
    frame = frame.filter(pl.col("label").is_in(["positive", "negative"]))
    tones = Rules().score(frame["text"].to_list(), "XAUUSD")

    right = [
        (tone.score > 0) == (label == "positive") and tone.score != 0
        for tone, label in zip(tones, frame["label"], strict=True)
    ]

    assert sum(right) / len(right) > 0.74
