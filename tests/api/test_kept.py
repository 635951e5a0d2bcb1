"""Answers kept as bytes: as long as nothing changed, and no more of them than may be."""

import threading
import time

import pytest
from pydantic import BaseModel

from assay.api.kept import Kept


class Said(BaseModel):
    text: str


def test_an_answer_is_made_once_a_version() -> None:
    kept, made = Kept(), []

    def make() -> Said:
        made.append(1)
        return Said(text=f"number {len(made)}")

    bodies = [kept.answer("q", version, make).body for version in (1, 1, 2, 2, 1)]

    assert bodies == [
        b'{"text":"number 1"}', b'{"text":"number 1"}', b'{"text":"number 2"}',
        b'{"text":"number 2"}', b'{"text":"number 3"}',
    ]  # fmt: skip


def test_of_many_who_ask_at_once_one_makes_it() -> None:
    kept, made = Kept(), []

    def make() -> Said:
        made.append(1)
        time.sleep(0.05)
        return Said(text="x")

    threads = [threading.Thread(target=lambda: kept.answer("q", 1, make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1


def test_what_fails_is_not_kept() -> None:
    kept = Kept()

    def fail() -> Said:
        raise LookupError("not yet")

    with pytest.raises(LookupError):
        kept.answer("q", 1, fail)

    assert kept.answer("q", 1, lambda: Said(text="now")).body == b'{"text":"now"}'


def test_the_answer_asked_for_longest_ago_is_let_go_first() -> None:
    kept, made = Kept(most_bytes=40), []

    def ask(question: str) -> None:
        def make() -> Said:
            made.append(question)
            return Said(text="x" * 5)

        kept.answer(question, 1, make)

    for question in ("a", "b", "a", "c", "a", "b"):
        ask(question)

    assert made == ["a", "b", "c", "b"]
