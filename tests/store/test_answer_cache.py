"""Answers kept for a while: in memory, in a real Redis, and in one that is not there."""

import os
import secrets
import time
from collections.abc import Iterator

import pytest
import redis

from assay.core.errors import StoreError
from assay.store.answering import AnswerCache, MemoryAnswers, RedisAnswers

DEFAULT_REDIS = "redis://127.0.0.1:6379/0"
NOBODY = "redis://127.0.0.1:1/0"
"""Where nobody listens."""


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Return the URL of a Redis, or skip with the reason."""
    url = os.environ.get("ASSAY_TEST_REDIS_URL", DEFAULT_REDIS)
    try:
        redis.Redis.from_url(url).ping()
    except redis.RedisError as error:
        reason = f"Redis is not there ({error})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return url


@pytest.fixture
def prefix() -> str:
    return f"assay-test:{secrets.token_hex(6)}"


@pytest.fixture(params=["memory", "redis"])
def cache(request: pytest.FixtureRequest, prefix: str) -> Iterator[AnswerCache]:
    if request.param == "memory":
        yield MemoryAnswers()
        return
    found = RedisAnswers(request.getfixturevalue("redis_url"), prefix)
    yield found
    found.clear()


def test_what_was_put_is_there_until_its_time_is_over(cache: AnswerCache) -> None:
    cache.put("EURUSD:1h", "long ø", 60.0)
    cache.put("EURUSD:4h", "short", 0.05)
    time.sleep(0.1)

    assert cache.get("EURUSD:1h") == "long ø"
    assert cache.get("EURUSD:4h") is None
    assert cache.get("GBPUSD:1h") is None
    assert cache.count() == 1


def test_the_newest_text_under_a_name_counts(cache: AnswerCache) -> None:
    cache.put("EURUSD:1h", "before", 60.0)
    cache.put("EURUSD:1h", "after", 60.0)

    assert cache.get("EURUSD:1h") == "after"
    assert cache.count() == 1


def test_clearing_forgets_all_and_says_how_many(cache: AnswerCache) -> None:
    for number in range(1_234):
        cache.put(f"name {number}", "text", 60.0)

    assert cache.clear() == 1_234
    assert cache.count() == 0
    assert cache.clear() == 0


def test_memory_forgets_the_oldest_of_too_many() -> None:
    cache = MemoryAnswers(most=2)
    for name in ("a", "b", "c"):
        cache.put(name, name, 60.0)

    assert [cache.get(name) for name in ("a", "b", "c")] == [None, "b", "c"]


def test_two_processes_share_one_redis_and_other_workspaces_do_not(
    redis_url: str, prefix: str
) -> None:
    one, two = RedisAnswers(redis_url, prefix), RedisAnswers(redis_url, prefix)
    other = RedisAnswers(redis_url, f"{prefix}-other")
    one.put("EURUSD:1h", "text", 60.0)
    other.put("EURUSD:1h", "another", 60.0)

    assert two.get("EURUSD:1h") == "text"
    assert two.clear() == 1
    assert one.get("EURUSD:1h") is None
    assert other.clear() == 1


def test_a_redis_that_is_not_there_is_said_fast_and_not_asked_again_at_once() -> None:
    cache = RedisAnswers(NOBODY, "assay-test")
    begin = time.perf_counter()
    with pytest.raises(StoreError, match="Redis does not answer"):
        cache.get("EURUSD:1h")
    with pytest.raises(StoreError, match="asked again soon"):
        cache.put("EURUSD:1h", "text", 60.0)

    assert time.perf_counter() - begin < 2.0


def test_a_value_of_another_kind_under_our_name_is_no_bug(redis_url: str, prefix: str) -> None:
    client = redis.Redis.from_url(redis_url)
    client.lpush(f"{prefix}:EURUSD:1h", "not ours")

    with pytest.raises(StoreError):
        RedisAnswers(redis_url, prefix).get("EURUSD:1h")

    client.delete(f"{prefix}:EURUSD:1h")
