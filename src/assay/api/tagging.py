"""An `ETag` for what is read: who has it already is told so, and sent nothing."""

from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 4_000_000
"""Bytes; longer answers go out untagged, so that they are not held in memory twice."""


class Tagged:
    """Tags every answer to a GET with a hash of its bytes (RFC 9110, section 8.8.3)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        begun: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and _is_worth_it(message):
                begun = message
                return
            if begun is None or message["type"] != "http.response.body":
                await send(message)
                return
            start, begun = begun, None
            if message.get("more_body"):
                await send(start)
                await send(message)
                return
            tag = f'W/"{blake2b(message.get("body", b""), digest_size=12).hexdigest()}"'
            headers = MutableHeaders(scope=start)
            headers["etag"] = tag
            if tag in (one.strip() for one in known.split(",")):
                del headers["content-length"]
                await send({**start, "status": 304})
                await send({"type": "http.response.body", "body": b""})
                return
            await send(start)
            await send(message)

        await self._app(scope, receive, tagged)


def _is_worth_it(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    length = headers.get("content-length", "")
    return (
        message["status"] == 200
        and "etag" not in headers
        and length.isdigit()
        and (int(length) <= LONGEST)
    )
