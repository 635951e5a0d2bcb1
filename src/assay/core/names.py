"""What to say of a name nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches

from assay.core.errors import NotFoundError

FEW = 9
"""So many names are said in full; of more only those that are near."""


def unknown(
    kind: str,
    asked: str,
    names: Iterable[str],
    *,
    listed_by: str | None = None,
    cutoff: float = 0.6,
) -> NotFoundError:
    """Return the error for `asked`, which is no `kind`: what is near, and where all are named.

    `listed_by` is the command that names them all. `cutoff` (0 to 1) is how near a name must be.

    >>> print(unknown("feature", "adxx", ["adx", "rsi"], listed_by="assay features list"))
    No feature is called 'adxx' (did you mean adx?); assay features list names them all
    >>> print(unknown("sizing", "full", ["fraction", "kelly"]))
    No sizing is called 'full'; there are fraction and kelly
    """
    every = sorted(set(names))
    near = get_close_matches(asked, every, n=3, cutoff=cutoff)
    said = f"No {kind} is called {asked!r}"
    if near:
        said += f" (did you mean {listed(near, 'or')}?)"
    if listed_by:
        said += f"; {listed_by} names them all"
    elif every and (len(every) <= FEW or not near):
        said += f"; there {'are' if len(every) > 1 else 'is'} {listed(every, 'and')}"
    return NotFoundError(said)


def nearest(asked: str, names: Iterable[str]) -> str:
    """Return "; did you mean …?" of the names that are near `asked`, or "" if none is.

    >>> nearest("adxx", ["adx", "rsi"])
    '; did you mean adx?'
    """
    near = get_close_matches(asked, sorted(set(names)), n=3)
    return f"; did you mean {listed(near, 'or')}?" if near else ""


def listed(names: Iterable[str], last: str) -> str:
    """Return names in a row: a, b and c, where `last` is and."""
    *most, end = names
    return f"{', '.join(most)} {last} {end}" if most else end
