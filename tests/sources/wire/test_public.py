"""Whatever address is named, and wherever it leads, only the public internet is asked."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address, ip_address

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import RefusedError, TransientError
from assay.sources.provider import Access, Limit
from assay.sources.wire.http import Http
from assay.sources.wire.public import REDIRECTS, PublicTransport, is_public, system_resolve
from tests.doubles.reach import Hands
from tests.doubles.server import Double, Question, Reply, Served

PUBLIC = "93.184.215.14"
INSIDE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "224.0.0.1"),
    *("255.255.255.255", "240.0.0.1", "198.18.0.1", "203.0.113.9", "::", "::1", "fe80::1%eth0"),
    *("fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:a00:1", "::10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1", "2001::1", "3fff::1"),
]
OUTSIDE = ["8.8.8.8", PUBLIC, "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@dataclass
class Wire(httpx2.BaseTransport):
    """What stands for the network: it remembers what was sent where, and answers."""

    answer: Callable[[httpx2.Request], httpx2.Response] = lambda _: httpx2.Response(200)
    sent: list[httpx2.Request] = field(default_factory=list)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        return self.answer(request)


@dataclass
class Names:
    """A resolver whose answers change from question to question, as those of an attacker may."""

    answers: Sequence[Sequence[str]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def ask(
    wire: Wire, url: str, names: Names | None = None, own: Sequence[str] = (), method: str = "GET"
) -> httpx2.Response:
    transport = PublicTransport("Feeds", own=own, resolve=names or Names([[PUBLIC]]), inner=wire)
    with httpx2.Client(transport=transport) as client:
        return client.request(method, url)


def leading(*targets: str, status: int = 302) -> Wire:
    """Return a network whose answers lead to one target after the other, then end."""
    left = list(targets)

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not left:
            return httpx2.Response(200, text="there")
        return httpx2.Response(status, headers={"Location": left.pop(0)})

    return Wire(answer)


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_outside_are(address: str) -> None:
    assert is_public(address)


@given(st.integers(0, 2**32 - 1))
def test_an_address_is_as_public_in_ipv6_as_it_is_in_ipv4(number: int) -> None:
    plain = IPv4Address(number)

    hidden = [f"::ffff:{plain}", str(ip_address("64:ff9b::") + number)]

    assert {is_public(one) for one in hidden} == {is_public(str(plain))}


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("others", [[], [PUBLIC]], ids=["alone", "beside a public one"])
def test_a_host_inside_is_never_asked(address: str, others: list[str]) -> None:
    wire = Wire()

    with pytest.raises(RefusedError, match="not on the public internet"):
        ask(wire, "https://feeds.example/rss", Names([[*others, address]]))

    assert not wire.sent


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://[::1]:8080/", "http://169.254.169.254/latest/meta-data/"),
        *("http://[::ffff:127.0.0.1]/", "http://10.0.0.1:22/", "https://[fd00:ec2::254]/"),
    ],
)
def test_an_address_that_is_written_out_needs_no_resolver_to_be_refused(url: str) -> None:
    names = Names([[PUBLIC]])

    with pytest.raises(RefusedError, match="not on the public internet"):
        ask(Wire(), url, names)

    assert not names.asked


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "017700000001"])
def test_odd_spellings_of_this_machine_lead_to_it_and_are_refused(host: str) -> None:
    wire = Wire()

    with (
        httpx2.Client(transport=PublicTransport("Feeds", inner=wire)) as client,
        pytest.raises((RefusedError, httpx2.ConnectError)),
    ):
        client.get(f"http://{host}/")

    assert not wire.sent


@pytest.mark.parametrize(
    "url", ["ftp://feeds.example/", "file:///etc/passwd", "gopher://x.example/"]
)
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(RefusedError, match="https:// or http://"):
        ask(Wire(), url)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(RefusedError, match="no user and no password") as caught:
        ask(Wire(), "https://me:hunter2@feeds.example/rss?key=4711")

    assert "hunter2" not in str(caught.value)
    assert "4711" not in str(caught.value)


def test_the_address_that_was_checked_is_asked_whatever_the_name_means_later() -> None:
    names = Names([[PUBLIC], ["127.0.0.1"]])
    wire = Wire()

    ask(wire, "https://feeds.example/rss?a=b", names)

    assert names.asked == ["feeds.example"]
    assert str(wire.sent[0].url) == f"https://{PUBLIC}/rss?a=b"
    assert wire.sent[0].headers["host"] == "feeds.example"
    assert wire.sent[0].extensions["sni_hostname"] == "feeds.example"


def test_addresses_that_cannot_be_reached_are_passed_over() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host != PUBLIC:
            raise httpx2.ConnectError("no route to host")
        return httpx2.Response(200)

    wire = Wire(answer)

    found = ask(wire, "https://feeds.example/", Names([["2606:4700::1111", PUBLIC]]))

    assert found.status_code == 200
    assert [one.url.host for one in wire.sent] == ["2606:4700::1111", PUBLIC]


def test_a_name_without_an_address_cannot_be_reached() -> None:
    with pytest.raises(httpx2.ConnectError, match="has no address"):
        ask(Wire(), "https://feeds.example/", Names([[]]))


def test_a_redirect_is_followed_and_says_where_it_ended() -> None:
    wire = leading("/second", "https://other.example/third?x=1#part")

    found = ask(wire, "https://feeds.example/first")

    assert found.text == "there"
    assert found.headers["content-location"] == "https://other.example/third?x=1"
    assert [one.headers["host"] for one in wire.sent] == [
        *("feeds.example", "feeds.example", "other.example")
    ]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_inside_is_refused(status: int) -> None:
    wire = leading("http://metadata.example/", status=status)
    names = Names([[PUBLIC], ["169.254.169.254"]])

    with pytest.raises(RefusedError, match=r"metadata\.example/ leads to 169\.254\.169\.254"):
        ask(wire, "https://feeds.example/", names)

    assert len(wire.sent) == 1
    assert names.asked == ["feeds.example", "metadata.example"]


def test_the_resolver_is_asked_again_for_every_redirect_to_the_same_name() -> None:
    names = Names([[PUBLIC], ["10.0.0.1"]])

    with pytest.raises(RefusedError, match=r"10\.0\.0\.1"):
        ask(leading("/again"), "https://feeds.example/", names)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "https://a:b@other.example/"])
def test_a_redirect_to_no_web_address_is_refused(target: str) -> None:
    with pytest.raises(RefusedError):
        ask(leading(target), "https://feeds.example/")


@pytest.mark.parametrize("target", ["http://[", "http://a:b:c/", "https://" + "a" * 70 + ".com/"])
def test_a_redirect_that_cannot_be_read_is_an_error_of_the_answer(target: str) -> None:
    with pytest.raises((httpx2.HTTPError, RefusedError)):
        ask(leading(target), "https://feeds.example/", Names([[PUBLIC], []]))


def test_redirects_end() -> None:
    wire = leading(*["/on"] * 50)

    with pytest.raises(RefusedError, match="more than 3 times"):
        ask(wire, "https://feeds.example/")

    assert len(wire.sent) == REDIRECTS + 1


def test_three_redirects_are_followed() -> None:
    assert ask(leading(*["/on"] * REDIRECTS), "https://feeds.example/").text == "there"


def test_what_changes_something_is_not_sent_on() -> None:
    wire = leading("https://other.example/")

    found = ask(wire, "https://hooks.example/", method="POST")

    assert found.status_code == 302
    assert len(wire.sent) == 1


@pytest.mark.parametrize(("target", "is_kept"), [("/b", True), ("https://other.example/", False)])
def test_keys_go_to_nobody_else(target: str, is_kept: bool) -> None:
    wire = leading(target)
    headers = {"X-Key": "7f3a", "Authorization": "Bearer 7f3a", "If-None-Match": '"1"'}

    transport = PublicTransport("Feeds", resolve=Names([[PUBLIC]]), inner=wire)
    with httpx2.Client(transport=transport, headers=headers) as client:
        client.get("https://feeds.example/a")

    sent = wire.sent[1].headers
    assert ("x-key" in sent) is is_kept
    assert ("authorization" in sent) is is_kept
    assert sent["if-none-match"] == '"1"'


def test_what_a_person_allows_by_name_is_asked_and_nothing_beside_it() -> None:
    own = ["http://127.0.0.1:8080"]
    wire = Wire()

    ask(wire, "http://127.0.0.1:8080/rss", own=own)
    for other in ("http://127.0.0.1:8081/", "https://127.0.0.1:8080/", "http://127.0.0.2:8080/"):
        with pytest.raises(RefusedError):
            ask(wire, other, own=own)

    assert len(wire.sent) == 1


def test_nobody_else_leads_to_what_a_person_allows() -> None:
    own = ["http://192.168.1.5"]

    with pytest.raises(RefusedError, match="not on the public internet"):
        ask(leading("http://192.168.1.5/"), "https://feeds.example/", own=own)
    itself = ask(leading("/b"), "http://192.168.1.5/a", own=own)

    assert itself.text == "there"


class Echo(Double):
    """Tells which host it was asked for."""

    adapter = "none"

    def reply(self, question: Question) -> Reply:
        return Reply(question.headers["host"].encode())


def test_over_a_real_connection_the_name_stays_what_was_asked() -> None:
    with Served(Echo()) as served:
        port = served.address.rpartition(":")[2]
        transport = PublicTransport(
            "Feeds", own=[f"http://feeds.example:{port}"], resolve=Names([["127.0.0.1"]])
        )
        with httpx2.Client(transport=transport) as client:
            said = client.get(f"http://feeds.example:{port}/").text

    assert said == f"feeds.example:{port}"


def test_no_connection_is_used_for_another_name_at_the_same_address() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        taken: list[socket.socket] = []

        def serve() -> None:
            for _ in range(2):
                taken.append(server.accept()[0])
                taken[-1].recv(65_536)
                taken[-1].sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        names = [f"http://{name}.example:{port}" for name in ("a", "b")]
        transport = PublicTransport("Feeds", own=names, resolve=Names([["127.0.0.1"]]))
        with httpx2.Client(transport=transport, timeout=5.0) as client:
            said = [client.get(name).text for name in names]
        thread.join(5.0)

    assert said == ["ok", "ok"]
    assert len(taken) == 2
    for one in taken:
        one.close()


def test_the_system_knows_this_machine_and_no_nonsense() -> None:
    assert "127.0.0.1" in system_resolve("127.0.0.1", 80)
    assert system_resolve("a" * 70 + ".example", 80) == ()


class Offered:
    """The terms of nobody in particular."""

    title = "Feeds"
    limits = (Limit(100, 60),)
    keys = ()
    sign_up = ""


def packed_answer(body: bytes, packing: str) -> Wire:
    headers = {"Content-Encoding": packing, "Content-Type": "text/xml"}
    return Wire(lambda _: httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(body)))


def fetched(wire: Wire, most: int = 100_000, hands: Hands | None = None) -> bytes:
    hands = hands or Hands()
    access = Access("feeds", hands, hands, hands.sleep)
    transport = PublicTransport("Feeds", resolve=Names([[PUBLIC]]), inner=wire)
    http = Http(
        access, Offered(), "https://feeds.example", parse=bytes, transport=transport, most=most
    )
    with closing(http):
        return http.get("/").content


def test_a_packed_answer_is_unpacked() -> None:
    assert fetched(packed_answer(gzip.compress(b"<rss/>" * 1_000), "gzip")) == b"<rss/>" * 1_000


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)

    with pytest.raises(RefusedError, match="more than 100,000 bytes"):
        fetched(packed_answer(bomb, "gzip"))


@pytest.mark.parametrize("packing", ["gzip", "br", "zstd", "gzip, gzip"])
def test_an_answer_that_cannot_be_unpacked_is_one_sentence(
    packing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.sources.wire.http.ATTEMPTS", 1)

    with pytest.raises(TransientError, match=r"Feeds cannot be reached \(its answer .*pack"):
        fetched(packed_answer(b"not packed at all", packing))


class Dripping(httpx2.SyncByteStream):
    """A body of which a byte comes now and then, for ever."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self._hands.at += timedelta(seconds=20)
            yield b" "


def test_an_answer_that_drips_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.sources.wire.http.ATTEMPTS", 1)
    hands = Hands()
    began = hands.at

    with pytest.raises(TransientError, match="in time"):
        fetched(Wire(lambda _: httpx2.Response(200, stream=Dripping(hands))), hands=hands)

    assert hands.at - began < timedelta(minutes=10)
