"""Around every request: its id, its log line, its count, its headers, and an answer to a bug."""

import secrets
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay.api.logs import logger
from assay.api.metrics import Metrics
from assay.api.problems import problem

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""No script and no style but our own files; nobody may frame a page."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
FOREVER_TLS = "max-age=31536000; includeSubDomains"
BUG = (
    "This is a bug in Assay, not a mistake of yours; nothing was half-written. The log has more "
    "under the id of this answer"
)
UNKNOWN_ROUTE = "unknown"


class Observed:
    """Wraps the whole service; `encrypted` adds the header that keeps browsers to TLS."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, encrypted: bool) -> None:
        self._app, self._metrics = app, metrics
        self._headers = HEADERS | ({"strict-transport-security": FOREVER_TLS} if encrypted else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hold one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = f"req-{secrets.token_hex(6)}"
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        begin, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("cache-control", "no-cache, private")
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception:  # noqa: BLE001 - the last edge: it is logged, and answered
            logger().exception("bug", path=scope["path"])
            if status == 0:
                await problem(500, BUG, request_id)(scope, receive, sent)
        finally:
            self._told(scope, status or 499, time.perf_counter() - begin)

    def _told(self, scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        """Count and log an answer; 499 is one that nobody waited for."""
        route = getattr(scope.get("route"), "path", UNKNOWN_ROUTE)
        self._metrics.requests.labels(scope["method"], route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        quiet = status < 400 and route in ("/healthz", "/readyz", "/metrics")
        if not quiet:
            logger().info(
                "answered",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round(seconds * 1000, 1),
                who=scope["state"].get("who"),
            )


class Capped:
    """Refuses bodies of more than `most` bytes, also those that do not say how long they are."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through as far as its body may be."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told) > self._most:
            await self._refused(scope, receive, send)
            return
        came = 0
        answered = False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            if message["type"] == "http.request":
                came += len(message.get("body", b""))
                if came > self._most:
                    raise _TooLongError
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLongError:
            if not answered:
                await self._refused(scope, receive, send)

    async def _refused(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = f"The body is longer than {self._most:,} bytes; send less at once"
        await problem(413, said, scope["state"]["request_id"])(scope, receive, send)


class _TooLongError(Exception):
    """More came than may be."""
