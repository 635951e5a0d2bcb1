"""Addresses that people and feeds name: asked only where they lie on the public internet."""

import socket
from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpx2

from assay.core.errors import RefusedError

REDIRECTS = 3
SCHEMES = {"http": 80, "https": 443}
_GLOBAL = IPv6Network("2000::/3")
"""All of IPv6 that is given out to the public; what lies outside is for other uses."""
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""Addresses that stand for one of IPv4, behind a translator (RFC 6052)."""
_NOT_OURS = (
    ip_network("192.0.0.0/24"),  # protocols' own (RFC 6890), and the metadata of a cloud
    ip_network("168.63.129.16/32"),  # the host of a machine at Azure, in a public range
    ip_network("192.88.99.0/24"),  # once relays of 6to4 (RFC 7526)
    ip_network("3fff::/20"),  # examples in books (RFC 9637)
)
_KEPT = ("accept", "accept-encoding", "user-agent", "if-none-match", "if-modified-since")
"""Headers that go along where a redirect leads to somebody else: no key is among them."""

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host name for a port; none where it has none."""
Origin = tuple[str, str, int]


def is_public(address: str) -> bool:
    """Say whether an IP address belongs to the public internet.

    Private, loopback, link-local, shared, multicast and reserved ones do not, nor do those of a
    cloud's metadata, nor those of IPv6 that hide one of IPv4 which does not.

    >>> [is_public(one) for one in ("8.8.8.8", "169.254.169.254", "::ffff:10.0.0.1", "fd00::1")]
    [True, False, False, False]
    """
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        hidden = found.ipv4_mapped
        if hidden is None and found in _TRANSLATED:
            hidden = IPv4Address(int(found) & 0xFFFF_FFFF)
        if hidden is not None:
            return is_public(str(hidden))
        if found.sixtofour or found.teredo or found not in _GLOBAL:
            return False
    if found.is_multicast or found.is_reserved or not found.is_global:
        return False
    return not any(found in network for network in _NOT_OURS)


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Return what the system's resolver says, in the order in which it would be tried."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(place[0]) for *_, place in found))


class PublicTransport(httpx2.BaseTransport):
    """Asks only hosts all of whose addresses are public, and follows a GET that is led on.

    A name is resolved once, and the connection is made to an address that was checked: an answer
    that another server gives to the same name a moment later (DNS rebinding) changes nothing. Up to
    `REDIRECTS` redirects are followed, each checked as the first address was. `Content-Location`
    of the answer says where it came from. No connection is kept: two names may share an address,
    and the certificate of one proves nothing of the other.

    `who` begins the sentences. `own` are addresses ("http://192.168.1.5:8080") that a person has
    named and that are asked although they are not public; a redirect from elsewhere is not let in
    there. What is refused is a `RefusedError`.
    """

    def __init__(
        self,
        who: str,
        *,
        own: Collection[str] = (),
        resolve: Resolve = system_resolve,
        inner: httpx2.BaseTransport | None = None,
    ) -> None:
        self._who, self._resolve = who, resolve
        self._own = {_origin(httpx2.URL(address)) for address in own}
        self._inner = inner or httpx2.HTTPTransport(
            limits=httpx2.Limits(max_keepalive_connections=0)
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a question, and whatever it is led on to; see the class."""
        first = came_from = request.url
        for _ in range(REDIRECTS + 1):
            response = self._sent(request, came_from)
            target = _target(request, response)
            if target is None:
                if request.url != first:
                    response.headers["content-location"] = str(request.url)
                return response
            response.close()
            came_from, request = request.url, _led(request, target)
        raise RefusedError(
            f"{self._who}: {_named(first)} was led on more than {REDIRECTS} times; ask for the "
            "address that it ends at"
        )

    def close(self) -> None:
        """See `httpx2.BaseTransport.close`."""
        self._inner.close()

    def _sent(self, request: httpx2.Request, came_from: httpx2.URL) -> httpx2.Response:
        """Send a question to the first address of its host that can be reached."""
        failure: httpx2.TransportError = httpx2.ConnectError(f"{request.url.host} has no address")
        for address in self._checked(request.url, came_from):
            try:
                return self._inner.handle_request(_pinned(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
        raise failure

    def _checked(self, url: httpx2.URL, came_from: httpx2.URL) -> Sequence[str]:
        """Return the addresses of the host of `url`, all of which may be asked."""
        if url.scheme not in SCHEMES or not url.host:
            raise RefusedError(f"{self._who}: {_named(url)} must begin with https:// or http://")
        if url.userinfo:
            raise RefusedError(f"{self._who}: {_named(url)} must hold no user and no password")
        host, origin = url.raw_host.decode("ascii"), _origin(url)
        try:
            found: Sequence[str] = (str(ip_address(host)),)
        except ValueError:
            found = self._resolve(host, origin[2])
        if origin in self._own and origin == _origin(came_from):
            return found
        for address in found:
            if not is_public(address):
                raise RefusedError(
                    f"{self._who}: {_named(url)} leads to {address}, which is not on the public "
                    "internet, and is not asked"
                )
        return found


def _pinned(request: httpx2.Request, address: str) -> httpx2.Request:
    """Return the same question to one address; host header and certificate stay those of the name.

    See `sni_hostname` in httpx's document on extensions.
    """
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )


def _target(request: httpx2.Request, response: httpx2.Response) -> httpx2.URL | None:
    """Return where an answer leads on to, None where it is one."""
    led = response.headers.get("location", "")
    if request.method != "GET" or not led or not response.has_redirect_location:
        return None
    try:
        return request.url.join(led).copy_with(fragment=None)
    except httpx2.InvalidURL as error:
        raise httpx2.RemoteProtocolError(f"it leads on to no address: {error}") from None


def _led(request: httpx2.Request, target: httpx2.URL) -> httpx2.Request:
    """Return the question to where it is led on; keys go nowhere else than they were meant for."""
    is_same = _origin(request.url) == _origin(target)
    headers = {
        name: value
        for name, value in request.headers.items()
        if name != "host" and (is_same or name in _KEPT)
    }
    return httpx2.Request("GET", target, headers=headers, extensions=request.extensions)


def _origin(url: httpx2.URL) -> Origin:
    return url.scheme, url.host, url.port or SCHEMES.get(url.scheme, 0)


def _named(url: httpx2.URL) -> str:
    """Return an address for people: without password, query and length, where keys may stand."""
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{url.path}"[:200]
