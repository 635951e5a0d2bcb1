"""PatchTST: each channel cut into patches, one transformer for all of them (Nie et al. 2023)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from assay.core.errors import SettingsError
from assay.models.layers import Dropout
from assay.models.nets import Net


class Trunk(nn.Module):
    """The published encoder; shapes: B batch, C channels, L bars, N patches of P bars, W width.

    As in the authors' code: the last value is repeated `stride` times so that the end is a patch
    too, positions are learned, norms are of the batch, and with `residual_attention` each layer
    adds its scores to those of the layer before (He et al. 2021), which the paper does not say. Two
    dropouts in a row there are one here of the same law. `mixing` is how many channels one patch
    holds: 1 as published.
    """

    def __init__(
        self,
        look_back: int,
        *,
        patch: int,
        stride: int,
        width: int,
        heads: int,
        layers: int,
        hidden: int,
        dropout: float,
        norm: str = "batch",
        residual_attention: bool = True,
        mixing: int = 1,
    ) -> None:
        super().__init__()
        self.patches = (look_back - patch) // stride + 2
        starts = torch.arange(self.patches) * stride
        places = starts[:, None] + torch.arange(patch)
        self.register_buffer("places", places.clamp(max=look_back - 1), persistent=False)
        self.embed = nn.Linear(mixing * patch, width)
        self.position = nn.Parameter(torch.empty(self.patches, width).uniform_(-0.02, 0.02))
        self.dropout = Dropout(dropout)
        self.layers = nn.ModuleList(
            Layer(width, heads, hidden, dropout, norm, residual_attention=residual_attention)
            for _ in range(layers)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, L) to (B, C, N, W), each channel by itself."""
        patches = x[..., self.get_buffer("places")]  # (B, C, N, P)
        return self._encoded(patches.flatten(0, 1)).unflatten(0, (-1, x.shape[1]))

    def mixed(self, x: Tensor) -> Tensor:
        """Map (B, C, L) to (B, N, W), a patch of all C = `mixing` channels being one token."""
        patches = x[..., self.get_buffer("places")]  # (B, C, N, P)
        return self._encoded(patches.transpose(1, 2).flatten(2))

    def _encoded(self, patches: Tensor) -> Tensor:
        """Map (S, N, P) to (S, N, W)."""
        z = self.dropout(self.embed(patches) + self.position)
        scores: Tensor | None = None
        for layer in self.layers:
            z, scores = layer(z, scores)
        return z


class Layer(nn.Module):
    """Attention over the patches, then a feed-forward net, each added and normed."""

    def __init__(
        self,
        width: int,
        heads: int,
        hidden: int,
        dropout: float,
        norm: str,
        *,
        residual_attention: bool,
    ) -> None:
        super().__init__()
        self.heads, self.residual = heads, residual_attention
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.twice = Dropout(1.0 - (1.0 - dropout) ** 2)
        self.wide, self.narrow = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.once, self.after = Dropout(dropout), Dropout(dropout)
        kind = BatchNorm if norm == "batch" else nn.LayerNorm
        self.norm_attention, self.norm_forward = kind(width), kind(width)

    def forward(self, z: Tensor, before: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Map (S, N, W) and the scores (S, heads, N, N) of the layer before to both anew."""
        parts = self.qkv(z).unflatten(-1, (3, self.heads, -1))  # (S, N, 3, heads, W / heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each (S, heads, N, W / heads)
        scores: Tensor | None = None
        if self.residual:
            scores = query * query.shape[-1] ** -0.5 @ key.transpose(-1, -2)
            scores = scores if before is None else scores + before
            mixed = scores.float().softmax(-1).to(value.dtype) @ value
        else:
            mixed = functional.scaled_dot_product_attention(query, key, value)
        z = self.norm_attention(z + self.twice(self.out(mixed.transpose(1, 2).flatten(2))))
        forward = self.narrow(self.once(functional.gelu(self.wide(z))))
        return self.norm_forward(z + self.after(forward)), scores


class BatchNorm(nn.Module):
    """Batch norm of the last axis, whatever stands before it (Ioffe and Szegedy 2015)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("variance", torch.ones(width))

    def forward(self, z: Tensor) -> Tensor:
        """Map (S, N, W) to the same shape."""
        mean, variance = self.get_buffer("mean"), self.get_buffer("variance")
        normed = functional.batch_norm(
            z.flatten(0, 1), mean, variance, self.weight, self.bias, self.training
        )
        return normed.view_as(z)


def reversible(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return `x` (B, C, L) less its own mean over its own deviation, and both (B, C, 1).

    RevIN without its affine part (Kim et al. 2022), in single precision whatever the autocast.
    """
    x = x.float()
    mean = x.mean(-1, keepdim=True)
    deviation = (x.var(-1, keepdim=True, unbiased=False) + 1e-5).sqrt()
    return (x - mean) / deviation, mean, deviation


class Forecaster(nn.Module):
    """The published forecaster of all channels by themselves: what the benchmarks train."""

    def __init__(self, trunk: Trunk, width: int, horizon: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(trunk.patches * width, horizon)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, L) to (B, C, H)."""
        z, mean, deviation = reversible(x)
        told = self.head(self.trunk(z).flatten(2))  # (B, C, H)
        return told.float() * deviation + mean


class Channels(nn.Module):
    """The trunk of a member: F channels of features, side by side or mixed, in and (B, W) out.

    `independent` sends every channel through the one encoder by itself, as published; `mixed`
    makes one patch of all channels, F times cheaper. With `reversible` each channel loses its own
    mean and scale within the window, and both are told to the head instead of being put back, since
    what is forecast is none of the channels.
    """

    def __init__(
        self, trunk: Trunk, columns: int, outputs: int, *, mixed: bool, reversible: bool
    ) -> None:
        super().__init__()
        self.trunk, self.mixed, self.reversible = trunk, mixed, reversible
        wide = trunk.patches * trunk.embed.out_features * (1 if mixed else columns)
        self.flat = nn.Linear(wide + (2 * columns if reversible else 0), outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, L, F) to (B, outputs)."""
        z = x.transpose(1, 2)  # (B, F, L)
        told: list[Tensor] = []
        if self.reversible:
            z, mean, deviation = reversible(z)
            told = [mean.squeeze(-1), deviation.log().squeeze(-1)]  # (B, F) each
        found = self.trunk.mixed(z) if self.mixed else self.trunk(z)
        return self.flat(torch.cat([found.flatten(1), *told], -1))


@dataclass(frozen=True, slots=True)
class PatchTST(Net):
    """Patches of bars through a transformer encoder (Nie et al. 2023).

    `channels` is `mixed` (one token for a patch of all columns) or `independent` (every column by
    itself, as published, and as many times slower as there are columns). `revin` removes each
    column's level within the window and tells it to the head. `residual_attention` is the authors'
    code's, not the paper's.
    """

    patch: int = 8
    stride: int = 4
    width: int = 24
    heads: int = 4
    layers: int = 2
    inner: int = 48
    norm: str = "batch"
    channels: str = "mixed"
    residual_attention: bool = True
    revin: bool = True
    family = "patchtst"

    def __post_init__(self) -> None:
        Net.__post_init__(self)
        self._whole("patch", "stride", "width", "heads", "layers", "inner")
        if self.channels not in ("mixed", "independent"):
            raise SettingsError(
                f"patchtst: channels is mixed or independent; was {self.channels!r}"
            )
        if self.norm not in ("batch", "layer"):
            raise SettingsError(f"patchtst: norm is batch or layer; was {self.norm!r}")
        if self.width % self.heads or self.patch > self.look_back:
            raise SettingsError(
                f"patchtst: heads ({self.heads}) must divide width ({self.width}), and a patch "
                f"({self.patch} bars) fit into look_back ({self.look_back})"
            )

    def trunk(self, columns: int) -> tuple[nn.Module, int]:
        """See `Net.trunk`."""
        mixed = self.channels == "mixed"
        encoder = Trunk(
            self.look_back,
            patch=self.patch,
            stride=self.stride,
            width=self.width,
            heads=self.heads,
            layers=self.layers,
            hidden=self.inner,
            dropout=self.dropout,
            norm=self.norm,
            residual_attention=self.residual_attention,
            mixing=columns if mixed else 1,
        )
        made = Channels(encoder, columns, self.hidden, mixed=mixed, reversible=self.revin)
        return made, self.hidden
