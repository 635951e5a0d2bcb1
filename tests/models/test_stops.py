"""A stop may come between any two lines: nothing half-written stays."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
import torch

from assay.models import artefact, checkpoint, export

Write = Callable[[Path], None]


def an_artefact(root: Path) -> None:
    artefact._move_in(root, root / "place", {"a": b"1", "b": b"2"})


def a_checkpoint(root: Path) -> None:
    net, best, order, chance = torch.zeros(4, 2)
    kept = checkpoint.Checkpoint(
        net={"w": net.clone()}, best={"w": best.clone()}, optimiser={}, order=order.clone(),
        chance=chance.clone(), losses=[1.0], held_losses=[1.0], seconds=1.0,
    )  # fmt: skip
    checkpoint.write(root / "one.safetensors", "identity", kept)


def a_graph(root: Path) -> None:
    export._keep(root, "key" * 8, b"graph")


WRITERS: list[tuple[Write, CodeType]] = [
    (an_artefact, artefact._move_in.__code__),
    (a_checkpoint, checkpoint.write.__code__),
    (a_graph, export._keep.__code__),
]


def stopped_at(step: int, write: Write, code: CodeType, root: Path) -> bool:
    """Say whether `write` was stopped before its `step`th line; the clearing up is let through."""
    left = step
    lines = Path(code.co_filename).read_text(encoding="utf-8").splitlines()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_code is not code:
            return None
        clears = any(word in lines[frame.f_lineno - 1] for word in ("rmtree", "unlink"))
        if event == "line" and not clears:
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        write(root)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize(("write", "code"), WRITERS)
def test_a_stop_at_any_line_leaves_nothing_half_written(
    write: Write, code: CodeType, tmp_path: Path
) -> None:
    steps = 1
    while stopped_at(steps, write, code, _a_folder(tmp_path / str(steps))):
        assert list(tmp_path.rglob(".writing-*")) == []
        steps += 1

    assert steps > 3
    assert list(tmp_path.rglob(".writing-*")) == []
    assert any(path.is_file() for path in (tmp_path / str(steps)).rglob("*"))


def _a_folder(path: Path) -> Path:
    path.mkdir()
    return path
