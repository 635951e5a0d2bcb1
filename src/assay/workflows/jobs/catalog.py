"""The kinds of jobs there are: one file in `library`, one kind."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from importlib import import_module
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from assay.core.catalog import Catalog
from assay.core.errors import SettingsError
from assay.core.ids import canonical
from assay.core.names import unknown
from assay.workflows.jobs.contract import Job, Weight

KINDS = Catalog(Job, "assay.workflows.jobs.library", group="assay.jobs")


def job_of(kind: str, arguments: Mapping[str, Any]) -> Job:
    """Return the job of a kind with these arguments.

    A kind that nobody knows is a `NotFoundError`, an argument that cannot be a `SettingsError`.
    """
    found = KINDS.get(kind)
    names = [one.name for one in fields(found)]  # type: ignore[arg-type] # every plug-in is one
    for name in arguments:
        if name not in names:
            near = str(unknown("argument", name, names)) if names else "it takes none"
            raise SettingsError(f"The job {kind} was given {name!r}: {near}")
    try:
        canonical(dict(arguments))
    except UnicodeEncodeError:
        raise SettingsError(f"The job {kind} was given a text with half a letter in it") from None
    config = ConfigDict(strict=False, extra="forbid")
    found.__pydantic_config__ = config  # type: ignore[attr-defined] # where pydantic looks
    try:
        made: Job = TypeAdapter(found).validate_python(dict(arguments))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"])
        raise SettingsError(
            f"The job {kind} takes no {name} like {first.get('input')!r:.80}: "
            f"{message[:1].lower()}{message[1:]}"
        ) from None
    return made


def leases(weights: tuple[Weight, ...] = tuple(Weight)) -> dict[str, timedelta]:
    """Return the kinds of these weights, and for how long each is lent."""
    every = ((name, KINDS.get(name)) for name in KINDS.names())
    return {name: kind.lease for name, kind in every if kind.weight in weights}


def said_of(name: str) -> str:
    """Return what a kind of job does: the first line of its file, as a sentence."""
    return str(import_module(KINDS.get(name).__module__).__doc__).partition("\n")[0]
