"""A feed in RSS 2.0, as its specification describes it, with the oddities of real ones."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime
from hashlib import blake2b
from typing import Any, ClassVar
from xml.sax.saxutils import escape, quoteattr

from assay.sources.newsroom import Dispatch
from tests.doubles.newsdesk import Item, NewsDouble, published
from tests.doubles.server import Question, Reply

EXAMPLE = """<?xml version="1.0"?>
<rss version="2.0">
   <channel>
      <title>Liftoff News</title>
      <link>http://liftoff.msfc.nasa.gov/</link>
      <description>Liftoff to Space Exploration.</description>
      <item>
         <title>Star City</title>
         <link>http://liftoff.msfc.nasa.gov/news/2003/news-starcity.asp</link>
         <description>How do Americans get ready to work with Russians aboard the International \
Space Station?</description>
         <pubDate>Tue, 03 Jun 2003 09:39:21 GMT</pubDate>
         <guid>http://liftoff.msfc.nasa.gov/2003/06/03.html#item573</guid>
      </item>
   </channel>
</rss>
"""
"""From https://www.rssboard.org/files/sample-rss-2.xml, its first item."""


class Rss(NewsDouble):
    """One feed of all there is, the newest first; `If-None-Match` and the like are heeded.

    Characters that XML 1.0 does not allow are left out of texts, as publishers' programs do. A row
    is the text of each element of an item; what is none is left out, and the description of an item
    without a title with it, for one of the two is enough for a story.
    """

    adapter = "rss"
    document = "https://www.rssboard.org/rss-specification"
    subjects = ("AAPL", "EURUSD")
    headline = "title"
    time = "pubDate"
    places: ClassVar = ("{}/feed.xml",)
    dates_itself = False
    least = 1_000

    def on(self, symbol: str) -> tuple[Item, ...]:
        """See `NewsDouble.on`: a feed does not ask what anybody wants."""
        return published()

    def as_dispatch(self, item: Item) -> Dispatch:
        """See `NewsDouble.as_dispatch`."""
        return Dispatch(
            name=item.url,
            published_at=item.published_at,
            worded_at=item.worded_at,
            outlet=item.outlet,
            headline=item.words,
            summary=item.summary,
            url=item.url,
        )

    def raw(self, text: str) -> str:
        """See `NewsDouble.raw`; XML makes one kind of line end of all, and a feed trims."""
        kept = (c for c in text.replace("\r\n", "\n") if _is_allowed(c))
        return "".join(kept).strip()

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`."""
        if question.path != "/feed.xml" or question.query:
            return Reply(b"<html><body>Not found</body></html>", 404, {"Content-Type": "text/html"})
        items = [item for item in published() if self.is_told(item)][-self.most :]
        rows = self.written([self._row(item) for item in reversed(self.told(items))])
        rows = [row if _is_text(row.get("title")) else {**row, "description": None} for row in rows]
        body = _document(rows).encode()
        etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        headers = {"Content-Type": "application/rss+xml; charset=utf-8", "ETag": etag}
        if question.headers.get("if-none-match") == etag:
            return Reply(b"", 304, headers)
        return Reply(body, 200, headers)

    def _row(self, item: Item) -> dict[str, Any]:
        return {
            "title": item.words,
            "link": item.url,
            "description": item.summary,
            "guid": item.url,
            "source": item.outlet,
            "pubDate": format_datetime(item.published_at.astimezone(UTC), usegmt=True),
        }


def _document(rows: list[Mapping[str, Any]]) -> str:
    items = "\n".join(
        f"<item>{''.join(_element(*one) for one in row.items())}</item>" for row in rows
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        "<title>The doubles' feed</title><link>https://news.example/</link>"
        f"<description>All there is</description>\n{items}\n</channel></rss>\n"
    )


def _element(name: str, value: object) -> str:
    if not _is_text(value):
        return ""
    whole = str(value).encode("utf-8", "replace").decode()
    text = "".join(c for c in whole if _is_allowed(c))
    where = f" url={quoteattr('https://news.example/source.xml')}" if name == "source" else ""
    return f"<{name}{where}>{escape(text)}</{name}>"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_allowed(letter: str) -> bool:
    """Say whether XML 1.0 (https://www.w3.org/TR/xml/#charsets) allows a character."""
    code = ord(letter)
    return letter in "\t\n\r" or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
