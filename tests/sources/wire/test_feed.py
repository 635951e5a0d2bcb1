"""Feeds as they are found: whatever is in them, they are read as data, in a bounded time."""

import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.sources.wire.feed import MOST_ENTRIES, Entry, entries_of, whole, written_at
from tests.doubles.rss import EXAMPLE

XML = "application/rss+xml; charset=utf-8"
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title>Example Feed</title>
  <link href="http://example.org/"/>
  <updated>2003-12-13T18:30:02Z</updated>
  <author><name>John Doe</name></author>
  <id>urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6</id>
  <entry>
    <title>Atom-Powered Robots Run Amok</title>
    <link href="http://example.org/2003/12/13/atom03"/>
    <id>urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a</id>
    <published>2003-12-13T08:29:29-04:00</published>
    <updated>2003-12-13T18:30:02Z</updated>
    <summary>Some text.</summary>
  </entry>
</feed>
"""
"""The feed in https://www.rfc-editor.org/rfc/rfc4287 (section 1.1), with a time of publication."""
RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://purl.org/rss/1.0/">
  <channel rdf:about="http://www.xml.com/xml/news.rss"><title>XML.com</title></channel>
  <item rdf:about="http://xml.com/pub/2000/08/09/xslt/xslt.html">
    <title>Processing Inclusions with XSLT</title>
    <link>http://xml.com/pub/2000/08/09/xslt/xslt.html</link>
    <dc:date>2000-08-09T12:00:00Z</dc:date>
  </item>
</rdf:RDF>
"""
"""After https://web.resource.org/rss/1.0/spec (section 7), with a date of Dublin Core."""


def rss(*items: str, head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return f'{head}<rss version="2.0"><channel><title>Wire</title>{"".join(items)}</channel></rss>'


def item(**parts: str) -> str:
    return f"<item>{''.join(f'<{name}>{text}</{name}>' for name, text in parts.items())}</item>"


def read(
    text: str | bytes, kind: str = XML, address: str = "https://wire.example/a/feed"
) -> list[Entry]:
    content = text.encode() if isinstance(text, str) else text
    return entries_of(whole(content), kind, address)


def test_the_three_kinds_of_feeds_are_read() -> None:
    found = [read(text)[0] for text in (EXAMPLE, ATOM, RDF)]

    assert [one.headline for one in found] == [
        *("Star City", "Atom-Powered Robots Run Amok", "Processing Inclusions with XSLT")
    ]
    assert [written_at(one.published) for one in found] == [
        datetime(2003, 6, 3, 9, 39, 21, tzinfo=UTC),
        datetime(2003, 12, 13, 12, 29, 29, tzinfo=UTC),
        datetime(2000, 8, 9, 12, tzinfo=UTC),
    ]
    assert [one.outlet for one in found] == ["Liftoff News", "Example Feed", "XML.com"]
    assert found[0].name == "http://liftoff.msfc.nasa.gov/2003/06/03.html#item573"
    assert found[1].updated == "2003-12-13T18:30:02Z"


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"guid": "n-17", "link": "https://w.example/1"}, "n-17"),
        ({"link": "https://w.example/1"}, "https://w.example/1"),
        ({"title": "Gold up"}, "Gold up"),
        ({"description": "Gold up"}, "Gold up"),
    ],
    ids=["guid", "link", "title", "description"],
)
def test_a_story_is_known_by_the_best_name_it_has(parts: dict[str, str], name: str) -> None:
    assert read(rss(item(**parts)))[0].name == name


def test_relative_links_lead_from_where_the_feed_was() -> None:
    found = read(rss(item(title="a", link="../b?c=1")), address="https://wire.example/x/y/feed")

    assert found[0].url == "https://wire.example/x/b?c=1"


def test_markup_in_words_stays_as_it_is() -> None:
    text = '&lt;script&gt;alert(1)&lt;/script&gt; &lt;a href="/x"&gt;up&lt;/a&gt;'

    found = read(rss(item(title=text, description=text)))

    assert found[0].headline == '<script>alert(1)</script> <a href="/x">up</a>'
    assert found[0].summary == found[0].headline


BOMBS = {
    "laughs": '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
    "quadratic": f'<!DOCTYPE r [<!ENTITY a "{"ha" * 50_000}">]>',
    "outside": '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "parameter": '<!DOCTYPE r [<!ENTITY % a SYSTEM "http://127.0.0.1/x.dtd"> %a;]>',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_a_feed_with_entities_of_its_own_is_refused_however_it_is_written(
    bomb: str, encoding: str
) -> None:
    text = rss(item(title="&a;" * 100), head=f'<?xml version="1.0" encoding="{encoding}"?>{bomb}')

    with pytest.raises(DataError, match=r"declares entities|no feed"):
        read(text.encode(encoding), "text/xml")


def test_a_bomb_behind_a_spelling_of_seven_bits_does_not_go_off() -> None:
    text = rss(
        item(title="&a;" * 9), head=f"<?xml version='1.0' encoding='utf-7'?>{BOMBS['laughs']}"
    )
    hidden = text.replace("<!ENTITY", "+ADw-!ENTITY").encode()

    assert "haha" not in read(hidden, "text/xml; charset=utf-7")[0].headline


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "/etc/hostname", "file:///etc/hostname"]
)
def test_a_feed_is_never_taken_for_the_address_of_another(address: str) -> None:
    with pytest.raises(DataError, match="no feed"):
        read(address)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("text/html; charset=utf-8", "text/html"),
        ("", "something without a content type"),
        ("application/pdf", "application/pdf"),
    ],
)
def test_a_page_is_no_feed_and_said_to_be_what_it_is(kind: str, said: str) -> None:
    with pytest.raises(DataError, match=f"no feed but {said}"):
        read("<!doctype html><html><head><title>News</title></head></html>", kind)


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/octet-stream", ""])
def test_a_feed_of_a_wrong_content_type_is_a_feed(kind: str) -> None:
    assert read(EXAMPLE, kind)[0].headline == "Star City"


@pytest.mark.parametrize(
    ("encoding", "kind", "declared"),
    [
        ("utf-8", "text/xml", "iso-8859-1"),
        ("utf-8", "text/xml; charset=iso-8859-1", "utf-8"),
        ("windows-1252", "text/xml", "windows-1252"),
        ("iso-8859-1", "text/xml; charset=iso-8859-1", "utf-8"),
        ("utf-16", "text/xml", "utf-16"),
        ("utf-8-sig", "text/xml", "utf-8"),
    ],
)
def test_words_are_read_right_where_servers_and_feeds_contradict_each_other(
    encoding: str, kind: str, declared: str
) -> None:
    text = rss(item(title="Zölle für Käse"), head=f'<?xml version="1.0" encoding="{declared}"?>')

    assert read(text.encode(encoding), kind)[0].headline == "Zölle für Käse"


def test_japanese_with_escape_sequences_is_read_as_declared() -> None:
    text = rss(item(title="日銀、利上げ"), head='<?xml version="1.0" encoding="iso-2022-jp"?>')

    assert read(text.encode("iso-2022-jp"), "text/xml")[0].headline == "日銀、利上げ"


def test_what_is_written_badly_is_read_as_far_as_it_goes() -> None:
    text = rss(item(title="AT&T &nbsp;rises <br> today"), item(title="Next"))

    assert [one.headline[:4] for one in read(text)] == ["AT&T", "Next"]


def test_a_feed_without_its_end_is_not_whole() -> None:
    with pytest.raises(ValueError, match="missing"):
        whole(EXAMPLE.encode()[: len(EXAMPLE) // 2])


def test_no_more_entries_are_read_than_anybody_needs() -> None:
    text = rss(*[item(title=f"Story {number}") for number in range(MOST_ENTRIES + 50)])

    assert len(read(text)) == MOST_ENTRIES


FLOODS = {
    "nested": "<a>" * 60_000,
    "unclosed": "<item><title>x" * 20_000,
    "attributes": "<item " + " ".join(f"a{n}='1'" for n in range(20_000)) + "/>",
    "references": "<item><title>" + "&amp;lt;" * 60_000 + "</title></item>",
    "brackets": "<" * 100_000,
    "comments": "<!--" * 60_000,
    "sections": "<![CDATA[" * 30_000,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_hostile_markup_takes_no_long_time(flood: str) -> None:
    began = time.perf_counter()

    read(rss(flood))

    assert time.perf_counter() - began < 10.0


def test_a_tag_without_end_is_left_out_and_the_story_beside_it_is_not() -> None:
    tag = "<item " + " ".join(f"a{number}='1'" for number in range(50_000)) + "/>"

    assert [one.headline for one in read(rss(tag, item(title="Gold up")))] == ["Gold up"]


TIMES = {
    "Tue, 03 Jun 2003 09:39:21 GMT": "2003-06-03T09:39:21",
    "3 Jun 2003 09:39:21 GMT": "2003-06-03T09:39:21",
    "Tue, 3 Jun 03 09:39 UT": "2003-06-03T09:39:00",
    "Tue, 03 Jun 2003 05:39:21 EDT": "2003-06-03T09:39:21",
    "Tue, 03 Jun 2003 09:39:21 -0000": "2003-06-03T09:39:21",
    "Tue, 03 Jun 2003 11:39:21 +0200": "2003-06-03T09:39:21",
    "tue, 03 jun 2003 09:39:21 z": "2003-06-03T09:39:21",
    "2003-06-03T09:39:21Z": "2003-06-03T09:39:21",
    "2003-06-03T09:39:21.500+00:00": "2003-06-03T09:39:21.500000",
    "2003-06-03 11:39:21+02:00": "2003-06-03T09:39:21",
    "  2003-06-03T09:39Z\n": "2003-06-03T09:39:00",
}


@pytest.mark.parametrize(("text", "want"), TIMES.items())
def test_times_are_read_in_the_forms_that_feeds_write(text: str, want: str) -> None:
    assert written_at(text) == datetime.fromisoformat(f"{want}+00:00")


@pytest.mark.parametrize(
    "text",
    ["", "now", "gestern", "Thu, 01 Jan 1970 00:00:00 GMT", "2003-13-45", "99999999999999999999",
     "Tue, 99 Jun 2003 09:39:21 GMT", "Tue, 03 Jun 2003 09:39:21 +9999999", "\0", "0001-01-01"],
)  # fmt: skip
def test_what_is_no_time_of_news_is_none(text: str) -> None:
    assert written_at(text) is None


@pytest.mark.parametrize(
    "text",
    ["Tue, 03 Jun 2003 09:39:21", "Tue, 03 Jun 2003 09:39:21 CET", "2003-06-03T09:39:21"],
)
def test_a_time_without_a_zone_that_we_know_is_of_the_last_place_on_earth(text: str) -> None:
    assert written_at(text) == datetime(2003, 6, 3, 21, 39, 21, tzinfo=UTC)


def test_a_time_without_a_zone_is_of_the_zone_that_a_person_says() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    twice = written_at("2026-10-25T02:30:00", berlin)
    skipped = written_at("2026-03-29T02:30:00", berlin)

    assert twice == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour"), [(None, 12), (UTC, 0), (timezone(timedelta(hours=9)), -9)], ids=str
)
def test_a_date_alone_is_its_end(zone: timezone | None, hour: int) -> None:
    want = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(hours=hour)

    assert written_at("2026-11-20", zone) == want


@given(
    st.integers(700_000_000, 4_000_000_000),
    st.integers(-14 * 60, 14 * 60),
)
def test_what_is_written_by_the_rules_is_read_exactly(second: int, minutes: int) -> None:
    moment = datetime.fromtimestamp(second, timezone(timedelta(minutes=minutes)))

    assert written_at(format_datetime(moment)) == moment
    assert written_at(moment.isoformat()) == moment


@given(st.text(max_size=60))
def test_no_text_is_too_odd_to_be_looked_at(text: str) -> None:
    found = written_at(text)

    assert found is None or found.tzinfo is UTC
