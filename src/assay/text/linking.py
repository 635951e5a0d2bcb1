"""From the words of a story to the instruments it is about."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from assay.core.errors import DataError
from assay.core.symbols import plain_symbol
from assay.core.values.instrument import AssetClass, Instrument
from assay.text.companies import companies_of, marked_tickers, named_companies
from assay.text.mentions import ALL_COINS, LIKELY, PAIR, SURE, mentions_of
from assay.text.sentences import sentence_of

GIVEN = 0.95
"""How sure a ticker is that the provider gave or the text marks."""
_FIAT_SIDES = (AssetClass.FX, AssetClass.METAL)


@dataclass(frozen=True, slots=True)
class Link:
    """That a story is about an instrument: its symbol, in words why, and how sure that is, 0..1."""

    symbol: str
    why: str
    confidence: float


class Linker:
    """Links stories to the instruments it was made for, and to no other.

    `names` maps names of companies or indices to symbols; those of other instruments are ignored.
    """

    def __init__(
        self, instruments: Iterable[Instrument], names: Mapping[str, str] | None = None
    ) -> None:
        self._symbols: set[str] = set()
        self._by_code: dict[str, list[str]] = {}
        self._by_pair: dict[frozenset[str], list[str]] = {}
        self._by_base: dict[str, list[str]] = {}
        for instrument in sorted(instruments, key=lambda one: one.symbol):
            self._learn(instrument)
        known = {name: symbol for name, symbol in (names or {}).items() if symbol in self._symbols}
        self._companies = companies_of(known)

    def links(self, text: str, tickers: Sequence[str] = ()) -> tuple[Link, ...]:
        """Return the instruments a story is about, the surest first, then by symbol.

        `tickers` are the provider's own. A story of a currency, its central bank or its country's
        economy is about every pair and metal that has it as a side, a story that names both sides
        the more; one that names a pair is about that pair. Of what names nothing there is no link.
        """
        found = [
            *self._of_tickers((ticker, f"the provider says {ticker}") for ticker in tickers),
            *self._of_tickers(marked_tickers(text)),
            *self._of_words(text),
        ]
        best: dict[str, Link] = {}
        for link in found:
            if link.symbol not in best or link.confidence > best[link.symbol].confidence:
                best[link.symbol] = link
        return tuple(sorted(best.values(), key=lambda link: (-link.confidence, link.symbol)))

    def _learn(self, instrument: Instrument) -> None:
        symbol = instrument.symbol
        base, quote = instrument.base.lower(), instrument.quote.lower()
        self._symbols.add(symbol)
        if instrument.asset_class is AssetClass.CRYPTO:
            for code in (base, ALL_COINS):
                self._by_code.setdefault(code, []).append(symbol)
            self._by_base.setdefault(base, []).append(symbol)
        elif instrument.asset_class in _FIAT_SIDES:
            for code in (base, quote):
                self._by_code.setdefault(code, []).append(symbol)
            self._by_pair.setdefault(frozenset((base, quote)), []).append(symbol)
            if instrument.asset_class is AssetClass.METAL:
                self._by_base.setdefault(base, []).append(symbol)

    def _of_tickers(self, tickers: Iterable[tuple[str, str]]) -> Iterator[Link]:
        """Yield the links of tickers; a coin or metal may be called by its base alone."""
        for ticker, why in tickers:
            with suppress(DataError):  # what holds no letter names nothing
                symbol = plain_symbol(ticker.strip("$"))
                if symbol in self._symbols:
                    yield Link(symbol, why, GIVEN)
                else:
                    for other in self._by_base.get(symbol.lower(), ()):
                        yield Link(other, why, GIVEN)

    def _of_words(self, text: str) -> Iterator[Link]:
        sentence = sentence_of(text)
        for symbol, said, is_sure in named_companies(sentence, self._companies):
            yield Link(symbol, f"{said} is named", SURE if is_sure else LIKELY)
        sides: dict[str, dict[str, tuple[float, str]]] = {}
        for one in mentions_of(sentence):
            said = sentence.said(one.start, one.stop)
            codes = one.codes[:1] if one.codes[0] in self._by_base else one.codes
            pair = self._by_pair.get(frozenset(one.codes), ())
            if len(codes) > 1 or pair:
                yield from (Link(symbol, f"{said} is named", PAIR) for symbol in pair)
                continue
            for symbol in self._by_code.get(codes[0], ()):
                named = sides.setdefault(symbol, {})
                named[codes[0]] = max(named.get(codes[0], (0.0, "")), (one.sureness, said))
        yield from (_of_sides(symbol, named) for symbol, named in sides.items())


def _of_sides(symbol: str, named: Mapping[str, tuple[float, str]]) -> Link:
    """Return the link of an instrument of which one side is named, or both."""
    own = {code: one for code, one in named.items() if code != ALL_COINS} or named
    said = " and ".join(words for _, words in own.values())
    surest = max(sureness for sureness, _ in own.values())
    is_both = len(own) > 1
    return Link(symbol, f"{said} {'are' if is_both else 'is'} named", surest + 0.1 * is_both)
