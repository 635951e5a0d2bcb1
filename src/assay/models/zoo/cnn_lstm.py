"""CNN-LSTM: convolutions read shapes of a few bars, a recurrent net how they follow each other."""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from assay.models.layers import Dropout
from assay.models.nets import Net


class Trunk(nn.Module):
    """Shapes: B batch, L bars, F features, C filters, U units of the LSTM."""

    def __init__(
        self, columns: int, *, filters: int, kernel: int, units: int, layers: int, dropout: float
    ) -> None:
        super().__init__()
        self.first = nn.Conv1d(columns, filters, kernel, padding=kernel - 1)
        self.second = nn.Conv1d(filters, filters, kernel, padding=kernel - 1)
        self.dropout = Dropout(dropout)
        self.lstm = nn.LSTM(filters, units, layers, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, L, F) to (B, U), the LSTM's state after the last bar."""
        bars = x.shape[1]
        z = functional.relu(self.first(x.transpose(1, 2))[..., :bars])  # (B, C, L), past only
        z = functional.relu(self.second(z)[..., :bars])  # (B, C, L)
        told, _ = self.lstm(self.dropout(z.transpose(1, 2)))  # (B, L, U)
        return told[:, -1]


@dataclass(frozen=True, slots=True)
class CnnLstm(Net):
    """Two causal convolutions over the bars, then an LSTM (after Livieris et al. 2020)."""

    filters: int = 24
    kernel: int = 3
    units: int = 32
    layers: int = 1
    family = "cnn_lstm"

    def __post_init__(self) -> None:
        Net.__post_init__(self)
        self._whole("filters", "kernel", "units", "layers")

    def trunk(self, columns: int) -> tuple[nn.Module, int]:
        """See `Net.trunk`."""
        made = Trunk(
            columns,
            filters=self.filters,
            kernel=self.kernel,
            units=self.units,
            layers=self.layers,
            dropout=self.dropout,
        )
        return made, self.units
