"""What one telling of a story says, less what every outlet does to it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assay.text.lexicon import NEGATIONS
from assay.text.normalise import plain_text
from assay.text.recent import SHORT, Pairs, word_pairs, words_of
from assay.text.words import tables_for

HEAD = 6
"""So many first words tell what a text that was cut off would have said."""

_OUTLETS = frozenset(
    ["afp", "ap", "associated press", "axios", "barron's", "barrons", "bbc", "bbc news",
     "benzinga", "bloomberg", "business insider", "business wire", "cbs news", "cnbc", "cnn",
     "coindesk", "cointelegraph", "dow jones", "financial times", "forbes", "fortune",
     "fox business", "ft", "ft.com", "fxstreet", "globenewswire", "investing.com", "investopedia",
     "marketscreener", "marketwatch", "motley fool", "msn", "nasdaq", "nasdaq.com", "nyt",
     "pr newswire", "reuters", "reuters.com", "seeking alpha", "the guardian", "the motley fool",
     "the new york times", "the wall street journal", "the washington post", "wsj", "yahoo",
     "yahoo finance", "zacks"]
)  # fmt: skip
_VERSION = re.compile(
    r"^(?:(?:rpt|update|wrapup|refile|corrected|correction|brief|exclusive|breaking|breaking news"
    r"|alert|just in|factbox|explainer|analysis|timeline|graphic|instant view|live)"
    r"(?: \d{1,2})? ?[-:|] ?)+"
)
_DATELINE = re.compile(r"^.{0,60}?\((?:reuters|ap|afp|bloomberg|dow jones)\) ?-+ ?")
_MENTIONS = re.compile(r"^[^\w$€£¥@+-]*(?:rt\b[\s:]*)?(?:@\w+[\s:]*)*")
_LINK = re.compile(r"(?:https?://|www\.)\S*|\[\+?\d+ chars\]")
_SUFFIX = re.compile(r"^(.+\S) ?[-|] ?([^-|]{2,40})$")
_CUT = re.compile(r"\s?(?:\.{2,}|\[\.+\])\W*$")
_LETTERS = re.compile(r"\b([a-z]) ?\. ?(?=[a-z]\b)")
_POINT = re.compile(r"(?<=\d) ?([.,]) ?(?=\d)")

_UNITS: Mapping[str, str] = {
    "%": "percent", "percent": "percent", "pct": "percent", "per cent": "percent",
    "bp": "bp", "bps": "bp", "bpts": "bp", "basis point": "bp", "basis points": "bp",
    "k": "thousand", "thousand": "thousand",
    "m": "million", "mn": "million", "mln": "million", "million": "million",
    "b": "billion", "bn": "billion", "bln": "billion", "billion": "billion",
    "t": "trillion", "tn": "trillion", "trln": "trillion", "trillion": "trillion",
}  # fmt: skip
_SPELLED = (
    "zero two three four five six seven eight nine ten eleven twelve dozen"
    " first second third fourth fifth half quarter twice"
    " monday tuesday wednesday thursday friday saturday sunday"
    " january february march april june july august september october november december"
)
_MARK = re.compile(
    r"(?P<sign>(?:(?<=[\s(])|^)[-+])?[$€£¥]?(?P<figure>\d+(?:[.,]\d+)*)"
    rf"(?: ?(?P<unit>{'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?!\w))?"
    r"|(?P<ticker>\$ ?[a-z]{1,6}\b)"
    rf"|\b(?P<spelled>{'|'.join(_SPELLED.split())})s?\b"
)
_OPPOSITES = (
    "buy buys bought long hawkish approve approves approved accept accepts accepted open opens"
    " opened start starts join joins joined above over before enter enters hire hires leads pro",
    "sell sells sold short dovish reject rejects rejected refuse refuses refused close closes"
    " closed end ends leave leaves left below under after exit exits fire fires lags anti",
)
"""Words of which one turns a story into its opposite, beside those that have a tone."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The words of a text and what in them must agree with another telling of the same story.

    `marks` are its figures with their units, its days and its tickers, `signs` the directions it
    takes, `denials` its negations, each in the order of the text. `is_cut` says that it breaks off.
    """

    words: tuple[str, ...]
    pairs: Pairs
    marks: tuple[str, ...]
    signs: tuple[int, ...]
    denials: tuple[str, ...]
    is_cut: bool


def telling_of(text: str, source: str = "") -> Telling:
    """Return what `text` says, without versions, datelines, links and the name of its `source`."""
    plain = plain_text(text).lower()
    plain = _LINK.sub(" ", plain).strip()
    plain = _VERSION.sub("", _DATELINE.sub("", _MENTIONS.sub("", plain)))
    plain = _without_outlet(plain, source.lower())
    is_cut = _CUT.search(plain) is not None
    if is_cut:
        # the last word may be half a word
        plain = _CUT.sub("", plain).rpartition(" ")[0]
    plain = _POINT.sub(r"\1", _LETTERS.sub(r"\1", plain))
    words = tuple(words_of(plain))
    return Telling(
        words=words,
        # the first and the last word count for as much as any other
        pairs=word_pairs(words if len(words) < SHORT else ("", *words, "")),
        marks=tuple(_mark(found) for found in _MARK.finditer(plain)),
        signs=tuple(_signs_of(words)),
        denials=tuple(word for word in re.findall(r"[a-z']+", plain) if word in NEGATIONS),
        is_cut=is_cut,
    )


def is_within(some: Sequence[object], all_of: Iterable[object]) -> bool:
    """Say whether `some` stand in `all_of` in the same order, with or without others between."""
    rest = iter(all_of)
    return all(one in rest for one in some)


def _without_outlet(plain: str, source: str) -> str:
    found = _SUFFIX.match(plain)
    if found is None:
        return plain
    last = found[2].strip()
    return found[1] if last in _OUTLETS or last == source else plain


def _mark(found: re.Match[str]) -> str:
    if found["figure"] is None:
        return (found["ticker"] or found["spelled"]).replace(" ", "")
    figure = found["figure"].replace(",", "")
    figure = figure.rstrip("0").rstrip(".") if "." in figure else figure
    sign = "-" if found["sign"] == "-" else ""
    return f"{sign}{figure}{_UNITS.get(found['unit'] or '', '')}"


def _signs_of(words: Sequence[str]) -> list[int]:
    known = _signs()
    return [known[word] for word in words if word in known]


@cache
def _signs() -> Mapping[str, int]:
    """Return the sign of each word that has a direction or a plain tone."""
    tables = tables_for("general")
    toned = {word: 1 if w > 0 else -1 for word, w in tables.tones.items() if abs(w) >= 0.5}
    turned = {word: sign for word, (sign, _) in tables.directions.items()}
    ups, downs = _OPPOSITES
    return toned | turned | dict.fromkeys(ups.split(), 1) | dict.fromkeys(downs.split(), -1)
