"""Lists in pages: so many items, and a mark with which the next ones are asked for."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from assay.core.errors import SettingsError

MOST = 500
USUAL = 50

Item = TypeVar("Item")
Shown = TypeVar("Shown")

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items at most.")]
After = Annotated[
    str | None,
    Query(max_length=200, description="The `next` of the page before; the first if left out."),
]


class Listed(BaseModel, Generic[Shown]):
    """A page of a list; `next` is given back as `after`, and is null on the last page."""

    items: list[Shown]
    next: str | None = Field(description="The mark of the next page; null on the last one.")


def page_of(
    items: Sequence[Item],
    shown: Callable[[Item], Shown],
    key: Callable[[Item], str],
    limit: int,
    after: str | None,
) -> "Listed[Shown]":
    """Return the page of `items` that follows the item whose `key` the mark `after` names.

    An item that is gone since is a `SettingsError`: begin again.
    """
    start = 0
    if after is not None:
        last = unmarked(after)
        start = next((n + 1 for n, item in enumerate(items) if key(item) == last), -1)
        if start < 0:
            raise SettingsError("The mark 'after' is of no page of this list; begin without it")
    found = items[start : start + limit]
    more = start + limit < len(items)
    return Listed(
        items=[shown(item) for item in found], next=marked(key(found[-1])) if more else None
    )


def marked(key: str) -> str:
    """Return the mark that stands for `key`.

    >>> marked("sig-12"), unmarked(marked("sig-12"))
    ('c2lnLTEy', 'sig-12')
    """
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def unmarked(mark: str) -> str:
    """Return the key that a mark stands for; one that was not given out is a `SettingsError`."""
    try:
        return urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode()
    except ValueError:
        raise SettingsError(
            f"The mark 'after' cannot be {mark!r}; give the 'next' of a page"
        ) from None
