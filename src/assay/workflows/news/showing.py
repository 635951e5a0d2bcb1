"""The stored stories themselves, the newest first, with all that is known of each."""

from datetime import datetime
from typing import Any

import polars as pl

from assay.core.errors import NotFoundError
from assay.store.circumstances import COUNTS
from assay.workflows.desk import FOREVER, Desk


def shown_stories(
    desk: Desk,
    symbol: str | None = None,
    *,
    last: int = 20,
    since: datetime | None = None,
    suspect: bool = False,
    copies: bool = False,
) -> list[dict[str, Any]]:
    """Return the `last` stories about `symbol`, or any, first seen since then; newest first.

    Each is `TOLD_SCHEMA` as plain data with `simulated`; stories about the whole market are about
    every symbol. With `suspect` those alone in which something was found; with `copies` also the
    tellings that count for nobody. A symbol that no story is about is a `NotFoundError`.
    """
    kept = pl.lit(value=True) if copies else COUNTS
    if suspect:
        kept &= pl.col("suspect") != ""
    both = [
        desk.documents.told(FOREVER, since, simulated=simulated).with_columns(simulated=simulated)
        for simulated in (False, True)
    ]
    found = pl.concat(both).filter(kept)
    if symbol is not None:
        named = symbol.upper()
        about = pl.col("instruments").list.contains(named)
        if found.filter(about).is_empty():
            raise NotFoundError(
                f"No stored story is about {named}; assay news list says what there is"
            )
        found = found.filter(about | (pl.col("instruments").list.len() == 0))
    newest = found.sort("seen_at", "id", descending=True).head(last)
    return list(newest.iter_rows(named=True))
