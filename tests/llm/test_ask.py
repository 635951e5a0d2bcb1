"""Requests have one name each; answers are cached, paid for once, and checked every time."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import RefusedError, SettingsError
from assay.llm.ask import ask
from assay.llm.contract import Answer, Message, Request, Usage, canonical
from assay.llm.fence import fenced, unfenced
from tests.analyst.makers import Said

SCHEMA = {
    "type": "object",
    "properties": {"cap": {"enum": [0, 100]}},
    "required": ["cap"],
    "additionalProperties": False,
}
REQUEST = Request("Judge.", (Message("user", "Now"),), SCHEMA, "said", "said-1", 100, "v1")


@dataclass
class Kept:
    """A cache in memory."""

    answers: dict[str, Answer] = field(default_factory=dict)

    def get(self, digest: str) -> Answer | None:
        """Return the kept answer."""
        return self.answers.get(digest)

    def put(self, answer: Answer) -> None:
        """Keep the first answer."""
        self.answers.setdefault(answer.request, answer)


@dataclass
class Purse:
    """A budget in memory."""

    left: int
    log: list[tuple[str, int]] = field(default_factory=list)

    def reserve(self, digest: str, tokens: int) -> None:
        """Set tokens aside or refuse."""
        if tokens > self.left:
            raise RefusedError(f"{tokens:,} tokens were asked for and {self.left:,} are left")
        self.log.append(("reserve", tokens))

    def settle(self, digest: str, usage: Usage) -> None:
        """Note what was used."""
        self.log.append(("settle", usage.input_tokens + usage.output_tokens))


@pytest.mark.parametrize(
    "change",
    [
        {"system": "Other."},
        {"messages": (Message("user", "Then"),)},
        {"schema": {**SCHEMA, "description": "x"}},
        {"provider": "other"},
        {"model": "other"},
        {"max_tokens": 101},
        {"prompt_version": "v2"},
        {"repeat_index": 1},
    ],
)
def test_every_field_is_part_of_the_name(change: dict[str, object]) -> None:
    other = replace(REQUEST, **change)  # type: ignore[arg-type] # one field at a time

    assert other.digest != REQUEST.digest
    assert canonical(other) != canonical(REQUEST)
    assert replace(REQUEST).digest == REQUEST.digest


def test_a_request_ends_with_the_user() -> None:
    with pytest.raises(SettingsError, match="user turn"):
        replace(REQUEST, messages=(Message("assistant", "Hm"),))


def test_the_second_time_it_comes_from_the_cache_and_costs_nothing() -> None:
    provider, cache, purse = Said('{"cap":100}'), Kept(), Purse(10_000)

    first = ask(provider, REQUEST, cache=cache, budget=purse)
    second = ask(Said("never asked"), REQUEST, cache=cache, budget=purse)

    assert first.parsed == {"cap": 100} == second.parsed
    assert len(provider.requests) == 1
    assert [what for what, _ in purse.log] == ["reserve", "settle"]


def test_a_misfit_is_kept_as_it_was_said() -> None:
    cache = Kept()

    answer = ask(Said('{"cap":50}'), REQUEST, cache=cache)

    assert answer.parsed is None
    assert answer.problem is not None
    assert cache.answers[REQUEST.digest].raw == '{"cap":50}'


def test_what_the_cache_holds_is_checked_again() -> None:
    cache = Kept()
    ask(Said('{"cap":100}'), REQUEST, cache=cache)
    forged = replace(cache.answers[REQUEST.digest], raw='{"cap":900}', parsed={"cap": 900})
    cache.answers[REQUEST.digest] = forged

    assert ask(Said(""), REQUEST, cache=cache).parsed is None


def test_an_empty_purse_sends_nothing() -> None:
    provider = Said('{"cap":100}')

    with pytest.raises(RefusedError, match="are left"):
        ask(provider, REQUEST, budget=Purse(10))
    assert provider.requests == []


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_what_is_fenced_comes_back_and_cannot_break_out(value: dict[str, str]) -> None:
    text = fenced(value)

    assert unfenced("Read this.\n" + text) == value
    assert text.count("<") == text.count(">") == 2
    assert fenced(value) == text


def test_an_altered_fence_is_not_read() -> None:
    text = fenced({"a": "1"})

    assert unfenced(text.replace('"1"', '"2"')) is None
    assert unfenced(text + " and more") is None
