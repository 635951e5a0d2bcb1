"""What a reader of a page sees: markup parsed, and what is hidden in it left out and kept apart."""

import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser

from assay.text.styles import Ink, hides

MAX_MARKUP = 100_000
"""Characters of a page that are read; the texts of feeds are far shorter."""

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
     "track", "wbr"]
)  # fmt: skip
_UNREAD = frozenset(
    ["script", "style", "template", "noscript", "iframe", "object", "svg", "math", "canvas",
     "audio", "video", "select", "head"]
)  # fmt: skip
"""Elements whose content is not text for a reader."""
_BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd",
     "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
     "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "menu", "nav", "ol",
     "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
     "title", "tr", "ul"]
)  # fmt: skip
"""Elements that part words; the others stand inside a word."""
_CLOSING = frozenset(["dd", "dt", "li", "option", "p", "td", "th", "tr"])
"""Elements that the next one of their name ends."""

_DATA_SECTION = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_OPENING = re.compile(r"<[A-Za-z/!?]")
_LONG_REFERENCE = re.compile(r"&#\d{20,};?")


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page and what was left out of it.

    `hidden` are the texts of elements that show nothing, `unread` counts scripts, styles and the
    like, `is_broken` says that the page ended inside a tag or comment, `is_cut` that it is longer
    than what is read.
    """

    text: str
    hidden: tuple[str, ...]
    comments: int
    unread: int
    is_broken: bool
    is_cut: bool


def read_page(raw: str) -> Page:
    """Return what a reader sees of HTML or plain text; character references are decoded once.

    Takes any text and time in proportion to its length: of what never ends (a comment, a tag) the
    rest is dropped, as a browser does, before the parser sees it.
    """
    cut = raw[:MAX_MARKUP]
    ended = cut.rfind("]]>") + 3 if "]]>" in cut else 0  # behind it no section ends
    whole = _DATA_SECTION.sub(lambda found: found[1], cut[:ended]) + cut[ended:]
    # so long a number the parser would refuse to read
    whole = _LONG_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", whole)
    closed, is_broken = _closed(whole)
    reader = _Reader()
    reader.feed(closed)
    reader.close()
    hidden = tuple(text for parts in reader.hidden if (text := "".join(parts)).strip())
    return Page(
        "".join(reader.shown),
        hidden,
        reader.comments,
        reader.unread,
        is_broken,
        len(raw) > len(cut),
    )


def _closed(text: str) -> tuple[str, bool]:
    """Return `text` with every comment empty and every tag ended, and whether that took any."""
    comments = list(_COMMENT.finditer(text))
    is_open = bool(comments) and not comments[-1][0].endswith(">")
    # an empty comment stays in its place: to drop it could make a new one of what is around it
    text = _COMMENT.sub("<!---->", text)
    text = text.replace("<![", "<! [")  # a marked section the parser does not know would raise
    last = text.rfind(">") + 1
    opening = _OPENING.search(text, last)
    return (text, is_open) if opening is None else (text[: opening.start()], True)


@dataclass(frozen=True, slots=True)
class _Frame:
    tag: str
    ink: Ink


class _Stack:
    """Open elements; to end one that is not open costs nothing, however deep the others are."""

    def __init__(self) -> None:
        self.frames: list[_Frame] = []
        self._open: Counter[str] = Counter()

    def push(self, frame: _Frame) -> None:
        self.frames.append(frame)
        self._open[frame.tag] += 1

    def end(self, tag: str) -> None:
        while self._open[tag]:
            frame = self.frames.pop()
            self._open[frame.tag] -= 1
            if frame.tag == tag:
                return


class _Reader(HTMLParser):
    """Keeps apart what is shown and what is not.

    What hides ends with its own end tag or one inside it, never with one of what is around it: so
    no misplaced end tag brings to light what a browser would still hide.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self.hidden: list[list[str]] = []
        self.comments = 0
        self.unread = 0
        self._outer, self._inner = _Stack(), _Stack()
        self._is_faint = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        self._part(tag)
        if tag in _VOID:
            return
        if tag in _CLOSING and [frame.tag for frame in self._inner.frames[:2]] == [tag]:
            self._inner.end(tag)
        attributes = {name: value or "" for name, value in reversed(attrs)}  # the first counts
        outside = self._outer.frames[-1].ink if self._outer.frames else Ink()
        frame = _Frame(tag, outside.under(attributes))
        if self._inner.frames:
            self._inner.push(frame)
        elif tag in _UNREAD:
            self.unread += 1
            self._inner.push(frame)
        elif hides(attributes):
            self._is_faint = False
            self.hidden.append([])
            self._inner.push(frame)
        else:
            self._outer.push(frame)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element: in HTML the slash of "<div/>" means nothing."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End an element, and those left open in it."""
        self._part(tag)
        (self._inner if self._inner.frames else self._outer).end(tag)

    def handle_data(self, data: str) -> None:
        """Keep text where it belongs; what is in a script belongs nowhere."""
        if self._inner.frames:
            if self._inner.frames[0].tag not in _UNREAD:
                self.hidden[-1].append(data)
            return
        was_faint = self._is_faint
        self._is_faint = bool(self._outer.frames) and self._outer.frames[-1].ink.is_faint
        if not self._is_faint:
            self.shown.append(data)
        elif was_faint:
            self.hidden[-1].append(data)
        else:
            self.hidden.append([data])

    def handle_comment(self, data: str) -> None:
        """Count a comment."""
        self.comments += 1

    def _part(self, tag: str) -> None:
        if tag in _BLOCKS and not self._inner.frames:
            self.shown.append(" ")
