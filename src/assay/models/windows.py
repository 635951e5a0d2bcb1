"""Windows of bars out of one table, as views: nothing is copied before a batch is asked for."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from assay.core.errors import DataError
from assay.models.contract import Ahead, Floats, Samples
from assay.models.empirical import LEVELS

UNTOLD = (0,)
"""The horizons of samples that do not say how far they look ahead."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Rows to learn from: each is a window that ends in it, and what came after.

    `view` (N - L + 1, L F) are all windows of the table; `first` (n,) those that are rows; `ids`
    (n, 2) instrument and timeframe; `scaled`, `label` and `weight` (n, H) what came, unknown with
    weight 0. `levels` (Q,) are the quantiles'. `class_share` weighs the cross-entropy of the
    classes against the pinball loss of the quantiles.
    """

    view: Tensor
    columns: int
    first: Tensor
    ids: Tensor
    scaled: Tensor
    label: Tensor
    weight: Tensor
    levels: Tensor
    class_share: float

    def __len__(self) -> int:
        return len(self.first)

    def batch(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the windows (B, L, F) and ids (B, 2) of `rows` (B,)."""
        flat = self.view.index_select(0, self.first[rows])  # one run of memory a window
        window = flat.view(len(rows), -1, self.columns).transpose(1, 2).contiguous()
        return window.transpose(1, 2), self.ids[rows]  # as nets read it: bar after bar a column

    def loss(self, net: nn.Module, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the weighted mean loss of `rows` over all horizons, and their weight."""
        quantiles, logits = net(*self.batch(rows))  # (B, H, Q), (B, H, 3)
        weight = self.weight[rows]
        miss = self.scaled[rows].unsqueeze(-1) - quantiles.float()
        pinball = torch.maximum(self.levels * miss, (self.levels - 1) * miss).mean(-1)  # (B, H)
        entropy = functional.cross_entropy(
            logits.float().flatten(0, 1), self.label[rows].flatten(), reduction="none"
        ).view_as(pinball)
        total = weight.sum().clamp(min=1e-9)
        return (weight * (pinball + self.class_share * entropy)).sum() / total, total


def outcomes(samples: Samples) -> Ahead:
    """Return what came of `samples` over every horizon there is, theirs alone if no other."""
    if samples.ahead is not None:
        return samples.ahead
    return Ahead(
        UNTOLD, 0, samples.scaled[:, None], samples.label[:, None], samples.weight[:, None]
    )


def windows_of(
    samples: Samples,
    table: Floats,
    ids: NDArray[np.int64],
    *,
    look_back: int,
    class_share: float,
    device: torch.device,
) -> Windows:
    """Return the windows of `samples` out of `table` (N, F), which must be finite throughout.

    All rows must reach back `look_back` bars. A value that is no number is a `DataError`.
    """
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise DataError(
            f"Row {row} of column {samples.columns[column]!r} is {table[row, column]} after "
            "scaling; unknown values are filled before a net sees them"
        )
    came = outcomes(samples)
    known = (came.label >= 0) & np.isfinite(came.scaled) & (came.weight > 0)
    weight = np.where(known, came.weight, 0.0)
    weight = weight / max(float(weight.mean()), 1e-9)
    values = torch.from_numpy(np.ascontiguousarray(table, dtype=np.float32)).to(device)
    count, columns = values.shape

    def tensor(array: NDArray[np.generic], kind: torch.dtype) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(device, kind)

    return Windows(
        view=values.as_strided((count - look_back + 1, look_back * columns), (columns, 1)),
        columns=columns,
        first=tensor(samples.asked.at - look_back + 1, torch.int64),
        ids=tensor(ids, torch.int64),
        scaled=tensor(np.where(known, came.scaled, 0.0), torch.float32),
        label=tensor(np.where(known, came.label, 0), torch.int64),
        weight=tensor(weight, torch.float32),
        levels=tensor(LEVELS, torch.float32),
        class_share=class_share,
    )
