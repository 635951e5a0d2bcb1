"""Scored stories of one instrument: a story that many places copy is counted once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from assay.core.errors import DataError
from assay.text.contract import Scorer, Tone
from assay.text.entities import subject_of
from assay.text.normalise import plain_text
from assay.text.recent import Pairs, Recent, likeness, refuse_unseen, word_pairs, words_of
from assay.text.scorers.rules import names_side

COPY_WINDOW = timedelta(hours=24)
COPY_LIKENESS = 0.8
"""Two texts whose word pairs overlap this much (Jaccard) within `COPY_WINDOW` are one story."""


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


def score_stories(
    stories: pl.DataFrame, scorer: Scorer, subject: str, before: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return `scored` stories with the tones `scorer` gives them for `subject`.

    A story about the whole market (its `instruments` are empty) counts for a currency pair, a metal
    or a coin only if it names one of its sides. Copies are dropped before they are scored, and a
    text that comes back later is read once. See `originals` for `before`.
    """
    _refuse_wrong(stories, None)
    kept = originals(_concerning(stories, subject), before)
    texts = kept["text"].unique(maintain_order=True).to_list()
    tones = dict(zip(texts, scorer.score(texts, subject), strict=True))
    return _with_tones(kept, [tones[text] for text in kept["text"]])


def _concerning(stories: pl.DataFrame, subject: str) -> pl.DataFrame:
    sides = subject_of(subject)
    if sides is None or "instruments" not in stories.columns:
        return stories
    wide = stories["instruments"].list.len() == 0
    if not wide.any():
        return stories
    names = {
        text: names_side(text, sides) for text in stories.filter(wide)["text"].unique().to_list()
    }
    named = [names.get(text, True) for text in stories["text"]]
    return stories.filter(~wide | pl.Series(named, dtype=pl.Boolean))


def originals(stories: pl.DataFrame, before: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the rows that repeat no text first seen in the 24 hours before, in order of time.

    `novelty` is put beside them: 1 less the largest likeness to one of the originals of the 24
    hours before, in (0, 1]. A repeat is the same words in the same order, or at least 0.8 of the
    word pairs in common; texts under five words only repeat exactly. A copy of a copy is measured
    against the original. `before` are originals, in order, that were seen before all of these.
    """
    ties = [name for name in ("id", "source", "text") if name in stories.columns]
    ordered = stories.sort("seen_at", *ties, maintain_order=True)
    seen = _Originals()
    if before is not None:
        for moment, text in zip(before["seen_at"], before["text"], strict=True):
            seen.remember(moment, text)
    nearest = [
        seen.likeness(moment, text)
        for moment, text in zip(ordered["seen_at"], ordered["text"], strict=True)
    ]
    alike = np.array(nearest, dtype=np.float64)
    kept = np.flatnonzero(alike < COPY_LIKENESS)
    return ordered[kept].with_columns(novelty=1.0 - alike[kept])


class _Originals:
    """The originals of the last 24 hours."""

    def __init__(self) -> None:
        self._recent = Recent(COPY_WINDOW)
        self._sizes: list[int] = []

    def likeness(self, moment: datetime, text: str) -> float:
        """Return the largest likeness to an original, 0..1; an original is remembered."""
        self._recent.forget(moment)
        pairs = _pairs(text)
        most = max(
            (
                likeness(common, len(pairs), self._sizes[number])
                for number, common in self._recent.shared(pairs).items()
            ),
            default=0.0,
        )
        if most < COPY_LIKENESS:
            self._add(moment, pairs)
        return most

    def remember(self, moment: datetime, text: str) -> None:
        """Remember what is known to be an original."""
        self._add(moment, _pairs(text))

    def _add(self, moment: datetime, pairs: Pairs) -> None:
        self._recent.add(moment, pairs)
        self._sizes.append(len(pairs))


@lru_cache(maxsize=1_024)
def _pairs(text: str) -> Pairs:
    """Return the word pairs of a text, asked for again with each that comes within a day."""
    return word_pairs(words_of(plain_text(text)))


def _refuse_wrong(stories: pl.DataFrame, tones: Sequence[Tone] | None) -> None:
    refuse_unseen(stories)
    if tones is not None and len(tones) != stories.height:
        raise DataError(f"There are {stories.height:,} stories and {len(tones):,} tones")
