"""The journal is read in pages from its end, and verified."""

from pathlib import Path

from starlette.testclient import TestClient

from assay.store.tables import JOURNAL
from assay.workflows.desk import Desk
from tests.api.conftest import served
from tests.workflows.workspace import open_at

HERE = "/api/v1/journal"


def desk_of(own: Path) -> Desk:
    return open_at(own)


def test_pages_hold_every_entry_once_the_newest_first(client: TestClient, own: Path) -> None:
    found: list[int] = []
    mark = None
    while True:
        told = client.get(HERE, params={"limit": 7} | ({"after": mark} if mark else {})).json()
        found += [one["no"] for one in told["items"]]
        mark = told["next"]
        if mark is None:
            break

    last = desk_of(own).journal.last()[0].no
    assert found == list(range(last, 0, -1))


def test_the_entries_of_one_signal_are_its_own(client: TestClient, own: Path) -> None:
    [last] = desk_of(own).journal.last()

    found = client.get(HERE, params={"signal_id": last.signal_id}).json()["items"]

    kept = desk_of(own).journal.entries(str(last.signal_id))
    assert [one["digest"] for one in found] == [one.digest for one in reversed(kept)]
    assert {one["signal_id"] for one in found} == {last.signal_id}


def test_an_entry_is_told_with_what_it_holds(client: TestClient, own: Path) -> None:
    kept = desk_of(own).journal.entry(2)

    found = client.get(f"{HERE}/2").json()

    assert (found["no"], found["stage"], found["digest"]) == (2, kept.stage, kept.digest)
    assert found["payload"] == kept.payload


def test_the_head_and_a_verification_agree(client: TestClient, own: Path) -> None:
    [last] = desk_of(own).journal.last()

    head = client.get(f"{HERE}/head").json()
    told = client.post(f"{HERE}/verify").json()

    assert head == {"no": last.no, "digest": last.digest}
    assert told == {
        "intact": True,
        "entries": last.no,
        "head": head,
        "problem": None,
        "notes": [],
    }


def test_an_altered_entry_is_named(client: TestClient, own: Path) -> None:
    desk = desk_of(own)
    with desk.database.write() as connection:
        connection.execute(JOURNAL.update().where(JOURNAL.c.no == 3).values(stage="other"))
    desk.close()

    told = client.post(f"{HERE}/verify")

    assert told.status_code == 200
    assert told.json()["intact"] is False
    assert (told.json()["problem"]["no"], told.json()["problem"]["damage"]) == (3, "altered")


def test_a_damaged_head_is_a_problem_not_a_bug(client: TestClient, own: Path) -> None:
    (own / "journal.head").write_text("nothing")

    head = client.get(f"{HERE}/head")
    told = client.post(f"{HERE}/verify")

    assert head.status_code == 409
    assert told.json()["head"] is None
    assert told.json()["problem"]["damage"] == "head"


def test_what_is_not_there_is_a_sentence(client: TestClient) -> None:
    for path, status in (
        (f"{HERE}/100000", 404),
        (f"{HERE}/0", 422),
        (f"{HERE}/{2**60}", 422),
        (f"{HERE}?after=bm9wZQ", 422),
        (f"{HERE}?after=%C3%A9", 422),
        (f"{HERE}?signal_id=%00", 422),
        (f"{HERE}?limit=0", 422),
    ):
        found = client.get(path)
        assert found.status_code == status, path
        assert found.json()["detail"]


def test_a_fresh_workspace_has_an_empty_one(tmp_path: Path) -> None:
    with served(tmp_path / "home") as client:
        assert client.get(HERE).json() == {"items": [], "next": None}
        assert client.get(f"{HERE}/head").json() == {"no": 0, "digest": None}
        assert client.post(f"{HERE}/verify").json()["intact"] is True
