"""A page of something long: so much of it, and whether there is more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items in order; `more` says whether others follow."""

    items: tuple[Item, ...]
    more: bool


def page(found: Sequence[Item], limit: int) -> Page[Item]:
    """Return the first `limit` of what was found, of which one more was asked for.

    >>> page("abc", 2), page("ab", 2).more
    (Page(items=('a', 'b'), more=True), False)
    """
    return Page(tuple(found[:limit]), len(found) > limit)
