"""What is known of a story beside itself: how it came, how sure its time is, whose copy it is."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a story was met; all of it is empty of one that was met in a file.

    `provider` is who told it, `url` where it stands, `summary` what it says further. `assumed` says
    that nobody saw it at its first-seen time: it was fetched later, and could be had by then.
    `suspect` names what was found in it that an honest publisher has no use for. `origin` is the id
    of the story that it tells again; its instruments are then those alone that no earlier telling
    was about, and without any it counts for nobody.
    """

    provider: str = ""
    url: str = ""
    summary: str = ""
    assumed: bool = False
    suspect: str = ""
    origin: str = ""


CIRCUMSTANCES_SCHEMA = pl.Schema(
    {
        "provider": pl.String(),
        "url": pl.String(),
        "summary": pl.String(),
        "assumed": pl.Boolean(),
        "suspect": pl.String(),
        "origin": pl.String(),
    }
)
COUNTS = (pl.col("origin") == "") | (pl.col("instruments").list.len() > 0)
"""The condition that a stored story counts, be it as the copy that brings it to an instrument."""
