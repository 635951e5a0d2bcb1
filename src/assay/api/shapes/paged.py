"""Pages that were cut where the rows lie: the mark is of the last item that is shown."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Depends

from assay.api.listed import After, Listed, marked, unmarked
from assay.api.shapes.asked import FIRST, LAST
from assay.core.errors import SettingsError
from assay.workflows.pages import Page

Item = TypeVar("Item")
Shown = TypeVar("Shown")
FOREIGN = "The mark 'after' is of no page of this list; begin without it"


def listed(
    page: Page[Item], shown: Callable[[Item], Shown], key: Callable[[Item], str]
) -> Listed[Shown]:
    """Return the answer for a page, with the mark of the next one if there is more."""
    return Listed(
        items=[shown(item) for item in page.items],
        next=marked(key(page.items[-1])) if page.more else None,
    )


def number_after(after: After = None) -> int | None:
    """Return the number that the mark stands for, None on the first page."""
    if after is None:
        return None
    told = unmarked(after)
    if not (told.isascii() and told.isdigit() and len(told) < 19):
        raise SettingsError(FOREIGN)
    return int(told)


def place_after(after: After = None) -> tuple[datetime, str] | None:
    """Return the time and the name that the mark stands for, None on the first page."""
    if after is None:
        return None
    at, _, name = unmarked(after).partition(" ")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        raise SettingsError(FOREIGN) from None
    if found.tzinfo is None or not FIRST <= found <= LAST or not name:
        raise SettingsError(FOREIGN)
    return found.astimezone(UTC), name


def place(at: datetime, name: str) -> str:
    """Return what a mark stands for: a time and a name."""
    return f"{at.isoformat()} {name}"


AfterNumber = Annotated[int | None, Depends(number_after)]
AfterPlace = Annotated[tuple[datetime, str] | None, Depends(place_after)]
