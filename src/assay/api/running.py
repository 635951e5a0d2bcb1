"""Run the service until somebody stops it."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from socket import socket

import uvicorn

from assay.api.logs import logger, set_up
from assay.api.parts import Parts
from assay.api.service import make
from assay.api.serving import GRACE_SECONDS, Serving
from assay.core.errors import SettingsError
from assay.workflows.access.logins import first_token
from assay.workflows.desk import Desk
from assay.workflows.jobs.office import Office

STOPS = (signal.SIGINT, signal.SIGTERM)
LONGEST_FRAME_BYTES = 65_536
"""What a client says over a WebSocket is short. What it is told is not packed: for two hundred
clients that costs more than the bytes do."""


def serve(
    desk: Desk, serving: Serving, told: Callable[[str], None], office: Office | None = None
) -> None:
    """Answer until stopped by Ctrl-C or SIGTERM; `told` is called with the address when ready.

    While the workspace belongs to nobody, the address ends with the token that makes its owner: in
    a fragment, which a browser keeps to itself. What is under way is answered before it ends, for
    `GRACE_SECONDS`. A port that is taken is a `SettingsError`. `office` does the jobs; without,
    they are only queued.
    """
    set_up()
    app = make(Parts(desk, serving, working=office))
    server = _Server(
        uvicorn.Config(
            app,
            host=serving.host,
            port=serving.port,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=serving.behind_proxy,
            forwarded_allow_ips=list(serving.proxies),
            timeout_graceful_shutdown=GRACE_SECONDS,
            ws="websockets-sansio",
            ws_max_size=LONGEST_FRAME_BYTES,
            ws_per_message_deflate=False,
            ssl_certfile=serving.certificate,
            ssl_keyfile=serving.key,
        ),
        lambda: told(_address(desk, serving)),
    )
    try:
        server.run()
    except SystemExit:
        raise SettingsError(
            f"The service could not listen at {serving.host}:{serving.port}, which is taken or "
            "not ours to take; name another with --port"
        ) from None
    finally:
        desk.close()
        logger().info("stopped")


def _address(desk: Desk, serving: Serving) -> str:
    token = first_token(desk)
    return f"{serving.address}/#owner={token}" if token else serving.address


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End well by a signal: uvicorn would raise it again when all is over."""
        before = {one: signal.signal(one, self.handle_exit) for one in STOPS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """See `uvicorn.Server.startup`."""
        await super().startup(sockets)
        if self.started:
            self._ready()
