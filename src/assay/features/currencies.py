"""What the peers of a pair say about its two currencies."""

from functools import lru_cache

from assay.core.errors import NotFoundError, SettingsError
from assay.core.instruments import defined, instrument
from assay.core.values.instrument import AssetClass

_PAIRED = (AssetClass.FX, AssetClass.METAL, AssetClass.CRYPTO)


@lru_cache(maxsize=1024)
def legs(symbol: str, kind: AssetClass) -> tuple[str, str] | None:
    """Return base and quote of a symbol among markets of this kind; None if it is no pair."""
    if kind not in _PAIRED:
        return None
    try:
        known = instrument(symbol)
    except NotFoundError:
        try:
            known = defined(symbol, kind)
        except SettingsError:
            return None
    return known.base, known.quote


def side(pair: tuple[str, str] | None, currency: str) -> int:
    """Return 1 if a rising pair is a rising currency, -1 if a falling one, 0 if it says nothing."""
    if pair is None or currency not in pair:
        return 0
    return 1 if pair[0] == currency else -1


def synthetic(
    base: str, quote: str, pairs: tuple[tuple[str, str] | None, ...]
) -> tuple[tuple[int, int, int, int], ...]:
    """Return every way two of `pairs` make base against quote: two places and their powers.

    The pair is the product of the two, each to its power of 1 or -1.
    """
    found = []
    for first, one in enumerate(pairs):
        if one is None or base not in one or quote in one:
            continue
        between = one[1] if one[0] == base else one[0]
        for second, two in enumerate(pairs):
            if two is not None and set(two) == {between, quote}:
                found.append((first, side(one, base), second, -side(two, quote)))
    return tuple(found)
