"""Layers that several nets share, each deterministic for a generator it was given."""

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 3
FIRST_SCALE = 0.1
"""Of the last layer's first weights: a net begins near climatology."""
STEPS = 256
"""A value is kept or not by one random byte, so a share is rounded to a 256th; the scale is exact.
A byte a value takes a third of the time of `bernoulli_`, which was 37 % of a step of PatchTST."""


class Dropout(nn.Module):
    """Sets a share of the values to zero while training and scales the others up.

    It draws from the `generator` it was handed, not from the process's: nets that are trained side
    by side in threads then do not disturb each other's chance.
    """

    generator: torch.Generator | None = None

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` of any shape, thinned if training."""
        if not self.training or not self.share:
            return x
        lost = round(self.share * STEPS)
        words = torch.empty((x.numel() + 7) // 8, dtype=torch.int64, device=x.device)
        words.random_(-(2**63), None, generator=self.generator)
        kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= lost
        return x * kept.to(x.dtype).mul_(STEPS / (STEPS - lost))


class Names(nn.Module):
    """What is known of a series by its name: an instrument's row and a timeframe's, added.

    Row 0 of each is for the unknown: while training each name is forgotten with chance `forget`, so
    that row 0 learns what holds for all.
    """

    generator: torch.Generator | None = None

    def __init__(self, symbols: int, timeframes: int, width: int, forget: float) -> None:
        super().__init__()
        self.symbol = nn.Embedding(symbols + 1, width)
        self.timeframe = nn.Embedding(timeframes + 1, width)
        self.forget = forget

    def forward(self, ids: Tensor) -> Tensor:
        """Map ids (B, 2) of instrument and timeframe to (B, W)."""
        if self.training and self.forget:
            chance = torch.rand(ids.shape, generator=self.generator, device=ids.device)
            ids = torch.where(chance < self.forget, 0, ids)
        return self.symbol(ids[:, 0]) + self.timeframe(ids[:, 1])


class Distribution(nn.Module):
    """Quantiles that cannot cross and the odds of three classes, for H horizons, from one trunk.

    The middle quantile is free and the others are positive steps outward from it. It begins as
    climatology (`start`): what is learned is the departure from it.
    """

    def __init__(self, inputs: int, hidden: int, horizons: int, levels: int) -> None:
        super().__init__()
        self.shape, self.middle = (horizons, levels + CLASSES), levels // 2
        self.inner = nn.Linear(inputs, hidden)
        self.outer = nn.Linear(hidden, horizons * (levels + CLASSES))

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map (B, inputs) to quantiles (B, H, Q) and logits (B, H, 3)."""
        raw = self.outer(functional.gelu(self.inner(z))).unflatten(-1, self.shape).float()
        logits, told = raw[..., :CLASSES], raw[..., CLASSES:]
        centre = told[..., self.middle : self.middle + 1]  # (B, H, 1)
        steps = functional.softplus(told)
        below = centre - steps[..., : self.middle].cumsum(-1)  # outward: the nearest first
        above = centre + steps[..., self.middle + 1 :].cumsum(-1)
        parts = [below[..., k : k + 1] for k in reversed(range(self.middle))]
        return torch.cat([*parts, centre, above], -1), logits

    @torch.no_grad()
    def start(self, quantiles: Tensor, rates: Tensor) -> None:
        """Begin at `quantiles` (H, Q) and class rates (H, 3), nearly whatever is put in."""
        middle = self.middle
        steps = quantiles.diff(dim=-1).clamp(min=1e-3)  # (H, Q - 1)
        wide = steps + torch.log(-torch.expm1(-steps))  # the inverse of softplus
        told = [wide[:, :middle].flip(-1), quantiles[:, middle : middle + 1], wide[:, middle:]]
        bias: Tensor = self.outer.bias
        bias.copy_(torch.cat([rates.log(), *told], -1).flatten())
        self.outer.weight.mul_(FIRST_SCALE)


class SeriesNet(nn.Module):
    """A trunk over the bars, moved by the name of the series, and a distribution of what follows.

    The name scales and shifts what the trunk found (Perez et al. 2018), for what foretells a rise
    in one market may foretell a fall in another. `trunk` maps (B, L, F) to (B, `trunk.outputs`).
    """

    def __init__(self, trunk: nn.Module, outputs: int, names: Names, head: Distribution) -> None:
        super().__init__()
        self.trunk, self.names, self.head = trunk, names, head
        self.move = nn.Linear(names.symbol.embedding_dim, 2 * outputs)

    def forward(self, x: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Map (B, L, F) and ids (B, 2) to quantiles (B, H, Q) and logits (B, H, 3)."""
        z = self.trunk(x)  # (B, W)
        scale, shift = self.move(self.names(ids)).chunk(2, -1)  # (B, W) each
        quantiles, logits = self.head(z * (1.0 + scale) + shift)
        return quantiles, logits


def hand_chance(net: nn.Module, generator: torch.Generator) -> None:
    """Let every layer of `net` that draws do so from `generator`."""
    for module in net.modules():
        if isinstance(module, (Dropout, Names)):
            module.generator = generator
