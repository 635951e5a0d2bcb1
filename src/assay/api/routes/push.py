"""The push channel: bars, signals, alerts and jobs as they come."""

from functools import partial

from fastapi import APIRouter
from starlette.websockets import WebSocket

from assay.api.guards import is_let_in, websocket_principal
from assay.api.parts import parts_of
from assay.api.push.talk import talk

router = APIRouter(prefix="/api/v1", tags=["push"])


@router.websocket("/push")
async def push(websocket: WebSocket) -> None:
    """Send who may read what they subscribe to, numbered; see `push.talk` for what may be said."""
    principal = await websocket_principal(websocket)
    await talk(websocket, parts_of(websocket).hub, partial(is_let_in, websocket, principal))
