"""From a tone and a subject to a sentence, as a newswire would put it."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.simulation.grid import Floats
from assay.sources.simulation.phrases import CURRENCY, MONEY, WORDS, Phrases
from assay.sources.simulation.phrases_assets import COIN, COMPANY, GOLD, WORLD


class Sort(IntEnum):
    """What a story is."""

    DRIVER = 0
    CALM = 1
    TORN = 2
    ASIDE = 3
    RECAP = 4


COINS = {"BTC": ("Bitcoin", "BTC"), "ETH": ("Ether", "Ethereum")}
DRAWS = 12
"""Numbers in [0, 1) that one headline uses."""
BASE_SHARE, PAIR_SHARE = 0.55, 0.85
PLAINNESS = 2.0
Pieces = tuple[tuple[str, str], ...]


def headlines(
    instrument: Instrument,
    sorts: NDArray[np.int8],
    tones: NDArray[np.int8],
    draws: Floats,
) -> list[str]:
    """Return one sentence a story.

    `tones` (n,) is +1 where the story is good for the instrument's price, -1 bad, 0 neither;
    `draws` (n, DRAWS) in [0, 1) choose the words.
    """
    if instrument.asset_class in (AssetClass.FX, AssetClass.METAL, AssetClass.CRYPTO):
        return _of_pair(instrument, sorts, tones, draws)
    words = _company(instrument)
    return [
        _filled(_chosen(COMPANY, int(sort), int(tone), row[0]), words, row)
        for sort, tone, row in zip(sorts, tones, draws.tolist(), strict=True)
    ]


def _of_pair(
    instrument: Instrument, sorts: NDArray[np.int8], tones: NDArray[np.int8], draws: Floats
) -> list[str]:
    """Write of the base, of the quote currency (its good is the pair's bad), or of both."""
    base, quote = instrument.base, instrument.quote
    phrases = GOLD if base == "XAU" else COIN if base in COINS else CURRENCY
    both = base in MONEY and quote in MONEY
    written = []
    for sort, tone, row in zip(sorts.tolist(), tones.tolist(), draws.tolist(), strict=True):
        about_quote = both and row[1] > BASE_SHARE and row[1] < PAIR_SHARE
        subject, rival = (quote, base) if about_quote else (base, quote)
        signed = -tone if about_quote else tone
        sentence = _chosen(phrases, sort, signed, row[0])
        text = _filled(sentence, _words(subject, rival, row), row)
        if both and row[1] >= PAIR_SHARE and sort == Sort.DRIVER:
            text = _against(text, base, quote, tone, row)
        written.append(text)
    return written


def _against(text: str, base: str, quote: str, tone: int, row: Sequence[float]) -> str:
    """Return a sentence about the pair itself instead of `text`, in three of four cases."""
    if row[2] > 0.75:
        return text
    own, other = _words(base, quote, row), _words(quote, base, row)
    verb = _pick(WORDS["up" if tone > 0 else "down"], row[3])
    reason = (
        f"as {other['bank']} turns dovish" if tone > 0 else f"as {own['bank']} turns dovish",
        f"on strong {own['adj']} data" if tone > 0 else f"on weak {own['adj']} data",
        f"after weak {other['adj']} figures"
        if tone > 0
        else f"after strong {other['adj']} figures",
        "in broad move",
    )
    return f"{own['Name']} {verb} against {other['name']} {_pick(reason, row[4])}"


def _chosen(phrases: Phrases, sort: int, tone: int, draw: float) -> Pieces:
    if sort == Sort.DRIVER:
        return _pieces(_common(phrases.good if tone > 0 else phrases.bad, draw))
    if sort == Sort.RECAP:
        return _pieces(_pick(phrases.rose if tone > 0 else phrases.fell, draw))
    return _pieces(_pick((phrases.calm, phrases.torn, phrases.aside)[sort - 1], draw))


def _pick(choices: Sequence[str], draw: float) -> str:
    return choices[int(draw * len(choices))]


def _common(choices: Sequence[str], draw: float) -> str:
    """Return one of `choices`, the plain ones first in the list far more often than the idioms."""
    return choices[int(draw**PLAINNESS * len(choices))]


@lru_cache(maxsize=1024)
def _pieces(sentence: str) -> Pieces:
    """Return a sentence as (text, gap after it) pairs; the last gap is empty."""
    parts = [part.partition("{") for part in sentence.split("}")]
    return tuple((text, gap) for text, _, gap in parts)


def _words(subject: str, rival: str, row: Sequence[float]) -> dict[str, str]:
    """Return the words for a subject and for what it is priced in."""
    if subject not in MONEY:
        name = _pick(COINS.get(subject, ("gold",)), row[5])
        return {"name": name, "Name": name, "rival": "dollar"}
    money = MONEY[subject]
    name = _pick(money.names, row[5])
    return {
        "name": name,
        "Name": name[0].upper() + name[1:],
        "the": name if name == "sterling" else f"the {name}",
        "econ": money.econ,
        "Econ": money.econ[0].upper() + money.econ[1:],
        "adj": money.adj,
        "bank": money.bank,
        "rival": _pick(MONEY[rival].names, row[6]) if rival in MONEY else "dollar",
    }


def _company(instrument: Instrument) -> dict[str, str]:
    name = instrument.symbol.capitalize() if len(instrument.symbol) > 3 else instrument.symbol
    return {"name": name, "Name": name, "rival": "market"}


def _filled(pieces: Pieces, words: Mapping[str, str], row: Sequence[float]) -> str:
    out = []
    for text, gap in pieces:
        out.append(text)
        if gap in words:
            out.append(words[gap])
        elif gap:
            out.append(_pick(WORDS[gap], row[3 + _PLACE[gap] % 9]))
    whole = "".join(out)
    return whole[0].upper() + whole[1:]


_PLACE = {gap: place for place, gap in enumerate(WORDS)}


def world_headlines(draws: Floats) -> list[str]:
    """Return one sentence about the whole market a row of `draws` (n, DRAWS)."""
    return [_filled(_pieces(_pick(WORLD, row[0])), {}, row) for row in draws.tolist()]


COPY_MARKS = ("", "", "", "UPDATE 1-", "UPDATE 2-", "RPT-", "WRAPUP 1-")


def copied(text: str, draw: float) -> str:
    """Return the text as another desk carries it, often word for word."""
    return _pick(COPY_MARKS, draw) + text
