"""From experiment files to experiments: read, expanded, validated, each wrong thing named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assay.core.errors import SettingsError
from assay.core.names import unknown
from assay.models.catalog import MEMBERS
from assay.risk.catalog import SIZINGS
from assay.workflows.experiments.asked import PARTS, Experiment
from assay.workflows.experiments.matrix import KEY, expand
from assay.workflows.experiments.plain_yaml import Document, read_file
from assay.workflows.experiments.told import refuse

LIBRARY = "assay.workflows.experiments.library"
"""The package that holds the experiments that come with Assay."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One run that a file asks for: `tag` tells it from the file's others, `text` is the file."""

    experiment: Experiment
    tag: str
    text: str
    source: str

    @property
    def title(self) -> str:
        """Return the name for people: that of the experiment, and what differs."""
        return f"{self.experiment.name} ({self.tag})" if self.tag else self.experiment.name


def read_experiments(paths: Iterable[Path | str]) -> list[Planned]:
    """Return the runs of all files, in order; a name without a suffix is one of the library's.

    Folders stand for the YAML files in them. Everything wrong in a file is said in one
    `SettingsError`; two runs of the same name and tag are one.
    """
    found: list[Planned] = []
    for path in paths:
        for file in files_of(Path(path)):
            found += _read(file)
    names = [each.title for each in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SettingsError(
            f"Several runs are called {sorted(twice)[0]!r}; give each experiment a name of its own"
        )
    return found


def library() -> dict[str, Path]:
    """Return the experiments that come with Assay, by name."""
    folder = Path(str(files(LIBRARY)))
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of an experiment file, for editors.

    Names are listed from the catalogues as they are now; what is left out has a default that is
    written as a person would.
    """
    made = Experiment.model_json_schema(by_alias=True)
    for part in (made, *made["$defs"].values()):
        _tell_defaults(part)
    _list_names(made["$defs"])
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "An Assay experiment"
    made["properties"][KEY] = {
        "type": "object",
        "description": "Runs one experiment for every combination of the values listed.",
        "minProperties": 1,
        "additionalProperties": {"type": "array", "minItems": 1},
    }
    # a matrix may set them for each run instead
    made["required"] = [name for name in made["required"] if name not in ("data", "label", "model")]
    return made


def _tell_defaults(part: dict[str, Any]) -> None:
    """Write the defaults of a part with their units, and drop limits that JSON Schema lacks."""
    model = next((each for each in PARTS if each.__name__ == part.get("title")), None)
    for name, told in part.get("properties", {}).items():
        for branch in (told, *told.get("anyOf", ())):
            for word in ("gt", "ge", "lt", "le"):
                branch.pop(word, None)
        if model is not None and told.get("default") is not None:
            field = next(key for key, f in model.model_fields.items() if name in (key, f.alias))
            bare = model.model_construct()
            told["default"] = bare.model_dump(mode="json", include={field})[field]


def _list_names(parts: dict[str, Any]) -> None:
    names = {
        ("Model", "name"): MEMBERS.names(),
        ("Trade", "sizing"): SIZINGS.names(),
    }
    for (part, key), known in names.items():
        parts[part]["properties"][key]["enum"] = list(known)


def files_of(path: Path) -> Sequence[Path]:
    """Return the files that a path stands for: itself, those of a folder, one of the library."""
    if path.is_dir():
        inside = sorted([*path.glob("*.yaml"), *path.glob("*.yml")])
        if not inside:
            raise SettingsError(f"{path} holds no YAML file")
        return inside
    if path.exists() or path.suffix:
        return [path]
    known = library()
    if path.name not in known or path.parent != Path():
        raise unknown("experiment", str(path), known, listed_by="assay experiment list --library")
    return [known[path.name]]


def _read(path: Path) -> list[Planned]:
    document = read_file(path)
    text = path.read_text(encoding="utf-8")
    made = []
    for each in expand(document.value, document, known=Experiment.model_fields):
        told = document.with_value(each.value, each.moved)
        made.append(Planned(_validated(told), each.tag, text, str(path)))
    return made


def _validated(document: Document) -> Experiment:
    try:
        return Experiment.model_validate(document.value)
    except ValidationError as error:
        refuse(error, Experiment, document)
