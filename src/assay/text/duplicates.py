"""One story told by many outlets: every telling is given to the first one that was seen.

Two texts are one story by the likeness of their word pairs (shingles and their resemblance: Broder
1997, "On the resemblance and containment of documents"). Candidates come from an inverted index and
not from sketches: of a text that is like another by a share s, all but s of its pairs and one more
cannot all be missing in the other (the prefix filter of Chaudhuri, Ganti and Kaushik 2006), so a
few rare pairs find every candidate, and nothing depends on a hash.
"""

import math
from collections.abc import Hashable, Iterator
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from assay.core.errors import DataError
from assay.text.recent import Recent, likeness, refuse_unseen
from assay.text.telling import HEAD, Telling, is_within, telling_of

WINDOW = timedelta(days=3)
LIKE = 0.8
"""Two texts that share so much of their word pairs (Jaccard) tell one story."""
LIKE_WITHIN = 0.6
"""So much is enough where one only leaves out words of the other: nothing was replaced."""


def clustered(
    stories: pl.DataFrame, known: pl.DataFrame | None = None, window: timedelta = WINDOW
) -> pl.DataFrame:
    """Return the stories by first-seen time, with the `origin` of each and its `likeness` to it.

    `stories` has `id` (unique), `seen_at` (UTC), `text`, perhaps `source`, and other columns, which
    are kept. `origin` is the id of the first story of its cluster, its own for an origin; a story
    joins the likeliest origin of the `window` before it, of equal ones the first. `likeness` lies
    in (0, 1], 1 for an origin. A story never changes when later ones arrive.

    A telling adds no figure, day or ticker to its origin, and neither turns the other's directions
    or denials round. Of stories seen at one time the longest comes first, so that their order does
    not matter. `known` is what this function returned for the `window` before `stories`: then the
    result is the same as in one go, but for stories of one time that came in two batches.
    """
    refuse_unseen(stories)
    if stories["id"].is_duplicated().any():
        raise DataError("Stories to be clustered need ids of their own; some were found twice")
    clusters = Origins(window)
    if known is not None:
        _refuse_earlier(stories, known)
        origins = known.filter(pl.col("origin") == pl.col("id")).sort(
            "seen_at", maintain_order=True
        )
        for story, moment, telling in _tellings(origins):
            clusters.add(story, moment, telling)
    ordered = _in_order(stories)
    found = [clusters.assign(*one) for one in _tellings(ordered)]
    return ordered.with_columns(
        pl.Series("origin", [origin for origin, _ in found], dtype=pl.String),
        pl.Series("likeness", [alike for _, alike in found], dtype=pl.Float64),
    )


def alike(telling: Telling, origin: Telling) -> float:
    """Return how like `telling` is to its `origin`, 0..1; 0 where they tell two stories.

    Where one breaks off and the other begins with all it says, they are alike by 1.
    """
    if not _agrees(telling, origin):
        return 0.0
    short, long = sorted((telling, origin), key=lambda one: len(one.words))
    if short.is_cut and len(short.words) >= HEAD and _begins(long, short):
        return 1.0
    common = len(telling.pairs & origin.pairs)
    share = likeness(common, len(telling.pairs), len(origin.pairs))
    if share >= LIKE or (share >= LIKE_WITHIN and is_within(short.words, long.words)):
        return share
    return 0.0


class Origins:
    """The first tellings of the stories of a window, found by what tells them again."""

    def __init__(self, window: timedelta = WINDOW) -> None:
        self._window, self._recent = window, Recent(window)
        self._origins: dict[int, tuple[str, datetime, Telling]] = {}

    def assign(self, story: str, moment: datetime, telling: Telling) -> tuple[str, float]:
        """Return the origin of a story and its likeness to it; an origin is remembered.

        Stories come in order of time: what is older than the window is forgotten.
        """
        self._recent.forget(moment)
        best, most = self.likeliest(moment, telling)
        if not most:
            self.add(story, moment, telling)
            return story, 1.0
        return best, most

    def likeliest(self, moment: datetime, telling: Telling) -> tuple[str, float]:
        """Return the likeliest origin within the window of `moment`, before it or after.

        And its likeness; no name and 0 where a telling tells something new.
        """
        best, most = "", 0.0
        for number in sorted(self._candidates(telling)):
            origin, at, first = self._origins[number]
            share = alike(telling, first) if abs(moment - at) <= self._window else 0.0
            if share > most:
                best, most = origin, share
        return best, most

    def add(self, story: str, moment: datetime, telling: Telling) -> None:
        """Remember an origin."""
        keys: set[Hashable] = {*telling.pairs, *_marked(telling)}
        if len(telling.words) >= HEAD:
            keys.add(_head(telling))
        number = self._recent.add(moment, frozenset(keys))
        self._origins[number] = (story, moment, telling)

    def _candidates(self, telling: Telling) -> set[int]:
        """Return every origin that can be alike: none is missed, most others are left out."""
        size = len(telling.pairs)
        needed = size - math.ceil(LIKE_WITHIN * size) + 1
        keys = self._recent.rarest(telling.pairs, needed)
        if telling.marks:
            # a telling adds no mark, so its origin holds its rarest one
            marks = self._recent.rarest(_marked(telling), 1)
            if self._recent.holders(marks[0]) < sum(map(self._recent.holders, keys)):
                keys = marks
        return {*self._recent.shared(keys), *self._recent.shared([_head(telling)])}


def _agrees(telling: Telling, origin: Telling) -> bool:
    """Say whether a telling adds no mark to its origin and neither turns the other round."""
    if not is_within(telling.marks, origin.marks):
        return False
    if not (is_within(telling.signs, origin.signs) or is_within(origin.signs, telling.signs)):
        return False
    if telling.is_cut or origin.is_cut:
        return is_within(telling.denials, origin.denials)
    return telling.denials == origin.denials


def _begins(text: Telling, start: Telling) -> bool:
    return text.words[: len(start.words)] == start.words


def _head(telling: Telling) -> Hashable:
    return ("head", telling.words[:HEAD])


def _marked(telling: Telling) -> set[Hashable]:
    return {("mark", mark) for mark in telling.marks}


def _in_order(stories: pl.DataFrame) -> pl.DataFrame:
    ties = [name for name in ("text", "source", "id") if name in stories.columns]
    length = -pl.col("text").str.len_chars().cast(pl.Int64)
    return stories.sort("seen_at", length, *ties, maintain_order=True)


def _tellings(stories: pl.DataFrame) -> Iterator[tuple[str, datetime, Telling]]:
    sources = stories["source"] if "source" in stories.columns else [""] * stories.height
    for story, moment, text, source in zip(
        stories["id"], stories["seen_at"], stories["text"], sources, strict=True
    ):
        yield story, moment, telling_of(text, source or "")


def _refuse_earlier(stories: pl.DataFrame, known: pl.DataFrame) -> None:
    last: Any = known["seen_at"].max()
    first: Any = stories["seen_at"].min()
    if last is not None and first is not None and first < last:
        raise DataError(
            f"A story was first seen at {first}, before the last known one at {last}; cluster the "
            "stories since then together"
        )
