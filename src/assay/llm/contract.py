"""One port to language models: a request in, an answer or a named failure out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol

from assay.core import ids
from assay.core.errors import SettingsError
from assay.llm.schema import refuse_open


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation; text from outside may stand in a user turn only."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True)
class Request:
    """Everything an answer depends on: two equal requests have the same digest.

    `schema` is a closed JSON schema (see `llm.schema`); `repeat_index` tells repeats of one
    question apart. No sampling parameters: models differ in which they take, and the cache, not a
    temperature, makes an answer repeatable.
    """

    system: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    provider: str
    model: str
    max_tokens: int
    prompt_version: str
    repeat_index: int = 0

    def __post_init__(self) -> None:
        if not self.messages or self.messages[-1].role != "user":
            raise SettingsError("A request ends with a user turn")
        if self.max_tokens < 1 or self.repeat_index < 0:
            raise SettingsError("A request needs at least one token and a repeat index from 0 on")
        refuse_open(self.schema)

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the canonical bytes, the key of the cache."""
        return ids.digest(_plain(self))


def canonical(request: Request) -> bytes:
    """Return the one byte string of the whole request; no clock, no chance, no address in it."""
    return ids.canonical(_plain(request))


class Rung(StrEnum):
    """By which means the answer was held to the schema, strongest first."""

    EMBEDDED = "embedded"
    NATIVE_SCHEMA = "native_schema"
    STRICT_TOOL = "strict_tool"
    RESPONSE_FORMAT = "response_format"
    JSON_OBJECT = "json_object"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, as the provider counts them; 0 for one that counts none."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for the request with the digest `request`.

    `raw` is the answer's text, kept for ever; `parsed` is None where it did not fit the schema, and
    `problem` says why. Only `llm.ask.ask` sets `parsed`, after its own check of the schema.
    """

    request: str
    provider: str
    model: str
    rung: Rung
    raw: str
    parsed: Mapping[str, Any] | None = None
    problem: str | None = None
    usage: Usage = Usage()


class Provider(ABC):
    """Sends a request somewhere and returns what was said, unjudged.

    Busy is `TransientError`, no is `RefusedError`. A refusal to answer, a cut-off or prose is not
    an error: it is a raw text that does not fit the schema.
    """

    name: ClassVar[str]
    needs_network: ClassVar[bool]
    model: str
    max_tokens: int = 2_000

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Return the raw answer; `parsed` and `problem` are left None."""


class Cache(Protocol):
    """Keeps answers by the digest of their request; `store` has one."""

    def get(self, digest: str) -> Answer | None:
        """Return the answer kept under `digest`, or None."""
        ...

    def put(self, answer: Answer) -> None:
        """Keep `answer` under its request's digest; the first one stays."""
        ...


class Budget(Protocol):
    """Counts tokens by run, day and month; `store` has one."""

    def reserve(self, digest: str, tokens: int) -> None:
        """Set `tokens` aside before the call, or raise `RefusedError` where none are left."""
        ...

    def settle(self, digest: str, usage: Usage) -> None:
        """Replace what was set aside by what was used."""
        ...


def _plain(request: Request) -> dict[str, Any]:
    return {
        "system": request.system,
        "messages": [[message.role, message.content] for message in request.messages],
        "schema": request.schema,
        "provider": request.provider,
        "model": request.model,
        "max_tokens": request.max_tokens,
        "prompt_version": request.prompt_version,
        "repeat_index": request.repeat_index,
    }
