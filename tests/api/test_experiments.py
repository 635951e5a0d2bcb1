"""Runs of experiments are told as they were kept, and compared."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import served
from tests.workflows.experiments import looked

HERE = "/api/v1/experiments"


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("runs")
    return {"home": str(folder / "home"), **looked.build(folder / "home", folder)}


@pytest.fixture(scope="module")
def asked(ids: dict[str, str]) -> Iterator[TestClient]:
    with served(Path(ids["home"])) as client:
        yield client


def test_runs_are_listed_newest_first_with_what_was_tried_beside_them(
    asked: TestClient, ids: dict[str, str]
) -> None:
    found = asked.get(HERE).json()["items"]

    numbers = [one["no"] for one in found]
    tried = {one["id"]: one["tried_in_family"] for one in found}
    assert numbers == sorted(numbers, reverse=True)
    assert tried[ids["ridge"]] == tried[ids["failed"]] == 5
    assert tried[ids["searched"]] == 4  # its three tries count, too
    assert {one["status"] for one in found} == {"finished", "failed", "aborted"}


def test_a_list_comes_in_pages_and_is_narrowed(asked: TestClient, ids: dict[str, str]) -> None:
    first = asked.get(HERE, params={"name": "drift-goes-on", "limit": 1}).json()
    rest = asked.get(
        HERE, params={"name": "drift-goes-on", "limit": 1, "after": first["next"]}
    ).json()
    near = asked.get(HERE, params={"family": "drif"})

    assert [first["items"][0]["id"], rest["items"][0]["id"]] == [ids["ridge"], ids["momentum"]]
    assert rest["next"] is None
    assert near.status_code == 404
    assert "did you mean drift" in near.json()["detail"]


def test_one_run_says_all_that_repeats_it(asked: TestClient, ids: dict[str, str]) -> None:
    found = asked.get(f"{HERE}/{ids['ridge']}").json()

    figures = {one["name"]: one for one in found["figures"]["figures"]}
    assert found["file"] == looked.PAIR
    assert found["configuration"]["model"]["name"] == "ridge"
    assert figures["net_sharpe"] == found["net_sharpe"]
    assert figures["net_sharpe"]["low"] < figures["net_sharpe"]["value"]
    assert figures["net_sharpe"]["simulated"] is True
    assert sum(fold["days"] for fold in found["folds"]) == found["figures"]["days"]
    assert found["figures"]["by_seed"]["trades"]["1"] == sum(f["trades"] for f in found["folds"])


def test_the_tries_of_a_search_are_told(asked: TestClient, ids: dict[str, str]) -> None:
    found = asked.get(f"{HERE}/{ids['searched']}").json()

    assert len(found["tries"]) == 3
    assert {one["state"] for one in found["tries"]} <= {"finished", "pruned", "failed"}
    assert all("rows_needed" in one["settings"] for one in found["tries"])


def test_a_failed_run_says_why_and_invents_nothing(asked: TestClient, ids: dict[str, str]) -> None:
    found = asked.get(f"{HERE}/{ids['failed']}").json()

    assert found["reason"] == looked.REASON
    assert found["figures"] is None
    assert found["net_sharpe"] is None
    assert found["simulated"] is None


def test_runs_are_put_side_by_side(asked: TestClient, ids: dict[str, str]) -> None:
    pair = [ids["ridge"], ids["momentum"]]
    found = asked.get(f"{HERE}/compare", params={"ids": pair}).json()
    family = asked.get(f"{HERE}/compare", params={"family": "drift"}).json()

    [paired] = found["paired"]
    changed = {one["key"]: one["values"] for one in found["differences"]}
    assert [one["id"] for one in found["runs"]] == pair
    assert changed["model.name"] == ["ridge", "momentum"]
    assert paired["n"] == found["runs"][0]["days"]
    assert paired["simulated"] is True
    assert {one["id"] for one in family["runs"]} == set(pair)


@pytest.mark.parametrize("params", [{}, {"ids": "trial-x"}, {"ids": [f"t{n}" for n in range(21)]}])
def test_a_comparison_of_less_than_two_or_of_too_many_is_refused(
    asked: TestClient, params: dict[str, object]
) -> None:
    found = asked.get(f"{HERE}/compare", params=params)  # type: ignore[arg-type]  # lists are fine

    assert found.status_code in (404, 422)
    assert found.json()["detail"]


def test_an_unknown_run_is_a_sentence(asked: TestClient) -> None:
    found = asked.get(f"{HERE}/trial-nothing")

    assert found.status_code == 404
    assert "trial-nothing" in found.json()["detail"]
