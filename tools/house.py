"""House rules that no linter knows: syntax-tree checks, each with a name.

`python tools/house.py` prints every breach as `file:line rule: sentence` and exits with 1 if there
is one. Long files and classes are listed, and fail nothing.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "assay"
PLUGINS = (
    "features/library",
    "labels/library",
    "models/zoo",
    "models/runtimes",
    "sources/adapters",
    "sources/news",
    "sources/macro",
    "sources/formats/library",
    "text/scorers",
    "risk/sizing",
    "llm/providers",
    "evaluation/gate/registration",
    "evaluation/gate/sanity",
    "evaluation/gate/performance",
    "evaluation/gate/statistics",
    "workflows/executors/library",
    "workflows/jobs/library",
    "cli/commands",
)
WORKPLACE = ("TO" + "DO", "FIX" + "ME", "/work" + "/", "sub" + "agent")
LONG_FILE, LONG_CLASS = 400, 250


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken rule."""

    file: Path
    line: int
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} {self.rule}: {self.sentence}"


def breaches(file: Path) -> Iterator[Breach]:
    """Yield what `file` breaks."""
    text = file.read_text()
    tree = ast.parse(text)
    yield from _words(file, text)
    yield from _empty_init(file, text)
    yield from _plugin(file, tree)
    yield from _broad(file, tree)
    if "execution" in file.parts:
        yield from _floats(file, tree)


def _words(file: Path, text: str) -> Iterator[Breach]:
    for number, line in enumerate(text.splitlines(), 1):
        for word in WORKPLACE:
            if word in line:
                yield Breach(file, number, "unfinished", f"says {word!r}")


def _empty_init(file: Path, text: str) -> Iterator[Breach]:
    package = "commands" in file.parts
    if file.name == "__init__.py" and text.strip() and not package and file.parent != SOURCE:
        yield Breach(file, 1, "empty-init", "an __init__.py is empty")


def _plugin(file: Path, tree: ast.Module) -> Iterator[Breach]:
    place = file.parent.relative_to(SOURCE).as_posix()
    if file.name == "__init__.py" or not place.startswith(PLUGINS):
        return
    if not ast.get_docstring(tree):
        yield Breach(file, 1, "plugin-doc", "a plug-in says in its first line what it is for")
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not ast.get_docstring(node):
            yield Breach(file, node.lineno, "plugin-doc", f"{node.name} has no docstring")


def _broad(file: Path, tree: ast.Module) -> Iterator[Breach]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        only_pass = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
        if only_pass:
            yield Breach(file, node.lineno, "swallowed", "an error is swallowed in silence")


def _floats(file: Path, tree: ast.Module) -> Iterator[Breach]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield Breach(file, node.lineno, "bare-float", "execution counts in Decimal")


def long_ones(file: Path) -> Iterator[str]:
    """Yield a line for a file or class longer than is our habit."""
    text = file.read_text()
    name = file.relative_to(ROOT)
    if (lines := text.count("\n")) > LONG_FILE:
        yield f"long file: {name} has {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and node.end_lineno:
            length = node.end_lineno - node.lineno
            if length > LONG_CLASS:
                yield f"long class: {name} {node.name} has {length} lines"


def main() -> int:
    """Print what is broken and what is long; return the exit code."""
    files = sorted(SOURCE.rglob("*.py"))
    found = [breach for file in files for breach in breaches(file)]
    for breach in found:
        print(breach)
    for file in files:
        for line in long_ones(file):
            print(line)
    print(f"House rules: {len(files)} files, {len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
