"""What a client may say on the push channel, and what it is answered."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from assay.api.push.hub import Hub, Listener
from assay.core.errors import SettingsError

HEARTBEAT_SECONDS = 15.0
SWEEP_SECONDS = 1.0
LONGEST_MESSAGE = 32_768
"""Characters; what a client says is short."""
LAST_WORDS_SECONDS = 2.0
"""So long a client that is sent away is waited for; it may be one that takes nothing."""
MALFORMED_CODE, UNWELCOME_CODE = 4400, 1008
REASON_BYTES = 120
"""A close frame has no room for more."""

Names = Annotated[list[str], Field(max_length=500)]


class Said(BaseModel):
    """One message of a client; several of its parts may come together, and are done in order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    unsubscribe: Names = []
    subscribe: Names = []
    resume: Annotated[int, Field(ge=0, le=2**53)] | None = None
    stream: Annotated[str, Field(max_length=40)] | None = None


Welcome = Callable[[], Awaitable[bool]]
"""Says whether the client may still listen; asked at every heartbeat."""


async def talk(
    websocket: WebSocket, hub: Hub, welcome: Welcome, seconds: float = HEARTBEAT_SECONDS
) -> None:
    """Hold the conversation with one client until it leaves, is sent away or the service stops.

    Every so many `seconds` there is a heartbeat.
    """
    await websocket.accept()
    listener = hub.join()
    jobs: list[asyncio.Future[Any]] = [
        asyncio.ensure_future(_listen(websocket, hub, listener)),
        asyncio.ensure_future(_tell(websocket, hub, listener)),
        asyncio.ensure_future(_beat(websocket, hub, listener, welcome, seconds)),
        listener.ended,
    ]
    try:
        done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        code, why = _ending(done, listener)
    finally:
        hub.leave(listener)
        for job in jobs:
            job.cancel()
        await asyncio.wait(jobs)
    if code and websocket.client_state is WebSocketState.CONNECTED:
        with contextlib.suppress(TimeoutError, RuntimeError, OSError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await websocket.close(code, why)


def _ending(done: Iterable[asyncio.Future[Any]], listener: Listener) -> tuple[int, str]:
    """Return the code and reason of the end; 0 where the client left by itself."""
    for job in done:
        error = job.exception()
        if isinstance(error, SettingsError):
            return MALFORMED_CODE, _short(str(error))
        if error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError):
            raise error
    if not listener.ended.done():
        return 0, ""
    code, why = listener.ended.result()
    return code, _short(why)


async def _listen(websocket: WebSocket, hub: Hub, listener: Listener) -> None:
    """Do what the client says; a message that cannot be read is a `SettingsError`."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        gap = understood(message.get("text"), hub, listener)
        if gap:
            await _send(websocket, listener, gap)


def understood(text: str | None, hub: Hub, listener: Listener) -> str | None:
    """Do what `text` says, and return what is to be answered at once, if anything is."""
    said = _parsed(text)
    listener.topics.add(said.subscribe)
    listener.topics.remove(said.unsubscribe)
    if said.resume is None:
        return None
    if said.stream is None:
        raise SettingsError("To resume needs the stream beside the number: the heartbeat names it")
    if said.stream == hub.stream and said.resume > hub.last:
        raise SettingsError(
            f"Message {said.resume} was asked to be resumed after, but the last is {hub.last}"
        )
    lost = hub.resume(listener, said.stream, said.resume)
    if lost is None:
        return None
    return json.dumps({"gap": {"from": lost.first, "to": lost.last}, "stream": hub.stream})


def _parsed(text: str | None) -> Said:
    if text is None:
        raise SettingsError("Bytes were sent; a message is one JSON object as text")
    if len(text) > LONGEST_MESSAGE:
        raise SettingsError(f"A message has at most {LONGEST_MESSAGE:,} characters")
    try:
        return Said.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "the message"
        raise SettingsError(f"{name} cannot be understood: {first['msg']}") from None


async def _tell(websocket: WebSocket, hub: Hub, listener: Listener) -> None:
    """Send what there is to send, as fast as the client takes it."""
    while True:
        turn, due = listener.turn, hub.due(listener)
        if not due:
            await listener.more()
            continue
        for message in due:
            await _send(websocket, listener, message.text)
            if not listener.took(message.seq, turn):
                break
        await asyncio.sleep(0)


async def _beat(
    websocket: WebSocket, hub: Hub, listener: Listener, welcome: Welcome, seconds: float
) -> None:
    """Say now and then which stream this is and how far it has come; drop who takes nothing."""
    loop = asyncio.get_running_loop()
    while await welcome():
        await _send(websocket, listener, heartbeat(hub, listener.position, seconds))
        due = loop.time() + seconds
        while loop.time() < due:
            await asyncio.sleep(min(SWEEP_SECONDS, seconds))
            hub.check(listener, loop.time())
    listener.drop(UNWELCOME_CODE, "What let you in counts no more; log in again")


def heartbeat(hub: Hub, last: int, seconds: float) -> str:
    """Return what a client hears at first and every so many seconds.

    `last` is the number up to which it has been sent all that it wants: it can resume from there.
    """
    return (
        f'{{"heartbeat":{{"stream":"{hub.stream}","last":{last},"at":{hub.now()},'
        f'"seconds":{seconds:g}}}}}'
    )


async def _send(websocket: WebSocket, listener: Listener, text: str) -> None:
    listener.sending_since = listener.sending_since or asyncio.get_running_loop().time()
    await websocket.send_text(text)
    listener.sending_since = None


def _short(text: str) -> str:
    return text.encode()[:REASON_BYTES].decode(errors="ignore")
