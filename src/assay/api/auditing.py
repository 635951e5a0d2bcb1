"""Every call that changes something leaves a line in the audit log: who, what, how it ended."""

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Asked

from assay.api.logs import logger
from assay.api.throttling import READS, address_of
from assay.core.errors import StoreError
from assay.core.values.scope import Scope
from assay.workflows.access.door import Door
from assay.workflows.access.principal import Place, Principal

NO_ANSWER = 500


class Audited:
    """Writes the line after the answer, so that nobody waits for it.

    What needs only the right to read changes nothing, and who is not known is counted and logged
    but fills no database. Logins and the like write lines of their own, which say more. From where
    somebody asked to be erased is not kept.
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        """Answer one request and write down how it ended."""
        if scope["type"] != "http" or scope["method"] in READS:
            await self._app(scope, receive, send)
            return
        status = NO_ANSWER

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            principal = scope["state"].get("principal")
            if principal is not None and scope["state"].get("right") is not Scope.READ:
                await run_in_threadpool(self._note, scope, principal, status)

    def _note(self, scope: Asked, principal: Principal, status: int) -> None:
        route = getattr(scope.get("route"), "path", scope["path"])
        about = f"{scope['method']} {route}"
        try:
            own = principal.person_id
            is_erased = own is not None and self._door.people.get(own) is None
            place = None if is_erased else Place(address_of(scope))
            self._door.note(principal.who, "call", about=about, outcome=str(status), place=place)
        except StoreError as error:
            logger().error("not audited", about=about, status=status, why=str(error))
