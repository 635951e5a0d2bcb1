"""A model in a folder: everything it needs to answer as it did, and nothing to take on trust.

The folder is named after its content: `manifest.json` holds the SHA-256 of every other file, and
the id is the SHA-256 of the manifest without it. `models.artefact_files` says what each file holds;
this module writes the folder. `models.loading` reads it back and believes nothing.
"""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from assay.core.errors import ArtefactError, StoreError
from assay.core.ids import canonical, digest
from assay.models.artefact_files import MANIFEST, SCHEMA, ArtefactId, Origin, files_of, sha256
from assay.models.contract import Member
from assay.models.fitting import Fitted


def write(root: Path, member: Member, fitted: Fitted, origin: Origin) -> ArtefactId:
    """Write the artefact under `root` in one step and return its id; nothing if it is there.

    The files are written beside their place and moved there whole, so a reader never sees half a
    model, and a run that is interrupted leaves none. A full or read-only disk is a `StoreError`; a
    folder of that name with other bytes in it an `ArtefactError`.
    """
    contents = files_of(member, fitted, origin)
    manifest = {
        "schema": SCHEMA,
        "family": member.family,
        "member": origin.member,
        "member_version": member.version,
        "scope": member.scope.value,
        "runtime": fitted.weights.runtime,
        "features_hash": origin.features_hash,
        "parents": list(origin.parents),
        "files": {
            name: {"bytes": len(content), "sha256": sha256(content)}
            for name, content in sorted(contents.items())
        },
    }
    own = digest(manifest)
    contents[MANIFEST] = canonical(manifest | {"id": own})
    place = root / own
    if place.exists():
        _refuse_other(place, contents)
        return own
    try:
        root.mkdir(parents=True, exist_ok=True)
        _move_in(root, place, contents)
    except OSError as error:
        raise StoreError(
            f"The model could not be written under {root}: {error.strerror or error}; make room or "
            "choose another workspace, then train again"
        ) from error
    return own


def _move_in(root: Path, place: Path, contents: Mapping[str, bytes]) -> None:
    beside = root / f".writing-{os.getpid()}-{secrets.token_hex(4)}"
    try:  # before the folder is made: a stop may come between any two lines
        beside.mkdir()
        for name, content in contents.items():
            _write_through(beside / name, content)
        _rename(beside, place, contents)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _rename(beside: Path, place: Path, contents: Mapping[str, bytes]) -> None:
    try:
        beside.rename(place)
    except OSError:
        if not place.exists():
            raise
        _refuse_other(place, contents)  # another run was first with the same model


def _refuse_other(place: Path, contents: Mapping[str, bytes]) -> None:
    """Refuse a folder that is there under the same id with other bytes."""
    for name, content in contents.items():
        path = place / name
        if not path.is_file() or path.read_bytes() != content:
            raise ArtefactError(
                f"{name} of the stored model {place.name[:12]} was altered or is missing; delete "
                f"the folder {place} and train again"
            )
