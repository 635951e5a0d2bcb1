"""The loop: same seed, same bytes, killed or not; what cannot go on is refused in a sentence."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from assay.core.errors import DataError, SettingsError, StoreError
from assay.models.contract import BENCH, Progress, Workshop
from assay.models.layers import Dropout
from assay.models.training import Lesson, Taught, TrainingPlan, place_of, teach

COLUMNS = 4
PLAN = TrainingPlan(
    epochs=5, batch_rows=32, learning_rate=0.02, schedule="cosine", clip_norm=1.0, patience=5
)
PLAIN = replace(PLAN, schedule="decay", weight_decay=0.0, clip_norm=0.0)


@dataclass(frozen=True)
class Points:
    """A noisy line to learn; `asked` keeps the rows of every call."""

    x: Tensor
    y: Tensor
    asked: list[Tensor] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.x)

    def loss(self, net: nn.Module, rows: Tensor) -> tuple[Tensor, Tensor]:
        self.asked.append(rows)
        miss = functional.mse_loss(net(self.x[rows]).squeeze(-1), self.y[rows])
        return miss, torch.tensor(float(len(rows)))


@dataclass(frozen=True)
class Scripted:
    """Says one loss after the other, whatever the net does."""

    losses: list[float]

    def __len__(self) -> int:
        return 1

    def loss(self, net: nn.Module, rows: Tensor) -> tuple[Tensor, Tensor]:
        still = 0.0 * torch.cat([each.flatten() for each in net.parameters()]).sum()
        return still + self.losses.pop(0), torch.tensor(1.0)


def points(rows: int = 320, seed: int = 1, scale: float = 1.0) -> Points:
    chance = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, COLUMNS, generator=chance)
    noise = torch.randn(rows, generator=chance)
    return Points(x, scale * (x @ torch.arange(1.0, COLUMNS + 1) + 0.5 * noise))


def line(seed: int = 2, dropout: float = 0.25) -> nn.Module:
    linear = nn.Linear(COLUMNS, 1)
    chance = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in linear.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=chance))
    return nn.Sequential(Dropout(dropout), linear)


def taught(
    net: nn.Module,
    *,
    lesson: Lesson | None = None,
    held: Lesson | None = None,
    plan: TrainingPlan = PLAN,
    seed: int = 3,
    key: str = "settings and data",
    workshop: Workshop = BENCH,
) -> Taught:
    lesson, held = lesson or points(), held or points(100, seed=8)
    return teach(net, lesson, held, plan, seed=seed, name="line", key=key, workshop=workshop)


def bytes_of(net: nn.Module) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in net.state_dict().items()}


def killed_in(epoch: int) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.epoch == epoch:
            raise KeyboardInterrupt

    return report


def kill(folder: Path, epoch: int = 3, plan: TrainingPlan = PLAN) -> Path:
    """Return the checkpoint of a training that was killed when `epoch` ended."""
    with pytest.raises(KeyboardInterrupt):
        taught(line(), plan=plan, workshop=Workshop(report=killed_in(epoch), folder=folder))
    return folder / "fit.checkpoint"


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    one, again, other = line(), line(), line()

    first, second = taught(one), taught(again)
    taught(other, seed=4)

    assert bytes_of(one) == bytes_of(again) != bytes_of(other)
    assert first.losses == second.losses
    assert first.held_losses == second.held_losses


def test_it_learns_the_line() -> None:
    net = line(dropout=0.0)

    told = taught(net, plan=replace(PLAN, epochs=30, learning_rate=0.2))

    assert told.held_losses[-1] < 0.4
    assert told.losses[-1] < told.losses[0]
    assert not net.training


def test_a_training_beside_it_changes_no_byte() -> None:
    alone, beside, other = line(), line(), line(seed=9)
    taught(alone)
    together = threading.Barrier(2)

    def learn(net: nn.Module, seed: int) -> None:
        together.wait()
        for _ in range(5):
            torch.rand(3)
        taught(net, seed=seed)

    threads = [threading.Thread(target=learn, args=each) for each in ((beside, 3), (other, 77))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert bytes_of(alone) == bytes_of(beside)


@pytest.mark.parametrize("epoch", [1, 2, 4, 5])
def test_a_run_killed_after_an_epoch_goes_on_to_the_same_bytes(epoch: int, tmp_path: Path) -> None:
    whole, net = line(), line()
    uninterrupted = taught(whole)

    kill(tmp_path, epoch)
    resumed = taught(net, workshop=Workshop(folder=tmp_path))

    assert bytes_of(net) == bytes_of(whole)
    assert resumed.losses == uninterrupted.losses
    assert resumed.held_losses == uninterrupted.held_losses
    assert resumed.best_epoch == uninterrupted.best_epoch


def test_a_run_killed_again_and_again_within_its_epochs_goes_on(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Mortal(Points):
        steps: int = 0

        def loss(self, net: nn.Module, rows: Tensor) -> tuple[Tensor, Tensor]:
            if len(self.asked) == self.steps:
                raise KeyboardInterrupt
            return super().loss(net, rows)

    whole, net, given = line(), line(), points()
    taught(whole)

    for first_weights, steps in ((2, 13), (5, 17), (6, 11)):
        lesson = Mortal(given.x, given.y, steps=steps)
        with pytest.raises(KeyboardInterrupt):
            taught(line(first_weights), lesson=lesson, workshop=Workshop(folder=tmp_path))
    taught(net, workshop=Workshop(folder=tmp_path))

    assert bytes_of(net) == bytes_of(whole)


def test_a_best_epoch_before_the_kill_is_still_the_best(tmp_path: Path) -> None:
    script, whole, net = [1.0, 2.0, 3.0, 4.0, 5.0], line(), line()
    taught(whole, held=Scripted(list(script)))

    with pytest.raises(KeyboardInterrupt):
        taught(
            line(),
            held=Scripted(list(script)),
            workshop=Workshop(report=killed_in(4), folder=tmp_path),
        )
    told = taught(net, held=Scripted(script[3:]), workshop=Workshop(folder=tmp_path))

    assert told.best_epoch == 1
    assert told.held_losses == tuple(script)
    assert bytes_of(net) == bytes_of(whole)


def test_a_resumed_run_draws_no_epoch_twice(tmp_path: Path) -> None:
    kill(tmp_path, 4)
    lesson = points()

    taught(line(), lesson=lesson, workshop=Workshop(folder=tmp_path))

    assert len(lesson.asked) == 2 * 10


def test_a_finished_training_leaves_nothing(tmp_path: Path) -> None:
    taught(line(), workshop=Workshop(folder=tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_jobs_in_one_folder_keep_apart(tmp_path: Path) -> None:
    kill(tmp_path)

    taught(line(), seed=99, workshop=Workshop(folder=tmp_path, job="other"))

    assert [path.name for path in tmp_path.iterdir()] == ["fit.checkpoint"]


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kill(tmp_path)
    before = path.read_bytes()

    def full(_: dict[str, Tensor], place: Path, **__: Any) -> None:
        Path(place).write_bytes(before[: len(before) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assay.models.checkpoint.save_file", full)
    with pytest.raises(StoreError, match=r"fit.checkpoint could not be written: .*No space .*make"):
        taught(line(), workshop=Workshop(folder=tmp_path))

    assert [each.name for each in tmp_path.iterdir()] == ["fit.checkpoint"]
    assert path.read_bytes() == before


def test_a_run_killed_while_it_writes_goes_on_from_the_epoch_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, whole, net = kill(tmp_path), line(), line()
    before = path.read_bytes()
    taught(whole)

    def killed(_: dict[str, Tensor], place: Path, **__: Any) -> None:
        Path(place).write_bytes(before[: len(before) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr("assay.models.checkpoint.save_file", killed)
    with pytest.raises(KeyboardInterrupt):
        taught(line(), workshop=Workshop(folder=tmp_path))
    monkeypatch.undo()
    left = path.read_bytes()
    taught(net, workshop=Workshop(folder=tmp_path))

    assert left == before
    assert bytes_of(net) == bytes_of(whole)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "other",
    [
        {"net": nn.Linear(COLUMNS, 1)},
        {"plan": replace(PLAN, learning_rate=0.5)},
        {"plan": replace(PLAN, epochs=9)},
        {"seed": 4},
        {"key": "other data"},
        {"lesson": points(321)},
        {"held": points(101)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_checkpoint_of_another_training_is_refused_by_name(
    other: dict[str, Any], tmp_path: Path
) -> None:
    path = kill(tmp_path)
    before = path.read_bytes()

    asked: dict[str, Any] = {"net": line(), "workshop": Workshop(folder=tmp_path)}
    with pytest.raises(SettingsError, match=rf"{path} is of another training than this .* line"):
        taught(**(asked | other))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:100],
        lambda content: b"hello, I am no checkpoint",
        lambda content: content[:9] + b"\xff" + content[10:],
    ],
    ids=["empty", "half", "header", "text", "byte"],
)
def test_a_damaged_checkpoint_is_said_in_one_sentence(
    damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = kill(tmp_path)
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(StoreError, match=rf"{path} cannot be read \(.*; delete it and train again"):
        taught(line(), workshop=Workshop(folder=tmp_path))


def test_a_loss_that_explodes_says_when_and_what_to_lower() -> None:
    lesson = Scripted([1.0, 0.5, math.nan])
    plan = replace(PLAN, learning_rate=0.125, warm_up=0.0, clip_norm=2.0)

    with pytest.raises(DataError) as caught:
        taught(line(), lesson=lesson, held=Scripted([1.0, 1.0]), plan=plan)

    said = str(caught.value)
    assert said.startswith("line: the loss became nan in epoch 3, step 3, at learning rate 0.")
    assert "the epoch before had 0.5" in said
    assert said.endswith("lower learning_rate (was 0.125) or clip_norm (was 2)")


def test_a_held_loss_that_explodes_says_the_epoch() -> None:
    lesson, held = points(), Scripted([1.0, math.inf])

    with pytest.raises(DataError, match=r"the loss became \w+ in epoch 2, step 20, .*lower"):
        taught(line(), lesson=lesson, held=held)


def test_a_rate_far_too_high_ends_in_that_sentence() -> None:
    plan = replace(PLAN, learning_rate=1e25, clip_norm=0.0)

    with pytest.raises(DataError, match=r"became (inf|nan) in epoch \d, step \d+.*was 1e\+25"):
        taught(line(), plan=plan)


def test_a_cosine_rises_in_a_line_and_falls_as_torch_has_it() -> None:
    plan = TrainingPlan(epochs=10, learning_rate=0.3, warm_up=0.1)
    total, rise = 200, 20

    rates = np.array([plan.rate(step, 20) for step in range(total)])

    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.3)
    oracle = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, total - rise)
    falls = []
    for _ in range(total - rise):
        falls.append(float(oracle.get_last_lr()[0]))
        optimiser.step()
        oracle.step()
    np.testing.assert_allclose(rates[:rise], 0.3 * np.arange(1, rise + 1) / rise, rtol=1e-12)
    np.testing.assert_allclose(rates[rise:], np.array(falls), rtol=1e-9, atol=1e-12)
    assert rates[-1] < 1e-3 * rates.max()


def test_a_decay_is_the_published_rule() -> None:
    plan = TrainingPlan(epochs=12, learning_rate=1e-4, schedule="decay")

    rates = [plan.rate(step, 7) for step in range(12 * 7)]

    for step, rate in enumerate(rates):
        epoch = step // 7 + 1
        assert math.isclose(rate, 1e-4 if epoch < 3 else 1e-4 * 0.9 ** (epoch - 3))


@settings(max_examples=25, deadline=None)
@given(
    script=st.lists(st.floats(0, 9, width=32), min_size=6, max_size=6), patience=st.integers(1, 4)
)
def test_it_stops_after_patience_and_keeps_the_best_epoch(
    script: list[float], patience: int
) -> None:
    best, stopped = 0, len(script)
    for epoch, value in enumerate(script):
        best = epoch if value < script[best] else best
        if epoch - best >= patience:
            stopped = epoch + 1
            break
    plan, lesson = replace(PLAIN, epochs=len(script), patience=patience), points(64)
    net, shorter = line(), line()

    told = taught(net, lesson=lesson, held=Scripted(list(script)), plan=plan)
    falling = Scripted([float(9 - epoch) for epoch in range(best + 1)])
    taught(shorter, lesson=lesson, held=falling, plan=replace(plan, epochs=best + 1))

    assert told.best_epoch == best + 1
    assert told.held_losses == tuple(script[:stopped])
    assert bytes_of(net) == bytes_of(shorter)


def test_clipping_bounds_the_norm_of_the_gradient() -> None:
    norms = {}
    for clip in (0.0, 0.5):
        net = line()
        taught(net, lesson=points(scale=100.0), plan=replace(PLAN, clip_norm=clip))
        found = [p.grad for p in net.parameters() if p.grad is not None]
        norms[clip] = float(torch.cat([each.flatten() for each in found]).norm())

    assert norms[0.0] > 50
    assert norms[0.5] == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize(("weight_decay", "clip"), [(0.0, 0.0), (0.1, 0.0), (0.0, 0.7)])
def test_it_is_the_plain_loop_of_torch(weight_decay: float, clip: float) -> None:
    net, oracle, lesson = line(dropout=0.0), line(dropout=0.0), points()
    plan = replace(PLAIN, weight_decay=weight_decay, clip_norm=clip)

    taught(net, lesson=lesson, held=Scripted([5.0, 4.0, 3.0, 2.0, 1.0]), plan=plan)

    optimiser: torch.optim.Optimizer = torch.optim.Adam(oracle.parameters(), fused=False)
    if weight_decay:
        optimiser = torch.optim.AdamW(oracle.parameters(), weight_decay=weight_decay, fused=False)
    order = torch.Generator().manual_seed(3)
    for epoch in range(1, 6):
        optimiser.param_groups[0]["lr"] = 0.02 if epoch < 3 else 0.02 * 0.9 ** (epoch - 3)
        for rows in torch.randperm(len(lesson), generator=order).split(32):
            optimiser.zero_grad()
            lesson.loss(oracle, rows)[0].backward()
            if clip:
                nn.utils.clip_grad_norm_(oracle.parameters(), clip)
            optimiser.step()
    for own, other in zip(net.parameters(), oracle.parameters(), strict=True):
        torch.testing.assert_close(own, other, rtol=0, atol=2e-6)


def test_the_held_loss_is_the_weighted_mean_over_all_held_rows() -> None:
    net, held = line(dropout=0.0), points(301, seed=6)

    told = taught(net, held=held, plan=replace(PLAN, epochs=1))

    with torch.no_grad():
        whole = held.loss(net, torch.arange(301))[0].item()
    assert told.held_losses[0] == pytest.approx(whole, rel=1e-5)


def test_progress_only_goes_forward_and_ends_at_nothing_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("assay.models.training.REPORT_SECONDS", -1.0)
    heard: list[Progress] = []

    told = taught(line(), workshop=Workshop(report=heard.append))

    steps = [each.step for each in heard]
    assert steps == sorted(steps)
    assert set(steps) == set(range(1, 51))
    assert {each.steps for each in heard} == {50}
    assert {each.epochs for each in heard} == {5}
    assert [each.epoch for each in heard] == sorted(each.epoch for each in heard)
    assert all(math.isfinite(each.loss) for each in heard)
    assert heard[0].held_loss is None
    assert heard[-1].held_loss == told.held_losses[-1]
    assert all(each.seconds_left >= 0 for each in heard)
    assert heard[-1].seconds_left == 0


def test_a_resumed_run_reports_from_where_it_stands(tmp_path: Path) -> None:
    kill(tmp_path, 4)
    heard: list[Progress] = []

    taught(line(), workshop=Workshop(report=heard.append, folder=tmp_path))

    assert [(each.epoch, each.step) for each in heard] == [(4, 40), (5, 50)]


@pytest.mark.parametrize(
    ("rows_an_epoch", "batches"),
    [(0, [32] * 10), (96, [32] * 3), (100, [32] * 3), (320, [32] * 10), (9999, [32] * 10)],
)
def test_rows_an_epoch_bound_its_steps(rows_an_epoch: int, batches: list[int]) -> None:
    lesson = points()

    taught(line(), lesson=lesson, plan=replace(PLAN, epochs=2, rows_an_epoch=rows_an_epoch))

    assert [len(rows) for rows in lesson.asked] == 2 * batches
    first = torch.cat(lesson.asked[: len(batches)])
    second = torch.cat(lesson.asked[len(batches) :])
    assert len(first.unique()) == len(first)
    assert not torch.equal(first, second)


def test_an_epoch_smaller_than_a_batch_draws_no_more_than_it_says() -> None:
    lesson = points()

    taught(line(), lesson=lesson, plan=replace(PLAN, epochs=1, rows_an_epoch=10))

    assert [len(rows) for rows in lesson.asked] == [10]


def test_fewer_rows_than_a_batch_are_one_batch() -> None:
    lesson = points(7)

    taught(line(), lesson=lesson, plan=replace(PLAN, epochs=1))

    assert [len(rows) for rows in lesson.asked] == [7]


@pytest.mark.parametrize(
    "wrong",
    [
        {"schedule": "step"},
        {"epochs": 0},
        {"batch_rows": 0},
        {"patience": 0},
        {"learning_rate": 0.0},
        {"learning_rate": math.nan},
        {"rows_an_epoch": -1},
        {"weight_decay": -0.1},
        {"clip_norm": -1.0},
        {"warm_up": -0.1},
        {"warm_up": 1.5},
    ],
    ids=str,
)
def test_a_plan_that_cannot_be_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        replace(PLAN, **wrong)


def test_a_device_that_is_not_there_is_refused() -> None:
    absent = "tpu" if torch.cuda.is_available() else "cuda"

    with pytest.raises(SettingsError, match=rf"cuda must be there; was '{absent}', and CUDA is"):
        taught(line(), workshop=Workshop(device=absent))
    assert place_of("cpu") == torch.device("cpu")
    assert place_of("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")


def on_cuda(given: Points) -> Points:
    return Points(given.x.cuda(), given.y.cuda())


@needs_cuda
def test_on_cuda_it_learns_the_line_too() -> None:
    plan = replace(PLAN, epochs=30, learning_rate=0.2)
    given, held = on_cuda(points()), on_cuda(points(100, seed=8))

    told = taught(
        line(dropout=0.0), lesson=given, held=held, plan=plan, workshop=Workshop(device="cuda")
    )

    assert told.held_losses[-1] < 0.4


@needs_cuda
def test_a_checkpoint_of_another_device_is_refused(tmp_path: Path) -> None:
    given, held = on_cuda(points()), on_cuda(points(100, seed=8))
    shop = Workshop(device="cuda", report=killed_in(3), folder=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        taught(line(), lesson=given, held=held, workshop=shop)

    with pytest.raises(SettingsError, match="is of another training"):
        taught(line(), workshop=Workshop(folder=tmp_path))
