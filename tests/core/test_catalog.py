"""A file's name is its registration."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.core.catalog import Catalog
from assay.core.errors import MissingExtraError, NotFoundError

BODY = "from tests.core.test_catalog import Plug\n\n\nclass {name}(Plug):\n    pass\n"


class Plug:
    """What the plug-ins of these tests are."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    package = tmp_path / "plugs_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield package
    for name in [name for name in sys.modules if name.startswith("plugs_of_a_test")]:
        del sys.modules[name]


def catalog() -> Catalog[Plug]:
    return Catalog(Plug, "plugs_of_a_test", group="assay.none", extras={"nowhere": "live"})


def test_names_are_file_names_and_listing_imports_nothing(folder: Path) -> None:
    (folder / "zeta.py").write_text("raise RuntimeError('imported')\n")
    (folder / "alpha.py").write_text(BODY.format(name="Alpha"))
    (folder / "_hidden.py").write_text("raise RuntimeError('imported')\n")

    assert catalog().names() == ("alpha", "zeta")
    assert catalog().get("alpha").__name__ == "Alpha"


def test_unknown_names_bring_the_nearest(folder: Path) -> None:
    (folder / "alpha.py").write_text(BODY.format(name="Alpha"))

    with pytest.raises(NotFoundError, match=r"No plug is called 'alpa' \(did you mean alpha"):
        catalog().get("alpa")


def test_a_missing_library_names_its_extra(folder: Path) -> None:
    (folder / "far.py").write_text("import nowhere.at_all\n")
    (folder / "broken.py").write_text("import not_ours_either\n")

    with pytest.raises(MissingExtraError, match=r"pip install 'assay\[live\]'"):
        catalog().get("far")
    with pytest.raises(ModuleNotFoundError, match="not_ours_either"):
        catalog().get("broken")


def test_one_file_holds_one_plug_in(folder: Path) -> None:
    two = BODY.format(name="One") + "\n\nclass Two(Plug):\n    pass\n"
    (folder / "two.py").write_text(two)
    (folder / "none.py").write_text("from tests.core.test_catalog import Plug\n")

    with pytest.raises(TypeError, match="exactly one Plug; found 2"):
        catalog().get("two")
    with pytest.raises(TypeError, match="exactly one Plug; found 0"):
        catalog().get("none")
