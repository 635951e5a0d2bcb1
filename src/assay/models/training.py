"""The one loop that trains every net; it knows no market and no architecture.

AdamW, a schedule, clipping, early stopping on a later span, and a checkpoint after every epoch from
which a killed run goes on to the same weights. Chance comes from two generators of its own, so the
same seed gives the same bytes on one machine, on the CPU with one thread, whatever else is trained
beside it in the same process.
"""

import contextlib
import ctypes
import math
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from assay.core.errors import DataError, SettingsError
from assay.core.ids import digest
from assay.models.checkpoint import Checkpoint, read, write
from assay.models.contract import BENCH, Progress, Workshop
from assay.models.layers import hand_chance

REPORT_SECONDS = 0.5
TRIM_THRESHOLD, MMAP_THRESHOLD, KEPT_BYTES = -1, -3, 2**30
"""glibc's M_TRIM_THRESHOLD and M_MMAP_THRESHOLD, and what both are set to."""
HELD_BATCH = 4
"""How many training batches are one batch where nothing is learned."""


class Lesson(Protocol):
    """Rows to learn from, or to be judged on; tensors lie on the device already."""

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def loss(self, net: nn.Module, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean loss of `rows` (B,) and their total weight."""
        ...


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How long and how hard to learn.

    `schedule` is `cosine`: a linear rise over `warm_up` of all steps, then half a cosine down to 0
    at the last (Loshchilov and Hutter 2017); or `decay`: constant for two epochs, then times 0.9 an
    epoch (the published script of PatchTST). `weight_decay` is AdamW's, 0 makes it Adam.
    `clip_norm` bounds the gradient's norm, 0 leaves it alone. Training stops once `patience` epochs
    brought nothing better on the held rows; the best epoch is kept. An epoch draws
    `rows_an_epoch` rows, or all of them if that is 0 or more than there are.
    """

    epochs: int = 10
    batch_rows: int = 256
    rows_an_epoch: int = 0
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    schedule: str = "cosine"
    warm_up: float = 0.1
    clip_norm: float = 1.0
    patience: int = 3

    def __post_init__(self) -> None:
        if self.schedule not in ("cosine", "decay"):
            raise SettingsError(f"schedule is cosine or decay; was {self.schedule!r}")
        for name in ("epochs", "batch_rows", "learning_rate", "patience"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name} must be above zero; was {getattr(self, name)}")
        for name in ("rows_an_epoch", "weight_decay", "clip_norm"):
            if not getattr(self, name) >= 0:
                raise SettingsError(f"{name} must not be below zero; was {getattr(self, name)}")
        if not 0 <= self.warm_up <= 1:
            raise SettingsError(f"warm_up is a share of all steps, 0 to 1; was {self.warm_up}")

    def rate(self, step: int, steps_an_epoch: int) -> float:
        """Return the learning rate of a step, counted from 0 over all epochs."""
        if self.schedule == "decay":
            epoch = step // steps_an_epoch + 1
            return self.learning_rate * (1.0 if epoch < 3 else 0.9 ** (epoch - 3))
        total = self.epochs * steps_an_epoch
        rise = max(1, round(self.warm_up * total))
        if step < rise:
            return self.learning_rate * (step + 1) / rise
        done = (step - rise) / max(1, total - rise)
        return self.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))


@dataclass(frozen=True, slots=True)
class Taught:
    """What a training brought: `net` holds the weights of `best_epoch` (from 1) and is in eval.

    `losses` and `held_losses` hold one value an epoch.
    """

    best_epoch: int
    losses: tuple[float, ...]
    held_losses: tuple[float, ...]
    seconds: float


def teach(
    net: nn.Module,
    lesson: Lesson,
    held: Lesson,
    plan: TrainingPlan,
    *,
    seed: int,
    name: str,
    key: str = "",
    workshop: Workshop = BENCH,
) -> Taught:
    """Train `net` in place on `lesson`, stopping by `held`, and leave it with its best weights.

    `name` is said in errors; `key` stands for whatever else decides the result (settings, data): a
    checkpoint of another key, plan or net is refused with a `SettingsError`. A loss that is no
    number is a `DataError` that says when it happened and what to do.
    """
    torch.set_num_threads(1)  # more would add in another order, and wait for each other
    _keep_pages()
    run = _Run(net, lesson, held, plan, seed, name, workshop)
    path = workshop.folder / f"{workshop.job}.checkpoint" if workshop.folder else None
    identity = digest(
        [key, asdict(plan), seed, _shapes(net), len(lesson), len(held), run.place.type]
    )
    if path is not None and path.exists():
        run.restore(read(path, identity, name))
    while run.goes_on():
        run.epoch()
        if path is not None:
            write(path, identity, run.state())
    run.keep_best()
    if path is not None:
        path.unlink(missing_ok=True)
    return Taught(run.best_epoch, tuple(run.losses), tuple(run.held_losses), run.seconds)


class _Run:
    """One training under way."""

    def __init__(
        self,
        net: nn.Module,
        lesson: Lesson,
        held: Lesson,
        plan: TrainingPlan,
        seed: int,
        name: str,
        shop: Workshop,
    ) -> None:
        self.place = place_of(shop.device)
        self.net, self.lesson, self.held, self.plan = net.to(self.place), lesson, held, plan
        self.name, self.report = name, shop.report
        self.order = torch.Generator().manual_seed(seed)
        self.chance = torch.Generator(self.place).manual_seed(seed + 1)
        hand_chance(net, self.chance)
        self.optimiser = torch.optim.AdamW(
            net.parameters(), plan.learning_rate, weight_decay=plan.weight_decay, fused=True
        )
        drawn = min(plan.rows_an_epoch or len(lesson), len(lesson))
        self.size = min(plan.batch_rows, drawn)
        self.steps_an_epoch = drawn // self.size
        self.losses: list[float] = []
        self.held_losses: list[float] = []
        self.best = _copied(net)
        self.seconds = 0.0

    @property
    def best_epoch(self) -> int:
        """Return the epoch, from 1, of the lowest held loss; 0 before the first."""
        losses = self.held_losses
        return losses.index(min(losses)) + 1 if losses else 0

    def goes_on(self) -> bool:
        done = len(self.losses)
        return done < self.plan.epochs and done - self.best_epoch < self.plan.patience

    def epoch(self) -> None:
        begun = time.perf_counter()
        first, total = len(self.losses) * self.steps_an_epoch, 0.0
        said = begun
        self.net.train()
        for number, rows in enumerate(self._batches()):
            total += self._step(rows, first + number)
            now = time.perf_counter()
            if now - said > REPORT_SECONDS and number + 1 < self.steps_an_epoch:
                said = now
                self._report(number + 1, total, self.seconds + now - begun)
        self.losses.append(total / self.steps_an_epoch)
        self.held_losses.append(self._judged())
        if self.best_epoch == len(self.held_losses):
            self.best = _copied(self.net)
        self.seconds += time.perf_counter() - begun
        self._report(0, 0.0, self.seconds)

    def _batches(self) -> Iterator[Tensor]:
        """Yield the rows of each batch of one epoch; what does not fill a last one is left out."""
        rows = torch.randperm(len(self.lesson), generator=self.order).to(self.place)
        for number in range(self.steps_an_epoch):
            yield rows[number * self.size : (number + 1) * self.size]

    def _step(self, rows: Tensor, step: int) -> float:
        rate = self.plan.rate(step, self.steps_an_epoch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        with self._precision():
            loss, _ = self.lesson.loss(self.net, rows)
        loss.backward()
        if self.plan.clip_norm:
            nn.utils.clip_grad_norm_(self.net.parameters(), self.plan.clip_norm)
        self.optimiser.step()
        found = loss.item()
        if not math.isfinite(found):
            self._exploded(found, step, rate)
        return float(found)

    def _exploded(self, found: float, step: int, rate: float) -> None:
        before = f"; the epoch before had {self.losses[-1]:.4g}" if self.losses else ""
        raise DataError(
            f"{self.name}: the loss became {found} in epoch {step // self.steps_an_epoch + 1}, "
            f"step {step + 1}, at learning rate {rate:.2g}{before}; lower learning_rate "
            f"(was {self.plan.learning_rate:g}) or clip_norm (was {self.plan.clip_norm:g})"
        )

    @torch.no_grad()
    def _judged(self) -> float:
        """Return the loss over all held rows."""
        self.net.eval()
        total = weight = 0.0
        every = torch.arange(len(self.held), device=self.place)
        for rows in every.split(HELD_BATCH * self.plan.batch_rows):
            with self._precision():
                loss, share = self.held.loss(self.net, rows)
            total, weight = total + float(share * loss), weight + float(share)
        found = total / weight if weight > 0 else math.nan
        if not math.isfinite(found):
            step = len(self.losses) * self.steps_an_epoch - 1
            self._exploded(found, step, self.plan.rate(step, self.steps_an_epoch))
        return found

    def _precision(self) -> AbstractContextManager[Any]:
        """Return bf16 autocast on CUDA; on a CPU it was measured to be slower than none."""
        if self.place.type == "cuda":
            return torch.autocast("cuda", torch.bfloat16)
        return nullcontext()

    def _report(self, steps: int, total: float, seconds: float) -> None:
        done = len(self.losses) * self.steps_an_epoch + steps
        every = self.plan.epochs * self.steps_an_epoch
        loss = total / steps if steps else self.losses[-1]
        held = self.held_losses[-1] if self.held_losses else None
        left = seconds / done * (every - done)
        epoch = len(self.losses) + (1 if steps else 0)
        self.report(Progress(epoch, self.plan.epochs, done, every, loss, held, left))

    def keep_best(self) -> None:
        self.net.load_state_dict(self.best)
        self.net.eval()

    def state(self) -> Checkpoint:
        return Checkpoint(
            net=_copied(self.net),
            best=self.best,
            optimiser=self.optimiser.state_dict()["state"],
            order=self.order.get_state(),
            chance=self.chance.get_state(),
            losses=self.losses,
            held_losses=self.held_losses,
            seconds=self.seconds,
        )

    def restore(self, kept: Checkpoint) -> None:
        self.net.load_state_dict(kept.net)
        self.best = kept.best
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": kept.optimiser, "param_groups": groups})
        self.order.set_state(kept.order)
        self.chance.set_state(kept.chance)
        self.losses, self.held_losses = list(kept.losses), list(kept.held_losses)
        self.seconds = kept.seconds


def _keep_pages() -> None:
    """Let glibc keep what a step has freed: given back, every step faults it in again.

    Ten percent of a step of PatchTST; the peak stays the same.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(TRIM_THRESHOLD, KEPT_BYTES)
            libc.mallopt(MMAP_THRESHOLD, KEPT_BYTES)


def place_of(device: str) -> torch.device:
    """Return the device of a `Workshop`; CUDA that is not there is a `SettingsError`."""
    there = torch.cuda.is_available()
    if device not in ("cpu", "cuda", "auto") or (device == "cuda" and not there):
        raise SettingsError(
            f"The device is cpu, cuda or auto, and cuda must be there; was {device!r}, and CUDA is "
            f"{'there' if there else 'not'}"
        )
    return torch.device("cuda" if there and device != "cpu" else "cpu")


def _copied(net: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in net.state_dict().items()}


def _shapes(net: nn.Module) -> list[list[Any]]:
    return [[name, list(value.shape)] for name, value in net.state_dict().items()]
