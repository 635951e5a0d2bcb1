"""Questions over HTTP: within the allowance, tried again where that helps, silent about keys."""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any

import httpx2
import stamina

from assay.core.errors import (
    AssayError,
    CredentialError,
    NotFoundError,
    QuotaError,
    RefusedError,
    TransientError,
)
from assay.core.secret import HIDDEN, Secret
from assay.sources.provider import Access, Offer

stamina.instrumentation.set_on_retry_hooks(())  # its default writes to standard output

ATTEMPTS = 5
LARGEST_ANSWER = 64 * 2**20
"""Bytes; more is no page of bars."""
NOT_MODIFIED = 304
"""An answer to who has asked whether something was changed, and to nobody else."""
SLOWEST = 10
"""So many times as long as one piece of it may take, all of an answer may."""
SAID, MOST_SAID = 200, 65_536
"""Characters of a provider's own words that an error repeats, and those it looks for keys in."""
FIRST_WAIT, LONGEST_WAIT, JITTER = 0.5, 20.0, 1.0
"""Seconds between attempts, which double, with a random part."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the parsed body, and until when (UTC) a bar must have closed to be closed.

    `at` is the earlier of our clock and the provider's, `skew` ours less theirs in seconds,
    `content` the body as it came.
    """

    body: Any
    status: int
    headers: Mapping[str, str]
    at: datetime
    skew: float
    content: bytes


_EPOCH = re.compile(r"1\d{9}")
"""Seconds since 1970 of our days."""

Fault = Callable[[int, Any], AssayError | None]
"""Looks at a status and a parsed body: what is wrong with it by this provider's customs, if so."""


def no_fault(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
    """Find nothing wrong."""
    return None


class Http:
    """One provider's HTTP interface.

    `headers` and `params` are sent with every question; those that are `Secret` show in no log, no
    URL and no error. A question takes its cost from the allowance of the key first, and waits; it
    is a `QuotaError` where that takes more than `Access.patience` seconds. It is asked again after
    a failed connection, a cut answer, 429 and 5xx, up to `ATTEMPTS` times, as the provider's
    `Retry-After` says. Redirects are not followed, unless a `transport` that is handed in does. An
    answer of more than `most` bytes, unpacked, is refused before more of it is unpacked. `hide` are
    secrets that a person has not given, and that are kept out of errors, too.
    """

    def __init__(
        self,
        access: Access,
        abilities: Offer,
        address: str,
        *,
        headers: Mapping[str, str | Secret] | None = None,
        params: Mapping[str, Secret] | None = None,
        fault: Fault = no_fault,
        parse: Callable[[bytes], Any] = json.loads,
        transport: httpx2.BaseTransport | None = None,
        most: int = LARGEST_ANSWER,
        hide: tuple[Secret, ...] = (),
    ) -> None:
        self._access, self._most = access, most
        self._abilities, self._title = abilities, abilities.title
        self._where = " and ".join(access.where(name) for name in abilities.keys)
        self._fault, self._parse = fault, parse
        own = tuple(access.secrets.values())
        self._secrets = (*own, *hide)
        self._account = account(access.name, own)
        hidden = dict(params or {})
        for name, value in (headers or {}).items():
            if isinstance(value, Secret):
                hidden[name] = value
        plain = {n: v for n, v in (headers or {}).items() if isinstance(v, str)}
        self._client = httpx2.Client(
            base_url=access.address or address,
            headers={"User-Agent": "assay", "Accept-Encoding": "gzip, deflate", **plain},
            timeout=httpx2.Timeout(access.timeout, connect=min(10.0, access.timeout)),
            transport=_Keyed(
                {n: v for n, v in hidden.items() if n in (headers or {})},
                dict(params or {}),
                transport or httpx2.HTTPTransport(),
            ),
        )

    def get(
        self, path: str, params: Mapping[str, str | int] | None = None, *, cost: int = 1
    ) -> Answer:
        """Return the answer to a GET; what goes wrong is one of the errors of `Provider`."""
        return self.ask("GET", path, params, cost=cost)

    def ask(
        self,
        method: str,
        address: str,
        params: Mapping[str, str | int] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: str | None = None,
        cost: int = 1,
    ) -> Answer:
        """Return the answer to a question that changes nothing, so that it can be asked again.

        `address` is a path here, or a whole URL of the provider's.
        """
        for attempt in stamina.retry_context(
            on=_is_worth_another,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=FIRST_WAIT,
            wait_max=LONGEST_WAIT,
            wait_jitter=JITTER,
        ):
            with attempt:
                take(self._access, self._abilities, self._account, cost)
                return self._asked(
                    self._client.build_request(
                        method, address, params=params, headers=headers, content=content
                    )
                )
        raise AssertionError("the last attempt returns or raises")

    def pause(self, seconds: float) -> None:
        """Let nobody with the key ask for so long: the provider says that its allowance is used."""
        self._access.budget.pause(self._account, seconds)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _asked(self, request: httpx2.Request) -> Answer:
        try:
            with closing(self._client.send(request, stream=True)) as response:
                content = self._limited(response)
        except httpx2.HTTPError as error:
            raise TransientError(
                f"{self._title} cannot be reached ({self._clean(_why(error))}); try again later",
                60.0,
            ) from None
        now = self._access.clock.now()
        theirs = _date(response.headers.get("date")) or now
        body = self._understood(response, content)
        return Answer(
            body,
            response.status_code,
            response.headers,
            min(now, theirs),
            (now - theirs).total_seconds(),
            content,
        )

    def _limited(self, response: httpx2.Response) -> bytes:
        """Return the body, unpacked; a few bytes that would unpack to a flood are refused."""
        unpacker = _unpacker(response)
        found = bytearray()
        clock = self._access.clock
        late = clock.now() + timedelta(seconds=SLOWEST * self._access.timeout)
        for piece in response.iter_raw():
            room = self._most + 1 - len(found)
            found += unpacker(piece, room) if unpacker else piece
            if clock.now() > late:
                raise httpx2.ReadTimeout("its answer does not end")
            if len(found) > self._most:
                size = f"{self._most >> 20} MiB" if self._most >> 20 else f"{self._most:,} bytes"
                raise RefusedError(f"{self._title} answered with more than {size}")
        return bytes(found)

    def _understood(self, response: httpx2.Response, content: bytes) -> Any:  # noqa: ANN401 - any JSON
        """Return the parsed body, or raise what the status or the body says is wrong."""
        status, body = response.status_code, None
        wrong: AssayError | None = None
        try:
            body = self._parse(content)
        except (ValueError, RecursionError):
            if status < 300:
                wrong = TransientError(
                    f"{self._title} answered with something that cannot be read "
                    f"({self._clean(_text(content)) or 'nothing'}); try again later",
                    60.0,
                )
        else:
            wrong = self._fault(status, body)
        if wrong is None and status >= 300 and status != NOT_MODIFIED:
            wrong = self._refused(response, self._clean(_text(content)))
        if isinstance(wrong, TransientError):
            later = _retry_after(response, self._access.clock.now())
            if later is None and isinstance(wrong, QuotaError):
                later = wrong.retry_after  # others who use the key need not find out themselves
            if later is not None:
                self._access.budget.pause(self._account, later)
        if wrong is not None:
            raise type(wrong)(*_clean_arguments(wrong, self._secrets))
        return body

    def _refused(self, response: httpx2.Response, said: str) -> AssayError:
        status, title = response.status_code, self._title
        words = f": {said}" if said else ""
        if status in (401, 403):
            key = self._where or "its terms"
            return CredentialError(f"{title} refused the key ({status}{words}); check {key}")
        if status == 404:
            return NotFoundError(f"{title} has nothing of the kind (404{words})")
        if status == 429:
            wait = _retry_after(response, self._access.clock.now()) or 60.0
            return TransientError(f"{title} says that it was asked too often (429{words})", wait)
        if status >= 500:
            return TransientError(f"{title} is out of order ({status}{words}); try again later", 60)
        return RefusedError(f"{title} refused the question ({status}{words})")

    def _clean(self, text: str) -> str:
        return cleaned(text, self._secrets)


class _Keyed(httpx2.BaseTransport):
    """Adds secrets to a question on its last way out, where nothing logs it any more."""

    def __init__(
        self,
        headers: Mapping[str, Secret],
        params: Mapping[str, Secret],
        inner: httpx2.BaseTransport,
    ) -> None:
        self._headers, self._params, self._inner = headers, params, inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        for name, secret in self._params.items():
            url = url.copy_add_param(name, secret.reveal())
        headers = httpx2.Headers(request.headers)
        for name, secret in self._headers.items():
            headers[name] = secret.reveal()
        return self._inner.handle_request(
            httpx2.Request(
                request.method,
                url,
                headers=headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    def close(self) -> None:
        self._inner.close()


def cleaned(text: str, secrets: tuple[Secret, ...], most: int = SAID) -> str:
    """Return a text from outside as one line of `most` letters without any of our secrets."""
    for secret in secrets:
        text = text.replace(secret.reveal(), HIDDEN)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:most].rstrip(" .")


def take(access: Access, abilities: Offer, account: str, cost: int) -> None:
    """Take `cost` from the allowance of `account`, waiting for it within `Access.patience`.

    It is a `QuotaError` where that takes longer.
    """
    limits = abilities.limits if access.limits is None else access.limits
    while (wait := access.budget.take(account, limits, cost)) > 0.0:
        if wait > access.patience:
            raise QuotaError(
                f"{abilities.title} allows {_said(limits)}, and that is used up; it answers again "
                f"in {_length(wait)}",
                wait,
            )
        access.sleep(wait)


def account(name: str, secrets: tuple[Secret, ...]) -> str:
    """Return what the allowance of a key is counted under; nobody can tell the key from it."""
    if not secrets:
        return name
    whole = "\0".join(secret.reveal() for secret in secrets).encode()
    return f"{name}-{blake2b(whole, digest_size=8, person=b'assay-account').hexdigest()}"


def _is_worth_another(error: Exception) -> bool:
    return isinstance(error, TransientError) and not isinstance(error, QuotaError)


def _clean_arguments(error: AssayError, secrets: tuple[Secret, ...]) -> tuple[Any, ...]:
    """Return what an adapter's own error is made of, with our secrets taken out of its words."""
    said = cleaned(str(error), secrets, 4 * SAID)
    if isinstance(error, TransientError):
        return said, error.retry_after
    return (said,)


def _unpacker(response: httpx2.Response) -> Callable[[bytes, int], bytes] | None:
    """Return what unpacks a piece of a body to at most so many bytes, None for a plain one."""
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if packed in ("", "identity"):
        return None
    if packed not in ("gzip", "x-gzip", "deflate"):
        raise httpx2.DecodingError(f"its answer is packed with {packed}, which was not asked for")
    machine = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, as its head says

    def unpacked(piece: bytes, most: int) -> bytes:
        try:
            return machine.decompress(piece, most)
        except zlib.error:
            raise httpx2.DecodingError("its answer cannot be unpacked") from None

    return unpacked


def _why(error: httpx2.HTTPError) -> str:
    """Return in a few words why a question failed."""
    if isinstance(error, httpx2.TimeoutException):
        return "it did not answer in time"
    return str(error) or type(error).__name__


def _text(content: bytes) -> str:
    return content[:MOST_SAID].decode("utf-8", "replace")


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _retry_after(response: httpx2.Response, now: datetime) -> float | None:
    """Return the seconds to wait by `Retry-After` (a number or a date) or `X-RateLimit-Reset`.

    None where neither says anything. The second is also written `X-Rate-Limit-Reset`.
    """
    text = response.headers.get("retry-after", "").strip()
    resets = (response.headers.get(f"x-rate{dash}limit-reset", "") for dash in ("", "-"))
    reset = next((one.strip() for one in resets if one), "")
    if text.isdecimal():
        return float(text)
    until = _date(text)
    if until is None and response.status_code == 429 and _EPOCH.fullmatch(reset):
        until = datetime.fromtimestamp(int(reset), UTC)
    return None if until is None else max(0.0, (until - now).total_seconds())


def _said(limits: tuple[Any, ...]) -> str:
    return " and ".join(f"{limit.calls:,} calls in {_length(limit.seconds)}" for limit in limits)


def _length(seconds: float) -> str:
    """Return a length of time in words."""
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            count = round(seconds / size, 1)
            return f"{count:g} {name}{'s' * (count != 1)}"
    return "a moment"
