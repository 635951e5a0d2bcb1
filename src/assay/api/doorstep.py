"""Before anything else: the service must be meant, and one of its own pages, or none, must ask.

A name that somebody else lets point at this machine (DNS rebinding) is refused by its `Host`, and a
page from elsewhere by its `Origin`; WebSockets, to which browsers apply no rule of their own, too.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from assay.api.problems import problem
from assay.api.serving import Serving

DEFAULT_PORTS = {"http": 80, "https": 443}
POLICY_VIOLATION = 1008


class Doorstep:
    """Lets through what names one of `serving.hosts`, and comes from there or from no page."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self._app, self._serving = app, serving
        self._scheme = "https" if serving.is_encrypted else "http"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request or WebSocket through, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refused(headers.getlist("host"), headers.getlist("origin"))
        if refused is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await problem(*refused, scope["state"]["request_id"])(scope, receive, send)
        else:
            reason = refused[1][:120]  # a frame of control holds 123 bytes
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})

    def _refused(self, hosts: list[str], origins: list[str]) -> tuple[int, str] | None:
        """Return the status and the sentence of a refusal, None where there is none."""
        if len(hosts) != 1 or _parts(f"{self._scheme}://{hosts[0]}") is None:
            return 400, "A request names one Host; this one does not"
        host = hosts[0].lower()
        name = _parts(f"{self._scheme}://{host}")
        if name is None or name[1] not in self._serving.hosts:
            return 421, (
                f"The service is not called {hosts[0]!r:.100}; call it by its address, or start it "
                "with --name"
            )
        if origins and not (len(origins) == 1 and self._is_own(origins[0].lower(), host)):
            return 403, (
                f"A page of {origins[0]!r:.100} may not use the service; only its own pages may"
            )
        return None

    def _is_own(self, origin: str, host: str) -> bool:
        """Say whether an origin is the service's: what it is called by, port and all.

        Ports count, for the cookies of one name go to all of them. A proxy may have put another
        name into `Host` than browsers know, so the service's further names are its own as well.
        """
        found = _parts(origin)
        if found is None:
            return False
        if found == _parts(f"{self._scheme}://{host}"):
            return True
        return any(
            found == _parts(f"{self._scheme}://{name.lower()}") for name in self._serving.names
        )


def _parts(address: str) -> tuple[str, str, int | None] | None:
    """Return scheme, name and port of an address that has nothing else; None where it has.

    >>> _parts("http://127.0.0.1:8420"), _parts("https://[::1]"), _parts("null")
    (('http', '127.0.0.1', 8420), ('https', '[::1]', 443), None)
    """
    try:
        found = urlsplit(address)
        port = found.port or DEFAULT_PORTS.get(found.scheme)
    except ValueError:
        return None
    is_bare = not (found.path or found.query or found.fragment or "@" in found.netloc)
    name = found.hostname
    if not (is_bare and found.scheme and name):
        return None
    return found.scheme, f"[{name}]" if ":" in name else name, port
