"""How often somebody may ask, and what one who asks too often is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.api.throttling import MOST_KEYS, Rate, Rates, Throttle
from assay.core.errors import TooOftenError
from assay.workflows.access.backoff import ADDRESSES, NAMES, BackOff

FEW = Rate(per_second=2.0, at_once=3.0)
MANY = Rate(1e9, 1e9)


class Watch:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_bucket_gives_what_it_holds_and_fills_again() -> None:
    watch = Watch()
    throttle = Throttle(Rates(address_reads=FEW), watch)

    waits = [throttle.by_address("a", "GET") for _ in range(4)]
    watch.at += 0.5
    later = [throttle.by_address("a", "GET") for _ in range(2)]

    assert waits == [0.0, 0.0, 0.0, 0.5]
    assert later == [0.0, 0.5]
    assert throttle.by_address("b", "GET") == throttle.by_address("a", "POST") == 0.0


@given(steps=st.lists(st.floats(0.0, 2.0), max_size=60))
def test_in_no_time_is_more_let_through_than_allowed(steps: list[float]) -> None:
    watch = Watch()
    throttle = Throttle(Rates(address_reads=FEW), watch)
    through: list[float] = []

    for step in steps:
        watch.at += step
        wait = throttle.by_address("a", "GET")
        if wait == 0.0:
            through.append(watch.at)

    for n, start in enumerate(through):
        for m, end in enumerate(through[n:], start=1):
            assert m <= FEW.at_once + (end - start) * FEW.per_second + 1e-6


def test_who_waits_as_told_is_let_through() -> None:
    watch = Watch()
    throttle = Throttle(Rates(address_reads=FEW), watch)

    for _ in range(20):
        watch.at += throttle.by_address("a", "GET")
        if throttle.by_address("a", "GET") > 0.0:
            continue

    watch.at += throttle.by_address("a", "GET") + 1e-9
    assert throttle.by_address("a", "GET") == 0.0


def test_only_so_many_askers_are_remembered() -> None:
    throttle = Throttle()

    for n in range(MOST_KEYS + 10):
        throttle.by_address(str(n), "GET")

    assert len(throttle._buckets) == MOST_KEYS


def test_too_many_from_an_address_are_told_to_wait(nobody: TestClient, parts: Parts) -> None:
    parts.throttle.rates = Rates(address_reads=Rate(0.1, 2))

    found = [nobody.get("/healthz") for _ in range(3)]

    assert [said.status_code for said in found] == [200, 200, 429]
    assert 1 <= int(found[2].headers["retry-after"]) <= 10
    assert found[2].headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), [("GET", "me"), ("POST", "ticket")])
def test_too_many_of_one_principal_are_told_to_wait(
    client: TestClient, parts: Parts, method: str, path: str
) -> None:
    few = Rate(0.1, 2)
    parts.throttle.rates = Rates(principal_reads=few, principal_changes=few)

    found = [client.request(method, f"/api/v1/access/{path}") for _ in range(3)]

    assert [said.status_code for said in found] == [200, 200, 429]
    assert 1 <= int(found[2].headers["retry-after"]) <= 10


def test_a_load_of_a_thousand_reads_a_second_is_let_through() -> None:
    watch = Watch()
    throttle = Throttle(ticks=watch)

    for _ in range(30_000):
        watch.at += 0.001
        throttle.by_principal("token-1", "GET")
        assert throttle.by_address("127.0.0.1", "GET") == 0.0

    with pytest.raises(HTTPException, match="asked too often"):
        ask_often(throttle)


def ask_often(throttle: Throttle) -> None:
    for _ in range(10_000):
        throttle.by_principal("token-1", "GET")


def failures(backoff: BackOff, watch: Watch, many: int, *, name: str, address: str) -> list[float]:
    """Return how long each of so many failing attempts had to wait for its turn."""
    waited = []
    for _ in range(many):
        before = watch.at
        while True:
            try:
                backoff.attempt(name=name, address=address)
                break
            except TooOftenError as error:
                watch.at += error.retry_after
        waited.append(watch.at - before)
    return waited


def test_each_failure_waits_twice_as_long_up_to_a_limit() -> None:
    watch = Watch()

    waited = failures(BackOff(watch), watch, 30, name="anna", address="a")

    assert waited[:10] == [0.0] * 10
    assert waited[10:16] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    assert max(waited) == ADDRESSES.longest


def test_a_name_that_is_attacked_from_everywhere_is_not_closed_for_long() -> None:
    watch = Watch()
    backoff = BackOff(watch)

    for n in range(50):
        failures(backoff, watch, 1, name="anna", address=str(n))

    assert failures(backoff, watch, 1, name="anna", address="hers")[0] <= NAMES.longest


def test_success_makes_a_name_new_and_an_hour_makes_all_new() -> None:
    watch = Watch()
    backoff = BackOff(watch)
    failures(backoff, watch, 10, name="anna", address="a")
    watch.at += 1.0

    backoff.attempt(name="anna", address="a")
    backoff.succeeded(name="anna", address="a")
    backoff.attempt(name="anna", address="b")
    watch.at += 3_601.0

    assert failures(backoff, watch, 10, name="anna", address="a") == [0.0] * 10


def test_many_attempts_at_once_are_counted_before_they_are_made() -> None:
    backoff = BackOff(Watch())

    refused = 0
    for _ in range(100):
        try:
            backoff.attempt(name="anna", address="a")
        except TooOftenError:
            refused += 1

    assert refused == 100 - NAMES.free
    assert backoff._attempts["name", "anna"].n == NAMES.free
