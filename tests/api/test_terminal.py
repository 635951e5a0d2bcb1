"""The terminal's files: found, packed, kept for ever if named by content; nothing else is."""

import gzip
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assay.api.terminal_files import file_of, page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = tmp_path / "terminal"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><title>Assay</title>")
    (built / "assets" / "app-1a2b.js").write_text("export {};" * 100)
    (tmp_path / "secret.txt").write_text("not yours")
    return built


def test_a_file_is_packed_once_and_says_what_it_is(folder: Path) -> None:
    found = file_of("assets/app-1a2b.js", folder)

    assert found is not None
    assert found.packed is not None
    assert gzip.decompress(found.packed) == found.content
    assert found.media_type.startswith("text/javascript")
    assert found.is_named_by_content


@pytest.mark.parametrize("path", ["../secret.txt", "assets/../../secret.txt", "/etc/hostname", ""])
def test_nothing_outside_the_folder_is_given(folder: Path, path: str) -> None:
    assert file_of(path, folder) is None


def test_where_nothing_was_built_the_page_says_what_to_run(tmp_path: Path) -> None:
    assert b"make terminal" in page(tmp_path).content


@pytest.mark.parametrize("path", ["/", "/symbol/EURUSD/1h", "/signal/sig-1"])
def test_every_other_address_is_the_page(client: TestClient, path: str) -> None:
    found = client.get(path)

    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/html")
    assert found.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/assets/none.js", "/robots.txt"])
def test_what_is_no_page_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
