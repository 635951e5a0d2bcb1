"""Asking: look in the cache, set tokens aside, call, settle, check, keep."""

from dataclasses import replace

from assay.core.errors import SettingsError
from assay.llm.contract import Answer, Budget, Cache, Provider, Request, canonical
from assay.llm.schema import read

_BYTES_PER_TOKEN = 3
"""Few bytes a token, so that what is set aside is rather too much than too little."""


def ask(
    provider: Provider,
    request: Request,
    *,
    cache: Cache | None = None,
    budget: Budget | None = None,
) -> Answer:
    """Return the checked answer; `parsed` is None, and `problem` says why, where it does not fit.

    What the cache holds is checked again, by today's schema, and costs nothing. An exhausted budget
    is `RefusedError` before anything is sent. A misfit is kept too: it cost as much, and history
    must replay as it was.
    """
    if (request.provider, request.model) != (provider.name, provider.model):
        raise SettingsError(
            f"The request is for {request.provider} {request.model}; "
            f"found {provider.name} {provider.model}"
        )
    digest = request.digest
    kept = cache.get(digest) if cache else None
    if kept is not None:
        return _checked(kept, request)
    if budget:
        budget.reserve(digest, len(canonical(request)) // _BYTES_PER_TOKEN + request.max_tokens)
    answer = provider.answer(request)
    if answer.request != digest:
        raise SettingsError(f"{provider.name} answered another request than the one it was asked")
    if budget:
        budget.settle(digest, answer.usage)
    checked = _checked(answer, request)
    if cache:
        cache.put(checked)
    return checked


def _checked(answer: Answer, request: Request) -> Answer:
    parsed, problem = read(answer.raw, request.schema)
    return replace(answer, parsed=parsed, problem=problem)
