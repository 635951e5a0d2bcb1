"""What went wrong, as RFC 9457 has it: `application/problem+json`, one sentence, an id."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from assay.core.errors import (
    AccessError,
    ArtefactError,
    AssayError,
    HistoryError,
    JournalError,
    MissingExtraError,
    NotFoundError,
    RefusedError,
    RightsError,
    StoreError,
    TooOftenError,
    TransientError,
    UserError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
"""When a database that is away is worth asking again."""
STATUSES: tuple[tuple[type[AssayError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (HistoryError, HTTPStatus.CONFLICT),
    (MissingExtraError, HTTPStatus.NOT_IMPLEMENTED),
    (AccessError, HTTPStatus.UNAUTHORIZED),
    (RightsError, HTTPStatus.FORBIDDEN),
    (UserError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ArtefactError, HTTPStatus.CONFLICT),
    (JournalError, HTTPStatus.CONFLICT),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (TooOftenError, HTTPStatus.TOO_MANY_REQUESTS),
    (TransientError, HTTPStatus.SERVICE_UNAVAILABLE),
    (RefusedError, HTTPStatus.BAD_GATEWAY),
)
"""The first that fits is taken."""


class Problem(BaseModel):
    """Why a question was not answered; `detail` is one sentence that says what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:assay:not-found",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "There is no symbol 'EURUDS'; did you mean EURUSD?",
                    "instance": "req-0b1f6f2c4a3d",
                }
            ]
        }
    )

    type: str = Field(description="Which kind of problem, as urn:assay:not-found.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="One sentence: what was asked, what was found, what to do.")
    instance: str = Field(description="The id of the request; the log holds more under it.")


def status_of(error: AssayError) -> HTTPStatus:
    """Return the HTTP status of one of our errors.

    >>> int(status_of(NotFoundError("There is no symbol 'EURUDS'")))
    404
    """
    return next(
        (status for kind, status in STATUSES if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def retry_after(error: AssayError) -> int | None:
    """Return after how many seconds it is worth asking again, None where it never is."""
    if isinstance(error, TransientError):
        return max(1, round(error.retry_after))
    is_store = isinstance(error, StoreError) and not isinstance(error, JournalError)
    return RETRY_SECONDS if is_store else None


def problem(
    status: int, detail: str, request_id: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return the answer for a problem."""
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"urn:assay:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "instance": request_id,
    }
    return JSONResponse(body, int(status), headers, MEDIA_TYPE)


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "The question cannot be answered as it was asked.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
    "5XX": {
        "description": "Something that the service needs is not there.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}
"""What every endpoint may answer besides."""
