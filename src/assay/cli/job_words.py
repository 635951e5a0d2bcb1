"""Arguments of a job as words of a command: NAME=VALUE."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assay.core.errors import SettingsError
from assay.workflows.jobs.catalog import KINDS
from assay.workflows.jobs.contract import arguments_of


def read_arguments(kind: str, words: Sequence[str]) -> dict[str, Any]:
    """Return what `words` say, by name: lists with commas, a file's text with `@file`."""
    if not words:
        return {}
    types = {one.name: one.type for one in arguments_of(KINDS.get(kind))}
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise SettingsError(f"An argument of a job is NAME=VALUE; found {word!r}")
        found[name] = _value(value, types.get(name, "text"))
    return found


def _value(value: str, wanted: str) -> Any:  # noqa: ANN401 - what the job then checks
    if value.startswith("@"):
        try:
            return Path(value[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{value[1:]} cannot be read: {error}") from None
    if wanted == "list of text":
        return [part.strip() for part in value.split(",") if part.strip()]
    if wanted == "text":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
