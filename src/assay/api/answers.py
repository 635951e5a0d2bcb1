"""The cache of answers to questions for signals, one for a service."""

from threading import Lock
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from assay.api.logs import logger
from assay.api.parts import Parts, parts_of
from assay.workflows.answering import Answers, cache_of

_MAKING = Lock()


def answers_of(connection: HTTPConnection) -> Answers:
    """Return the answers of the service that answers; the first question makes the cache."""
    state = connection.app.state
    with _MAKING:
        if not hasattr(state, "answers"):
            state.answers = _made(parts_of(connection))
    found: Answers = state.answers
    return found


def _made(parts: Parts) -> Answers:
    counter = parts.metrics.answers
    return Answers(
        parts.desk,
        cache_of(parts.desk, parts.serving.redis_url),
        told=lambda reason: logger().warning("answers are not kept", reason=reason),
        counted=lambda found: counter.labels(found).inc(),
    )


AnswersDep = Annotated[Answers, Depends(answers_of)]
