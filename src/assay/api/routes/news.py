"""The stored stories about an instrument."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from assay.api.guards import needs
from assay.api.listed import Limit, Listed
from assay.api.parts import DeskDep
from assay.api.shapes.asked import LETTERS, LONGEST_SYMBOL
from assay.api.shapes.news import StoryOut
from assay.api.shapes.paged import AfterPlace, listed, place
from assay.core.values.scope import Scope
from assay.workflows.news.paging import stories_about

router = APIRouter(prefix="/api/v1/news", tags=["news"], dependencies=[Depends(needs(Scope.READ))])


@router.get("")
def news(
    desk: DeskDep,
    after: AfterPlace,
    symbol: Annotated[
        str,
        Query(
            max_length=LONGEST_SYMBOL,
            pattern=LETTERS,
            description="The instrument that they are about.",
            examples=["EURUSD"],
        ),
    ],
    limit: Limit = 50,
) -> Listed[StoryOut]:
    """List the stories about an instrument, first seen last first, each with its score."""
    found = stories_about(desk, symbol, limit, before=after)
    return listed(found, StoryOut.of, lambda one: place(one["seen_at"], one["id"]))
