"""What every net shares: its rows, its training, and how it becomes weights without torch."""

import hashlib
import threading
from abc import abstractmethod
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from assay.core.errors import DataError, HistoryError, SettingsError
from assay.core.ids import digest
from assay.models.checking import learnable
from assay.models.contract import BENCH, Member, Samples, Scope, Weights, Workshop
from assay.models.empirical import LEVELS, smoothed_rates, weighted_quantiles
from assay.models.export import Architecture, graph_of
from assay.models.layers import Distribution, Names, SeriesNet
from assay.models.shapes import weights_digest
from assay.models.standard import Standard, fit_standard
from assay.models.training import TrainingPlan, place_of, teach
from assay.models.vocabulary import Vocabulary, vocabulary
from assay.models.windows import outcomes, windows_of

_BUILDING = threading.Lock()
"""A net's first weights come from torch's one generator: one net at a time."""
TUNED_RATE, TUNED_EPOCHS = 0.1, 2
"""The share of the learning rate, and the most epochs, with which a net goes on from weights."""


@dataclass(frozen=True, slots=True)
class Net(Member):
    """A net over the last `look_back` bars of every column; the trunk is the subclass's own.

    `mode` is `panel` (one net for all series of a timeframe, which tells them apart by name and has
    a row for the unknown) or `series` (one net each). Columns are z-scored on the train span and
    unknown values are put at the mean. An epoch draws `rows_an_epoch` windows; the epoch with the
    lowest loss on the stop span (thinned to `stop_rows`) is kept.
    """

    look_back: int = 32
    mode: str = "panel"
    hidden: int = 32
    names_width: int = 8
    forget: float = 0.05
    dropout: float = 0.1
    class_share: float = 0.5
    epochs: int = 6
    batch_rows: int = 256
    rows_an_epoch: int = 8_192
    stop_rows: int = 4_096
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warm_up: float = 0.1
    clip_norm: float = 1.0
    patience: int = 2
    rows_needed: int = 1000
    stop_rows_needed: int = 200
    tunes = True

    def __post_init__(self) -> None:
        if self.mode not in ("panel", "series"):
            raise SettingsError(f"{self._name}: mode is panel or series; was {self.mode!r}")
        if self.look_back < 2:
            raise SettingsError(f"{self._name}: look_back is 2 bars or more; was {self.look_back}")
        for name in ("dropout", "forget"):
            if not 0 <= getattr(self, name) < 1:
                raise SettingsError(
                    f"{self._name}: {name} is a share below 1; was {getattr(self, name)}"
                )
        if not self.class_share >= 0:
            raise SettingsError(
                f"{self._name}: class_share must not be below zero; was {self.class_share}"
            )
        self._whole("hidden", "names_width", "stop_rows")
        self.plan  # noqa: B018 - refuses settings that contradict themselves

    def _whole(self, *names: str) -> None:
        """Refuse the sizes of these names that are below 1."""
        for name in names:
            if getattr(self, name) < 1:
                raise SettingsError(f"{self._name}: {name} is 1 or more; was {getattr(self, name)}")

    @abstractmethod
    def trunk(self, columns: int) -> tuple[nn.Module, int]:
        """Return the trunk, a map from (B, L, `columns`) to (B, W), and its W."""

    @property
    def _name(self) -> str:
        return type(self).__module__.rpartition(".")[2]

    @property
    def scope(self) -> Scope:  # type: ignore[override]  # the mode decides
        """Return what one fit covers."""
        return Scope(self.mode)

    @property
    def bars_read(self) -> int:
        """See `Member.bars_read`."""
        return self.look_back

    @property
    def plan(self) -> TrainingPlan:
        """Return how it is trained."""
        return TrainingPlan(
            epochs=self.epochs,
            batch_rows=self.batch_rows,
            rows_an_epoch=self.rows_an_epoch,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            warm_up=self.warm_up,
            clip_norm=self.clip_norm,
            patience=self.patience,
        )

    def build(self, columns: int, names: Vocabulary, horizons: int) -> SeriesNet:
        """Return the net for so many columns, names and horizons, with first weights."""
        trunk, outputs = self.trunk(columns)
        known = Names(len(names.symbols), len(names.timeframes), self.names_width, self.forget)
        head = Distribution(outputs, self.hidden, horizons, len(LEVELS))
        return SeriesNet(trunk, outputs, known, head)

    def seeded(self, columns: int, names: Vocabulary, horizons: int, seed: int) -> SeriesNet:
        """Return `build` with first weights that hang on `seed` alone."""
        with _BUILDING, torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self.build(columns, names, horizons)

    def fit(
        self,
        train: Samples,
        stop: Samples,
        *,
        seed: int,
        threads: int,
        workshop: Workshop = BENCH,
    ) -> Weights:
        """See `Member.fit`; one thread learns, whatever `threads` says."""
        rows, held = self._both(train, stop)
        standard = self._standard(rows)
        names = vocabulary(rows.asked.names)
        net = self.seeded(len(rows.columns), names, len(outcomes(rows).horizons), seed)
        net.head.start(*_climatology(rows))
        return self._taught(net, rows, held, standard, names, self.plan, seed, workshop)

    def tune(
        self,
        start: Weights,
        train: Samples,
        stop: Samples,
        *,
        seed: int,
        threads: int,
        workshop: Workshop = BENCH,
    ) -> Weights:
        """See `Member.tune`: slowly and briefly, with the scaling and the names of `start`.

        A tenth of the learning rate for at most two epochs (Howard and Ruder 2018 go on in this
        way, so that what was learned is not forgotten). A series that `start` did not know is the
        unknown one.
        """
        rows, held = self._both(train, stop)
        names = Vocabulary.of_plain(start.params["names"])
        net = self.seeded(len(rows.columns), names, len(outcomes(rows).horizons), seed)
        net.load_state_dict({name: torch.from_numpy(v.copy()) for name, v in start.arrays.items()})
        plan = replace(
            self.plan,
            learning_rate=self.learning_rate * TUNED_RATE,
            epochs=min(self.epochs, TUNED_EPOCHS),
        )
        standard = Standard.of(start.scaler)
        return self._taught(net, rows, held, standard, names, plan, seed, workshop)

    def _both(self, train: Samples, stop: Samples) -> tuple[Samples, Samples]:
        """Return the rows to learn from, and those to stop by, thinned."""
        rows = self._rows(train, "train", self.rows_needed)
        held = self._rows(stop, "stop", self.stop_rows_needed)
        return rows, held.take(np.arange(0, len(held), -(-len(held) // self.stop_rows)))

    def _taught(
        self,
        net: SeriesNet,
        rows: Samples,
        held: Samples,
        standard: Standard,
        names: Vocabulary,
        plan: TrainingPlan,
        seed: int,
        workshop: Workshop,
    ) -> Weights:
        """Return the weights of `net` after `plan`."""
        came, place = outcomes(rows), place_of(workshop.device)
        lesson, judge = (
            windows_of(
                each,
                standard.scores(each.asked.table).astype(np.float32),
                names.ids(each.asked),
                look_back=self.look_back,
                class_share=self.class_share,
                device=place,
            )
            for each in (rows, held)
        )
        key = self._identity(rows, held, net) if workshop.folder else ""
        teach(net, lesson, judge, plan, seed=seed, name=self._name, key=key, workshop=workshop)
        state = {name: value.cpu().numpy() for name, value in net.cpu().state_dict().items()}
        architecture = Architecture(
            self._name,
            self.version,
            self.settings(),
            rows.columns,
            names,
            came.horizons,
            came.decision,
        )
        graph = graph_of(net, architecture, state, workshop.folder, standard.arrays())
        return Weights(
            "onnx",
            state,
            params=architecture.params(state),
            scaler=standard.arrays(),
            graphs={"model.onnx": graph},
        )

    def _rows(self, samples: Samples, span: str, needed: int) -> Samples:
        """Return the labelled rows with a whole window; too few are a `HistoryError`."""
        if samples.past is None:
            raise DataError(
                f"{self._name} reads the {self.look_back} bars up to each row, and the {span} span "
                "holds the rows alone"
            )
        rows = learnable(samples, member=self._name, span=span, rows_needed=needed)
        whole = rows.asked.reaching(self.look_back)
        if whole.sum() < needed:
            raise HistoryError(
                f"{self._name} needs {needed:,} labelled rows with {self.look_back} bars before "
                f"them in the {span} span and found {int(whole.sum()):,} of {len(samples):,}; "
                "bring more history"
            )
        return rows.take(whole)

    def _identity(self, rows: Samples, held: Samples, net: SeriesNet) -> str:
        """Return what decides a training: one that is resumed must go on with the same."""
        first = weights_digest({n: v.cpu().numpy() for n, v in net.state_dict().items()})
        return digest([self.settings(), rows.columns, _print(rows), _print(held), first])

    def _standard(self, rows: Samples) -> Standard:
        every = np.arange(len(rows.columns))
        standard = fit_standard(rows.x, rows.weight, every)
        told = standard.scores(rows.x)
        if not np.ptp(told, axis=0).any():
            raise HistoryError(
                f"{self._name}: all {len(every)} columns are constant over the {len(rows):,} rows "
                "of the train span; there is nothing to learn from"
            )
        return standard


def _climatology(rows: Samples) -> tuple[torch.Tensor, torch.Tensor]:
    """Return quantiles (H, Q) and class rates (H, 3) of what came, to begin at."""
    came = outcomes(rows)
    quantiles, rates = [], []
    for column in range(len(came.horizons)):
        label, scaled = came.label[:, column], came.scaled[:, column]
        weight = came.weight[:, column]
        known = (label >= 0) & np.isfinite(scaled) & (weight > 0)
        quantiles.append(weighted_quantiles(scaled[known], weight[known], LEVELS))
        rates.append(smoothed_rates(label[known], weight[known]))
    return torch.tensor(np.array(quantiles)).float(), torch.tensor(np.array(rates)).float()


def _print(rows: Samples) -> str:
    """Return what tells these rows from others: a resumed training must go on with the same."""
    asked, came = rows.asked, outcomes(rows)
    parts = (rows.time, rows.x, rows.scaled, rows.label, rows.weight, came.scaled, came.label)
    read = (came.weight, asked.table, asked.at, asked.begin, asked.series)
    told = [hashlib.sha256(part.tobytes()).hexdigest() for part in (*parts, *read)]
    return digest([asked.names, came.horizons, came.decision, told])
