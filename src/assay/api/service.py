"""The service as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from assay.api.auditing import Audited
from assay.api.catalog import routers
from assay.api.doorstep import Doorstep
from assay.api.guards import ASK_HOW
from assay.api.observing import Capped, Observed
from assay.api.parts import Parts
from assay.api.problems import RESPONSES, Problem, problem, retry_after, status_of
from assay.api.serving import MOST_BODY_BYTES
from assay.api.tagging import Tagged
from assay.api.throttling import Throttled
from assay.core.errors import AssayError

DESCRIPTION = (
    "Trading signals you can question: what, why, and how do you know? Times are UTC (RFC 3339). "
    "Every list comes in pages. A problem is one sentence (RFC 9457). What takes long is a job. "
    "A figure that comes from a simulation says so: `simulated`."
)
SECRETIVE = ("/api/v1/access", "/api/v1/people", "/api/v1/tokens")
"""Where passwords are sent: what is sent there is never sent back."""
SECRET_WORDS = ("password", "secret", "token", "key", "url")


def make(parts: Parts) -> FastAPI:
    """Return the application that answers with `parts`; its life begins when it is served.

    An extra that is needed for how it is run, and lacks, is a `MissingExtraError`.
    """
    live = parts.live

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        live.start()
        await run_in_threadpool(parts.office.start)
        parts.is_ready = True
        try:
            yield
        finally:
            parts.is_ready = False
            parts.hub.close()
            await run_in_threadpool(parts.office.stop)
            await run_in_threadpool(live.stop)

    app = FastAPI(
        title="Assay",
        version=version("assay"),
        description=DESCRIPTION,
        lifespan=life,
        responses=RESPONSES,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        separate_input_output_schemas=False,
    )
    app.state.parts = parts
    for _, router in routers():
        app.include_router(router)
    _add_problems(app)
    app.add_middleware(Tagged)
    app.add_middleware(Audited, door=parts.door)
    app.add_middleware(Capped, most=MOST_BODY_BYTES)
    app.add_middleware(Throttled, throttle=parts.throttle)
    app.add_middleware(Doorstep, serving=parts.serving)
    app.add_middleware(Observed, metrics=parts.metrics, encrypted=parts.serving.is_encrypted)
    return app


def _add_problems(app: FastAPI) -> None:
    """Let every error be answered with a problem."""

    @app.exception_handler(AssayError)
    async def ours(request: Request, error: AssayError) -> JSONResponse:
        seconds = retry_after(error)
        headers = {"retry-after": str(seconds)} if seconds else {}
        status = status_of(error)
        asked = ASK_HOW if status == HTTPStatus.UNAUTHORIZED else {}
        return problem(status, str(error), request.state.request_id, headers | asked)

    @app.exception_handler(HTTPException)
    async def theirs(request: Request, error: HTTPException) -> JSONResponse:
        said = {
            404: f"There is nothing at {request.url.path}; /api/openapi.json lists what there is",
            405: f"{request.url.path} does not take {request.method}",
        }
        detail = said.get(error.status_code, str(error.detail))
        headers = dict(error.headers) if error.headers else None
        return problem(error.status_code, detail, request.state.request_id, headers)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            reason = first.get("ctx", {}).get("error", "it is cut")
            said = f"The body is no JSON ({reason}); send one JSON value"
            return problem(400, said, request.state.request_id)
        said = _sentence(error, shown=not request.url.path.startswith(SECRETIVE))
        return problem(422, said, request.state.request_id)

    app.openapi_schema = None
    made = app.openapi

    def with_problem() -> dict[str, object]:
        found = made()
        schemas = found.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault("Problem", Problem.model_json_schema())
        return found

    app.openapi = with_problem  # type: ignore[method-assign]


def _sentence(error: RequestValidationError, *, shown: bool) -> str:
    """Return what is wrong with a question: the first thing, and how many more there are.

    What was found is `shown` where it can be no secret, misplaced or not.
    """
    first, *more = error.errors()
    place, *path = first["loc"]
    name = ".".join(str(part) for part in path) or str(place)
    found = first.get("input")
    may = shown and not any(word in name.lower() for word in SECRET_WORDS)
    was = f", found {found!r:.80}" if may and isinstance(found, str | int | float | bool) else ""
    also = f" ({len(more)} more mistakes)" if more else ""
    message = str(first["msg"])
    return f"{name} in the {place}: {message[:1].lower()}{message[1:]}{was}{also}"
