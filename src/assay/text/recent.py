"""The texts of the last hours or days, found by what they have in common with a new one."""

import re
from collections import Counter, deque
from collections.abc import Collection, Hashable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from assay.core.errors import DataError

SHORT = 5
"""A text of fewer words has too few pairs: it is only like one of the same words."""

Pairs = frozenset[str]

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_TIME = pl.Datetime("us", "UTC")


class Recent:
    """What texts hold, each under a number, for as long as `span` after they were first seen.

    An inverted index: what is found is exact, and depends on no hash and no chance.
    """

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._queue: deque[tuple[datetime, int]] = deque()
        self._held: dict[int, Collection[Hashable]] = {}
        self._holders: dict[Hashable, deque[int]] = {}
        self._next = 0

    def forget(self, moment: datetime) -> None:
        """Drop the texts first seen more than `span` before `moment`."""
        before = moment - self._span
        while self._queue and self._queue[0][0] < before:
            _, number = self._queue.popleft()
            for key in self._held.pop(number):
                # numbers grow with time, so the oldest holder of a key is its first
                holders = self._holders[key]
                holders.popleft()
                if not holders:
                    del self._holders[key]

    def add(self, moment: datetime, keys: frozenset[Hashable]) -> int:
        """Remember that a text first seen at `moment` holds `keys`; return its number.

        No text may be older than the one added before it.
        """
        number, self._next = self._next, self._next + 1
        self._queue.append((moment, number))
        self._held[number] = keys
        for key in keys:
            self._holders.setdefault(key, deque()).append(number)
        return number

    def shared(self, keys: Collection[Hashable]) -> Counter[int]:
        """Return how many of `keys` each text holds, those that hold one at least."""
        return Counter(number for key in keys for number in self._holders.get(key, ()))

    def rarest(self, keys: Collection[Hashable], count: int) -> list[Hashable]:
        """Return the `count` keys that the fewest texts hold."""
        return sorted(keys, key=self.holders)[:count]

    def holders(self, key: Hashable) -> int:
        """Return how many texts hold `key`."""
        return len(self._holders.get(key, ()))


def words_of(text: str) -> list[str]:
    """Return the words and figures of a plain text, in lower case, without punctuation."""
    return _WORD.findall(text.lower())


def word_pairs(words: Sequence[str]) -> Pairs:
    """Return the pairs of words that stand side by side; of a short text all words as one."""
    if len(words) < SHORT:
        return frozenset([" ".join(("short", *words))])
    return frozenset(map(" ".join, pairwise(words)))


def likeness(common: int, one: int, other: int) -> float:
    """Return the share of what two sets hold that both hold (Jaccard 1901), from their sizes."""
    return common / (one + other - common)


def refuse_unseen(stories: pl.DataFrame) -> None:
    """Refuse stories without a first-seen time in UTC or without text with `DataError`."""
    schema = dict(stories.schema)
    if schema.get("seen_at") != _TIME or schema.get("text") != pl.String():
        raise DataError(f"Stories need `seen_at` in UTC and `text`; found {schema}")
    if stories["seen_at"].null_count() or stories["text"].null_count():
        raise DataError("A story without a first-seen time or without text cannot be joined")
