"""Scored stories of one instrument: a story that many places copy is counted once."""

import re
from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from assay.core.errors import DataError
from assay.text.contract import Scorer, Tone
from assay.text.entities import subject_of
from assay.text.normalise import plain_text
from assay.text.scorers.rules import names_side

COPY_WINDOW = timedelta(hours=24)
COPY_LIKENESS = 0.8
"""Two texts whose word pairs overlap this much (Jaccard) within `COPY_WINDOW` are one story."""

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_TIME = pl.Datetime("us", "UTC")


def scored(stories: pl.DataFrame, tones: Sequence[Tone]) -> pl.DataFrame:
    """Return the stories that are not copies, with `score` and `spread`, by first-seen time.

    `stories` has `seen_at` (UTC) and `text`, and any other columns, which are kept; `tones` has one
    tone a row, for the instrument. A copy is dropped, the first seen stays, so a row never changes
    when later stories arrive; how many copies follow is not counted, because it is not known yet.
    """
    _refuse_wrong(stories, tones)
    return originals(_with_tones(stories, tones))


def _with_tones(stories: pl.DataFrame, tones: Sequence[Tone]) -> pl.DataFrame:
    return stories.with_columns(
        pl.Series("score", [tone.score for tone in tones], dtype=pl.Float64),
        pl.Series("spread", [tone.spread for tone in tones], dtype=pl.Float64),
    )


def score_stories(stories: pl.DataFrame, scorer: Scorer, subject: str) -> pl.DataFrame:
    """Return `scored` stories with the tones `scorer` gives them for `subject`.

    A story about the whole market (its `instruments` are empty) counts for a currency pair, a metal
    or a coin only if it names one of its sides. Copies are dropped before they are scored, and a
    text that comes back later is read once.
    """
    _refuse_wrong(stories, None)
    kept = originals(_concerning(stories, subject))
    texts = kept["text"].unique(maintain_order=True).to_list()
    tones = dict(zip(texts, scorer.score(texts, subject), strict=True))
    return _with_tones(kept, [tones[text] for text in kept["text"]])


def _concerning(stories: pl.DataFrame, subject: str) -> pl.DataFrame:
    sides = subject_of(subject)
    if sides is None or "instruments" not in stories.columns:
        return stories
    wide = stories["instruments"].list.len() == 0
    names = {
        text: names_side(text, sides) for text in stories.filter(wide)["text"].unique().to_list()
    }
    named = [names.get(text, True) for text in stories["text"]]
    return stories.filter(~wide | pl.Series(named, dtype=pl.Boolean))


def originals(stories: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that repeat no text first seen in the 24 hours before, in order of time.

    `novelty` is put beside them: 1 less the largest likeness to one of the originals of the 24
    hours before, in (0, 1]. A repeat is the same words in the same order, or at least 0.8 of the
    word pairs in common; texts under five words only repeat exactly. A copy of a copy is measured
    against the original.
    """
    ties = [name for name in ("id", "source", "text") if name in stories.columns]
    ordered = stories.sort("seen_at", *ties, maintain_order=True)
    seen = _Recent()
    likeness = [
        seen.likeness(moment, text)
        for moment, text in zip(ordered["seen_at"], ordered["text"], strict=True)
    ]
    alike = pl.Series("novelty", likeness, dtype=pl.Float64)
    return ordered.with_columns(1.0 - alike).filter(alike < COPY_LIKENESS)


class _Recent:
    """The originals of the last 24 hours, found by the word pairs they hold."""

    def __init__(self) -> None:
        self._queue: deque[tuple[datetime, int]] = deque()
        self._pairs: dict[int, frozenset[tuple[str, ...]]] = {}
        self._holders: dict[tuple[str, ...], set[int]] = {}
        self._next = 0

    def likeness(self, moment: datetime, text: str) -> float:
        """Return the largest likeness to an original, 0..1; an original is remembered."""
        self._forget(moment - COPY_WINDOW)
        pairs = _pairs_of(text)
        shared = Counter(key for pair in pairs for key in self._holders.get(pair, ()))
        most = max(
            (
                common / (len(pairs) + len(self._pairs[key]) - common)
                for key, common in shared.items()
            ),
            default=0.0,
        )
        if most >= COPY_LIKENESS:
            return most
        key, self._next = self._next, self._next + 1
        self._queue.append((moment, key))
        self._pairs[key] = pairs
        for pair in pairs:
            self._holders.setdefault(pair, set()).add(key)
        return most

    def _forget(self, before: datetime) -> None:
        while self._queue and self._queue[0][0] < before:
            _, key = self._queue.popleft()
            for pair in self._pairs.pop(key):
                self._holders[pair].discard(key)
                if not self._holders[pair]:
                    del self._holders[pair]


def _pairs_of(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(plain_text(text).lower())
    if len(words) < 5:
        return frozenset([("short", *words)])
    return frozenset(pairwise(words))


def _refuse_wrong(stories: pl.DataFrame, tones: Sequence[Tone] | None) -> None:
    schema = dict(stories.schema)
    if schema.get("seen_at") != _TIME or schema.get("text") != pl.String():
        raise DataError(f"Stories need `seen_at` in UTC and `text`; found {schema}")
    if stories["seen_at"].null_count() or stories["text"].null_count():
        raise DataError("A story without a first-seen time or without text cannot be joined")
    if tones is not None and len(tones) != stories.height:
        raise DataError(f"There are {stories.height:,} stories and {len(tones):,} tones")
