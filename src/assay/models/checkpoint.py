"""A training's state between two epochs: one file without pickle, whole or not there."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from assay.core.errors import SettingsError, StoreError


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything the next epoch hangs on; `optimiser` maps a parameter's number to its moments."""

    net: dict[str, Tensor]
    best: dict[str, Tensor]
    optimiser: dict[int, dict[str, Tensor]]
    order: Tensor
    chance: Tensor
    losses: Sequence[float]
    held_losses: Sequence[float]
    seconds: float


def write(path: Path, identity: str, kept: Checkpoint) -> None:
    """Write `kept` to `path` beside its place, then rename; a full disk is a `StoreError`."""
    tensors = {"order": kept.order, "chance": kept.chance}
    tensors |= {f"net/{name}": value for name, value in kept.net.items()}
    tensors |= {f"best/{name}": value for name, value in kept.best.items()}
    for number, moments in kept.optimiser.items():
        tensors |= {f"optimiser/{number}/{name}": value for name, value in moments.items()}
    plain = {
        "losses": list(kept.losses),
        "held_losses": list(kept.held_losses),
        "seconds": kept.seconds,
    }
    beside = path.with_name(f".writing-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {name: value.cpu().contiguous() for name, value in tensors.items()}
        save_file(whole, beside, metadata={"identity": identity, "plain": json.dumps(plain)})
        beside.replace(path)
    except (OSError, SafetensorError) as error:
        raise StoreError(
            f"The checkpoint {path} could not be written: {error}; make room and train again"
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def read(path: Path, identity: str, name: str) -> Checkpoint:
    """Return the checkpoint at `path`; one of another training is a `SettingsError`.

    A file that cannot be read is a `StoreError`.
    """
    try:
        with safe_open(path, framework="pt") as file:
            told = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no dict
        plain: dict[str, Any] = json.loads(told["plain"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise StoreError(
            f"The checkpoint {path} cannot be read ({error}); delete it and train again"
        ) from error
    if told.get("identity") != identity:
        raise SettingsError(
            f"The checkpoint {path} is of another training than this one of {name}: its settings, "
            "seed, data or net differ; delete it, or train with what it was made with"
        )
    return Checkpoint(
        net=_under("net/", tensors),
        best=_under("best/", tensors),
        optimiser=_moments(tensors),
        order=tensors["order"],
        chance=tensors["chance"],
        losses=plain["losses"],
        held_losses=plain["held_losses"],
        seconds=plain["seconds"],
    )


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _moments(tensors: dict[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    found: dict[int, dict[str, Tensor]] = {}
    for key, value in _under("optimiser/", tensors).items():
        number, _, name = key.partition("/")
        found.setdefault(int(number), {})[name] = value
    return found
