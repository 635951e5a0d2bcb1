"""A feed says when something was published, and the reader knows when it came: both are kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
import stamina

from assay.core.errors import (
    DataError,
    NotFoundError,
    RefusedError,
    SettingsError,
    TransientError,
)
from assay.sources.news.rss import LARGEST_FEED, Rss
from assay.sources.newsroom import Dispatch
from assay.sources.provider import Access
from assay.sources.wire.http import ATTEMPTS
from tests.doubles.market import NOW
from tests.doubles.newsdesk import Remembered
from tests.doubles.reach import Hands
from tests.doubles.server import Answering, Question, Reply, Served

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=30)


class Publisher(Answering):
    """A server of feeds that a test writes itself, one path each."""

    document = "https://www.rssboard.org/rss-specification"

    def __init__(self) -> None:
        super().__init__()
        self.items: list[dict[str, str]] = []
        self.headers: dict[str, str] = {"Content-Type": "text/xml; charset=utf-8"}
        self.leads: dict[str, str] = {}

    def reply(self, question: Question) -> Reply:
        if question.path in self.leads:
            return Reply(b"", 302, {"Location": self.leads[question.path]})
        asked = question.headers.get("if-none-match"), question.headers.get("if-modified-since")
        said = self.headers.get("ETag"), self.headers.get("Last-Modified")
        if any(asked) and asked == said:
            return Reply(b"", 304, self.headers)
        items = "".join(
            f"<item>{''.join(f'<{name}>{text}</{name}>' for name, text in one.items())}</item>"
            for one in self.items
        )
        text = f'<rss version="2.0"><channel><title>Wire</title>{items}</channel></rss>'
        return Reply(text.encode(), 200, self.headers)

    def tell(self, guid: str, title: str, at: datetime | None = None, **more: str) -> None:
        """Put an item in front of the others."""
        when = {} if at is None else {"pubDate": format_datetime(at, usegmt=True)}
        self.items.insert(0, {"guid": guid, "title": title, **when, **more})


class Reader:
    """An adapter that asks one feed, and what it remembers."""

    def __init__(self, publisher: Publisher, address: str) -> None:
        self.publisher, self.address = publisher, address
        self.hands, self.memory = Hands(), Remembered()
        self.question = f"{address}/feed"
        self.access = Access(
            "rss",
            self.hands,
            self.hands,
            self.hands.sleep,
            address=address,
            places=(self.question,),
            memory=self.memory,
            timeout=5.0,
        )
        self.provider = Rss(self.access)

    def later(self, span: timedelta) -> None:
        self.hands.at += span
        self.publisher.clock = self.hands.at

    def told(self, start: datetime = LONG_AGO, question: str | None = None) -> list[Dispatch]:
        page = self.provider.page(question or self.question, start, self.hands.at)
        return list(page.dispatches)


@contextmanager
def reading() -> Iterator[Reader]:
    publisher = Publisher()
    with Served(publisher) as served:
        reader = Reader(publisher, served.address)
        yield reader
        reader.provider.close()


@pytest.fixture
def reader() -> Iterator[Reader]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    with reading() as found:
        yield found
    stamina.set_testing(False)


def test_what_stands_in_a_feed_at_first_is_of_the_time_it_says(reader: Reader) -> None:
    reader.publisher.tell("1", "Gold up", NOW - HOUR)

    (story,) = reader.told()

    assert story.published_at == story.worded_at == NOW - HOUR
    assert (story.name, story.outlet) == ("1", "Wire")


def test_what_comes_into_a_feed_later_than_it_says_was_not_known_before(reader: Reader) -> None:
    reader.publisher.tell("1", "Gold up", NOW - HOUR)
    reader.told()
    reader.publisher.tell("2", "Silver up", NOW - 50 * MINUTE)
    reader.later(5 * MINUTE)

    (story,) = reader.told(start=NOW)

    assert story.published_at == NOW - 50 * MINUTE
    assert story.worded_at == NOW + 5 * MINUTE


def test_what_was_published_since_the_last_look_is_of_the_time_it_says(reader: Reader) -> None:
    reader.publisher.tell("1", "Gold up", NOW - HOUR)
    reader.told()
    reader.publisher.tell("2", "Silver up", NOW + 2 * MINUTE)
    reader.later(5 * MINUTE)

    (story,) = reader.told(start=NOW)

    assert story.published_at == story.worded_at == NOW + 2 * MINUTE


@pytest.mark.parametrize("date", [None, "yesterday", format_datetime(NOW + HOUR)], ids=str)
def test_without_a_time_to_trust_a_story_is_of_when_it_was_met_and_stays_so(
    reader: Reader, date: str | None
) -> None:
    reader.publisher.items.append(
        {"guid": "1", "title": "Gold up", **({"pubDate": date} if date else {})}
    )

    first = reader.told()
    reader.later(2 * HOUR)
    again = reader.told()

    assert [one.published_at for one in first] == [NOW]
    assert again == first


def test_new_words_are_another_wording_of_the_same_story(reader: Reader) -> None:
    reader.publisher.tell("1", "Gold up", NOW - HOUR)
    reader.told()
    reader.publisher.items.clear()
    reader.publisher.tell("1", "Gold down", NOW - HOUR)
    reader.later(MINUTE)

    before, after = reader.told()

    assert (before.headline, after.headline) == ("Gold up", "Gold down")
    assert before.published_at == after.published_at == NOW - HOUR
    assert before.worded_at == NOW - HOUR
    assert after.worded_at == NOW + MINUTE


def test_an_entry_that_comes_back_is_the_one_it_was(reader: Reader) -> None:
    reader.publisher.tell("1", "Gold up")
    first = reader.told()
    kept = reader.publisher.items.pop()
    reader.later(HOUR)
    reader.told()
    reader.publisher.items.append(kept)
    reader.later(HOUR)

    assert reader.told() == first


def test_one_name_for_all_entries_makes_them_no_copies(reader: Reader) -> None:
    reader.publisher.tell("https://wire.example/", "Gold up", NOW - HOUR)
    reader.publisher.tell("https://wire.example/", "Silver up", NOW - HOUR)

    assert {one.headline for one in reader.told()} == {"Gold up", "Silver up"}


@pytest.mark.parametrize(
    "headers",
    [{"ETag": '"17"'}, {"Last-Modified": "Fri, 20 Nov 2026 15:00:00 GMT"}],
    ids=["etag", "last-modified"],
)
def test_a_feed_that_has_not_changed_is_not_sent_again_and_loses_nothing(
    reader: Reader, headers: dict[str, str]
) -> None:
    reader.publisher.headers |= headers
    reader.publisher.tell("1", "Gold up", NOW - HOUR)
    first = reader.told()
    reader.later(5 * MINUTE)
    statuses: list[int] = []

    def noted(reply: Reply) -> Reply:
        statuses.append(reply.status)
        return reply

    reader.publisher.always = noted

    again, since = reader.told(), reader.told(start=NOW)

    assert statuses == [304, 304]
    assert again == first, "who was killed before it stored them asks again and has them"
    assert since == []


def test_after_the_server_has_forgotten_its_mark_the_feed_comes_whole(reader: Reader) -> None:
    reader.publisher.headers["ETag"] = '"17"'
    reader.publisher.tell("1", "Gold up", NOW - HOUR)
    reader.told()
    reader.publisher.headers["ETag"] = '"18"'
    reader.publisher.tell("2", "Silver up", NOW)
    reader.later(MINUTE)

    assert [one.name for one in reader.told(start=NOW - MINUTE)] == ["2"]


@pytest.mark.parametrize("damage", [b"", b"{}", b"null", b'{"asked_at": 3}', b"\xff\xfe"])
def test_a_memory_that_is_damaged_counts_as_none(reader: Reader, damage: bytes) -> None:
    reader.publisher.tell("1", "Gold up", NOW - HOUR)
    first = reader.told()
    (key,) = reader.memory
    reader.memory[key] = damage

    assert reader.told() == first


def test_a_memory_with_a_wrong_story_counts_as_none(reader: Reader) -> None:
    reader.publisher.tell("1", "Gold up", NOW - HOUR)
    first = reader.told()
    (key,) = reader.memory
    held = json.loads(reader.memory[key])
    held["stories"][0]["published_at"] = "2026-11-20T12:00:00"
    reader.memory[key] = json.dumps(held).encode()

    assert reader.told() == first


def test_a_feed_is_followed_to_where_it_is_led_and_its_links_lead_from_there(
    reader: Reader,
) -> None:
    reader.publisher.leads["/feed"] = "/moved/feed"
    reader.publisher.tell("1", "Gold up", NOW - HOUR, link="story")

    (story,) = reader.told()

    assert story.url == f"{reader.address}/moved/story"


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2/feed", "http://169.254.169.254/latest/", "file:///etc/passwd"]
)
def test_a_feed_that_leads_inside_is_refused(reader: Reader, target: str) -> None:
    reader.publisher.leads["/feed"] = target

    with pytest.raises(RefusedError, match=r"^RSS feed of 127\.0\.0\.1: "):
        reader.told()


def test_only_the_address_that_is_allowed_is_reached_inside(reader: Reader) -> None:
    with reading() as other, pytest.raises(RefusedError, match="not on the public internet"):
        reader.told(question=other.question)


def test_without_an_allowance_nothing_inside_is_reached(reader: Reader) -> None:
    provider = Rss(replace(reader.access, address=None))

    with pytest.raises(RefusedError, match="not on the public internet"):
        provider.page(reader.question, LONG_AGO, NOW)

    assert not reader.publisher.asked


def test_a_flood_is_cut_off(reader: Reader) -> None:
    reader.publisher.always = lambda reply: replace(reply, body=b"<rss>" + b" " * LARGEST_FEED)

    with pytest.raises(RefusedError, match="more than 4 MiB"):
        reader.told()


@pytest.mark.parametrize(
    ("status", "error"), [(401, RefusedError), (403, RefusedError), (404, NotFoundError)]
)
def test_a_feed_that_is_not_there_or_not_for_us_says_so(
    reader: Reader, status: int, error: type[Exception]
) -> None:
    reader.publisher.always = lambda reply: replace(reply, status=status, body=b"<html>")

    with pytest.raises(error, match=f"^RSS feed of 127.0.0.1 .*{status}") as caught:
        reader.told()

    assert "key" not in str(caught.value)


def test_a_page_in_place_of_a_feed_is_said_with_its_address(reader: Reader) -> None:
    page = b"<!doctype html><html><body>Please enable cookies</body></html>"
    reader.publisher.always = lambda reply: replace(
        reply, body=page, headers={"Content-Type": "text/html"}
    )

    with pytest.raises(DataError, match=r"/feed is no feed but text/html"):
        reader.told()


def test_one_feed_that_asks_for_rest_keeps_no_other_waiting(reader: Reader) -> None:
    reader.publisher.always = lambda _: Reply(b"", 429, {"Retry-After": "9000"})

    with pytest.raises(TransientError):
        reader.told()

    assert {name for name, _ in reader.hands.taken} == {"rss-127.0.0.1"}


@pytest.mark.parametrize(
    "place",
    ["", "feed", "ftp://wire.example/", "https://", "https://w.example/" + "a" * 500],
)
def test_what_is_no_address_is_refused_with_how_to_write_one(reader: Reader, place: str) -> None:
    provider = Rss(replace(reader.access, places=(place,)))

    with pytest.raises(SettingsError, match=r"\[providers\.rss\]"):
        provider.questions([])


def test_the_zone_of_a_feed_that_names_none_is_what_a_person_says(reader: Reader) -> None:
    reader.publisher.tell("1", "Gold up", pubDate="Fri, 20 Nov 2026 09:00:00")

    by_zone = {
        zone: [
            one.published_at.hour
            for one in Rss(replace(reader.access, zone=zone, memory=Remembered()))
            .page(reader.question, LONG_AGO, NOW)
            .dispatches
        ]
        for zone in ("America/New_York", "UTC+2", "UTC", None)
    }

    assert by_zone == {"America/New_York": [14], "UTC+2": [7], "UTC": [9], None: [15]}
