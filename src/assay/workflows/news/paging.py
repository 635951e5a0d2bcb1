"""The stored stories about an instrument, the newest first, page by page, each with its score."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from assay.store.circumstances import COUNTS
from assay.store.documents import DocumentStore
from assay.workflows.desk import FOREVER, Desk
from assay.workflows.pages import Page, page

_SAID = ["seen_at", "source", "text"]
_STEP = timedelta(microseconds=1)
MOST_KEPT = 16
"""So many instruments have their stories kept at hand until another story is stored."""


def stories_about(
    desk: Desk, symbol: str, limit: int, *, before: tuple[datetime, str] | None = None
) -> Page[dict[str, Any]]:
    """Return a page of the stories about `symbol`, the newest first by when they were first seen.

    Each is `TOLD_SCHEMA` as plain data with `simulated`, and `score` and `novelty` as a signal
    would have them, by the rules for this instrument. Stories about the whole market are about
    every symbol. `before` are first-seen time and id of the last story of the page before.
    """
    instrument = desk.instrument(symbol)
    documents, version = desk.documents, desk.documents.stories_version
    found: list[dict[str, Any]] = []
    for simulated in (False, True):
        told = _about(documents, version, instrument.symbol, simulated=simulated)
        if before is not None:
            same = (pl.col("seen_at") == before[0]) & (pl.col("id") < before[1])
            told = told.filter((pl.col("seen_at") < before[0]) | same)
        newest = told.tail(limit + 1)
        if newest.height:
            scored = _scored(desk, symbol, newest, simulated=simulated)
            found += scored.with_columns(simulated=pl.lit(simulated)).to_dicts()
    found.sort(key=lambda one: (one["seen_at"], one["id"]), reverse=True)
    return page(found, limit)


@lru_cache(maxsize=MOST_KEPT)
def _about(documents: DocumentStore, version: str, symbol: str, *, simulated: bool) -> pl.DataFrame:
    """Return all stories about `symbol` of one `version` of the store, in order of first-seen."""
    about = pl.col("instruments").list.contains(symbol)
    whole = pl.col("instruments").list.len() == 0
    told = documents.told(FOREVER, simulated=simulated).filter(COUNTS, about | whole)
    return told.sort("seen_at", "id")


def _scored(desk: Desk, symbol: str, told: pl.DataFrame, *, simulated: bool) -> pl.DataFrame:
    """Return `told` with score and novelty."""
    times: Any = told["seen_at"]
    scored = desk.scored_stories(
        desk.instrument(symbol), simulated=simulated, until=times.max(), since=times.min() - _STEP
    )
    if scored is None:
        return told.with_columns(score=pl.lit(None, pl.Float64), novelty=pl.lit(None, pl.Float64))
    return told.join(
        scored.unique(_SAID, keep="first"), on=_SAID, how="left", maintain_order="left"
    )
