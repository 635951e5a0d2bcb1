"""What the pages say is true of the code: commands parse, snippets run, links lead somewhere."""

import importlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np
import pytest
import typer

from assay.cli.main import Opener, build
from assay.evaluation.gate.contract import Check, Verdict
from assay.features.catalog import FEATURES
from assay.features.contract import Feature, Frames
from assay.models.catalog import MEMBERS
from assay.models.contract import Member
from assay.models.fitting import fit_member
from assay.notebook.workspace import Workspace
from assay.risk.catalog import SIZINGS
from assay.settings import Settings
from assay.workflows.desk import Desk
from tests.evaluation.gate.evidence import flat, silent, sound
from tests.factories import make_samples
from tests.features import promises
from tests.features.worlds import make_world

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
REFERENCE = ROOT / "docs" / "reference"
FOLDERS = {"tutorial", "how-to", "explanation", "reference", "decisions"}
BANNED = ("TO" + "DO", "FIX" + "ME", "T" + "BD", "lor" + "em ipsum", "/work" + "/", "sub" + "agent")
HYPE = ("revolutionary", "cutting-edge", "game-chang", "guaranteed", "world-class", "seamless")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLUG_IN_PAGES = (
    "docs/how-to/add-a-check.md",
    "docs/how-to/add-a-feature.md",
    "docs/how-to/add-a-member.md",
)
"""Their snippets are plug-ins; those of other pages are run by `test_snippets`."""
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def snippets(language: str) -> list[tuple[str, str]]:
    return [
        (name_of(page), text)
        for page in PAGES
        for kind, text in FENCE.findall(page.read_text(encoding="utf-8"))
        if kind == language
    ]


def shell_lines() -> list[tuple[str, str]]:
    rows = [(page, line) for page, text in snippets("sh") for line in text.splitlines()]
    return [(page, line) for page, line in rows if line.strip() and line[0] != "#"]


def words_of(line: str) -> list[str]:
    """Return the words of a shell line without comments and without settings before it."""
    words = shlex.split(line, comments=True)
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words.pop(0)
    return words


def no_desk(home: Path | None) -> Desk:
    raise AssertionError(f"a command that was only to be parsed opened {home}")


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from leaves(child, (*path, name))


def stopped(ctx: Any, param: Any, value: bool) -> None:
    """End where completion would be installed: that writes into the shell of whoever tests."""
    if value:
        raise typer.Exit


@pytest.fixture(scope="module")
def tree() -> Any:
    """Return the real command tree whose commands parse what they are given and do nothing."""
    root = typer.main.get_command(build())
    for _, leaf in leaves(root):
        leaf.callback = lambda **_: None
    for option in root.params:
        if "completion" in option.name:
            option.callback = stopped
    return root


def parse(tree: Any, words: list[str]) -> None:
    tree.main(words, prog_name="assay", standalone_mode=False, obj=Opener(no_desk))


def examples() -> list[tuple[str, str]]:
    """Return the examples under every command's help."""
    folder = ROOT / "src" / "assay" / "cli" / "commands"
    found = []
    for file in sorted(folder.rglob("*.py")):
        if file.name == "__init__.py":
            continue
        dotted = file.relative_to(ROOT / "src").with_suffix("").as_posix().replace("/", ".")
        text = getattr(importlib.import_module(dotted), "EXAMPLES", "")
        assert text.startswith("Example"), f"{dotted} has no example under its help"
        rows = re.sub(r"^Examples?: ", "", text).splitlines()
        found += [(dotted, re.sub(r" \(.*\)$", "", row)) for row in rows if row]
    return found


@pytest.mark.parametrize(("page", "line"), [*shell_lines(), *examples()])
def test_every_command_that_is_shown_can_be_typed(tree: Any, page: str, line: str) -> None:
    program, *words = words_of(line)

    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert all(word in targets for word in words if "=" not in word), page
    elif program == "assay":
        parse(tree, words)
    else:
        pytest.fail(f"{page} shows {program!r}, which nothing here checks")


def test_a_command_that_is_not_there_is_noticed(tree: Any) -> None:
    for wrong in (["foretell", "EURUSD"], ["signal", "EURUSD"], ["train", "--timframe", "1h"]):
        with pytest.raises(Exception, match=r"command|option|Option|Missing"):
            parse(tree, wrong)


def run_snippet(place: int, text: str) -> ModuleType:
    module = ModuleType(f"snippet_{place}")
    sys.modules[module.__name__] = module
    exec(compile(text, module.__name__, "exec"), vars(module))
    return module


def plug_ins(kind: type[Any]) -> list[type[Any]]:
    found = []
    for place, (page, text) in enumerate(snippets("python")):
        if page not in PLUG_IN_PAGES:
            continue
        module = run_snippet(place, text)
        for item in vars(module).values():
            if (
                isinstance(item, type)
                and issubclass(item, kind)
                and item.__module__ == (module.__name__)
            ):
                found.append(item)
    return found


def test_the_feature_on_the_page_keeps_every_promise() -> None:
    frames: Frames = make_world(1500).frames()

    found = cast("list[type[Feature]]", plug_ins(Feature))

    assert found
    for feature in (kind() for kind in found):
        promises.stays_when_the_future_arrives(feature, frames)
        promises.has_nulls_only_where_inputs_have(feature, frames)
        promises.streams_as_in_batch(feature, frames.slice(0, 300), 200)
        promises.restarts_from_its_warm_up(feature, frames)
        promises.declares_its_inputs(feature, frames)


def test_the_member_on_the_page_fits_and_answers() -> None:
    spans = {
        name: make_samples(rows, start=start, seed=start)
        for name, rows, start in (("train", 900, 0), ("stop", 400, 1000), ("calibrate", 900, 2000))
    }

    found = cast("list[type[Member]]", plug_ins(Member))

    assert found
    for kind in found:
        fitted = fit_member(kind(), spans, seed=1, threads=1)
        _, calibrated = fitted.predict(spans["stop"].asked)
        assert np.allclose(calibrated.classes.sum(axis=1), 1.0)
        assert (np.diff(calibrated.quantiles, axis=1) >= 0).all()


def test_the_check_on_the_page_judges_both_ways() -> None:
    found = cast("list[type[Check]]", plug_ins(Check))

    assert found
    for check in (kind() for kind in found):
        assert check.judge(sound()).allows is Verdict.LIVE
        assert check.judge(flat(sound(), -0.5)).allows is Verdict.FAIL
        assert check.judge(silent(sound())).allows is Verdict.INSUFFICIENT


def test_every_plug_in_that_is_shown_is_tried() -> None:
    tried = sum(len(plug_ins(kind)) for kind in (Feature, Member, Check))

    assert tried >= len([page for page, _ in snippets("python") if page in PLUG_IN_PAGES]) >= 3


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_something(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{name_of(page)} links to {link}"
        assert not anchor or anchor in anchors(target), f"{name_of(page)} links to {link}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_are_finished_and_sober(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert text.startswith("# ")
    assert not [word for word in BANNED if word in text]
    if REFERENCE not in page.parents:
        assert not [word for word in HYPE if word in text.lower()]


def test_every_page_has_its_kind_and_is_found_from_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / link).resolve() for link in LINK.findall(index)}

    for page in (ROOT / "docs").rglob("*.md"):
        if page.parent == ROOT / "docs":
            continue
        assert page.parent.name in FOLDERS, f"{name_of(page)} is in no folder of ours"
        assert page in linked or page.parent in linked, f"docs/README.md does not link {page.name}"


def test_decisions_are_numbered_without_a_gap_and_fit_one_screen() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [file.name[:4] for file in files] == [f"{n:04}" for n in range(1, len(files) + 1)]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40, file.name
        assert "**Decision.**" in text, file.name
        assert "**Enforced by**" in text, file.name


def test_every_command_says_what_it_does(tree: Any) -> None:
    said = (REFERENCE / "commands.md").read_text(encoding="utf-8")

    for path, leaf in leaves(tree):
        name = " ".join(["assay", *path])
        assert f"\n## {name}\n" in said, f"{name} is not in the reference"
        assert (leaf.help or "").strip(), f"{name} has no help"
        unsaid = [p.name for p in leaf.params if not getattr(p, "help", None) and p.name != "help"]
        assert not unsaid, f"{name} does not say what {unsaid} is"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("settings.md", tuple(Settings.model_fields)),
        ("python.md", tuple(name for name in dir(Workspace) if name[0] != "_")),
        ("features.md", FEATURES.names()),
        ("members.md", MEMBERS.names()),
        ("sizing.md", SIZINGS.names()),
    ],
)
def test_everything_there_is_has_a_line_in_the_reference(page: str, names: tuple[str, ...]) -> None:
    said = (REFERENCE / page).read_text(encoding="utf-8")

    missing = [name for name in names if f"`{name}`" not in said and f"# {name}\n" not in said]

    assert not missing


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_reference_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_says_which_figures_are_simulated_and_gives_the_real_one_its_interval() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    real = text.partition("<!-- real-result -->")[2].partition("<!-- /real-result -->")[0]
    demo = text.partition("## What you see")[2].partition("## Your own prices")[0]

    assert re.search(r"Sharpe [-−]?\d+\.\d+ \[[-−]?\d+\.\d+, [-−]?\d+\.\d+\]", real)
    assert "**simulated**" in demo.partition("```text")[0]
