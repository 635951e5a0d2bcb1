"""A workspace in Python: the command line's verbs, in its words, as methods."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import SplitPlan
from assay.notebook.asked import Moment, Names, lengths_of, moment, names_of
from assay.notebook.columns import Columns
from assay.notebook.findings import Diagnosis, Rows
from assay.notebook.progress import Asked, shown
from assay.notebook.results import Backtest, Board, Explanation, Signal, Trained, seen_as
from assay.store.journal import Entry
from assay.store.verify import Verification
from assay.workflows.again import kept_report
from assay.workflows.backtest import backtest
from assay.workflows.board import daily
from assay.workflows.catalogue import model, models
from assay.workflows.doctor import examine
from assay.workflows.explain import explain
from assay.workflows.issue import issue
from assay.workflows.learn import DEFAULT_MEMBERS
from assay.workflows.monitoring import monitor
from assay.workflows.reports import write_page
from assay.workflows.retraining import retrain
from assay.workflows.train import train

MODELS = ("member", "family", "timeframe", "symbols", "made_at", "simulated", "artefact")


class Workspace(Columns):
    """One workspace, opened with `assay.open(home)`; nothing is read before a method asks for it.

    Methods have the names of the commands and return what the commands print with `--json`, as
    frozen values, plain rows or polars frames; a notebook shows them as tables. Times are UTC:
    give an aware `datetime`, or ISO text. Symbols and timeframes are text, such as "EURUSD" and
    "1h". Errors are the tree under `assay.AssayError`, one sentence each: `NotFoundError` for a
    name nobody knows, `HistoryError` for too little history, `StoreError` for what is damaged.

    `progress` is True for bars in a terminal or notebook, False for none, or a callable that gets
    (what, done, total). As a context manager it lets go of the database at the end.
    """

    def __repr__(self) -> str:
        return f"Workspace({str(self.home)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; a later call opens it again."""
        self._desk.close()

    def train(
        self,
        symbols: Names = (),
        timeframes: Names = (),
        *,
        members: Sequence[str] = DEFAULT_MEMBERS,
        apart: bool = False,
        progress: Asked | None = None,
    ) -> Trained:
        """Fit members and the fusion that pools them on stored series, all of them by default.

        What is fitted already on the same bars is kept, so a run that was stopped goes on.
        `members` are names of `docs/reference/members.md`; `apart` gives every series nets of its
        own. Series with too little history are in `problems`; if none is left, a `HistoryError`.
        """
        self._desk.refuse_loss()
        with shown(self._asked(progress)) as tick:
            done = train(
                self._desk,
                names_of(symbols),
                lengths_of(timeframes),
                members=members,
                apart=apart,
                tick=tick,
                watch=tick.watch,
            )
        return seen_as(Trained, done)

    def retrain(
        self,
        symbols: Names = (),
        timeframes: Names = (),
        *,
        every: timedelta | None = None,
        fine_tune: bool | None = None,
        force: bool = False,
        dry_run: bool = False,
        progress: Asked | None = None,
    ) -> dict[str, Any]:
        """Train again what is due, and let the better of champion and challenger be heard.

        `due` says of every series whether it is and why, `contests` how each challenger did beside
        its champion, `members` what was trained. `every` and `fine_tune` are the settings
        `retrain_days` and `fine_tune` if left out; `dry_run` only says what is due.
        """
        self._desk.refuse_loss()
        with shown(self._asked(progress)) as tick:
            done = retrain(
                self._desk,
                names_of(symbols),
                lengths_of(timeframes),
                every=every,
                fine_tune=fine_tune,
                force=force,
                plan_only=dry_run,
                tick=tick,
                watch=tick.watch,
            )
        return done.to_json()

    def monitor(
        self, symbols: Names = (), timeframes: Names = (), *, progress: Asked | None = None
    ) -> dict[str, Any]:
        """Return what the drift monitors read of the models in service since they were fitted."""
        with shown(self._asked(progress)) as tick:
            return monitor(self._desk, names_of(symbols), lengths_of(timeframes), tick=tick)

    def models(self, symbol: str | None = None, timeframe: str | None = None) -> Rows:
        """Return the trained members and fusions, the newest first; `made_at` is UTC."""
        length = None if timeframe is None else Timeframe.parse(timeframe)
        return Rows(models(self._desk, symbol=symbol, timeframe=length), MODELS)

    def model(self, artefact: str) -> dict[str, Any]:
        """Return the card of the model whose id begins with `artefact`, checked before it is shown.

        One that does not hold is an `ArtefactError`, an unknown one a `NotFoundError`.
        """
        return model(self._desk, artefact)

    def signal(self, symbol: str, timeframe: str, as_of: Moment | None = None) -> Signal:
        """Issue the signal of the last stored bar, or of the last one closed by `as_of` (UTC).

        It is written to the journal. The same bar and models give the same signal, issued once.
        Without a trained model it is a `NotFoundError` that says what to run.
        """
        self._desk.refuse_loss()
        at = moment(as_of, "as_of")
        return seen_as(Signal, issue(self._desk, symbol, Timeframe.parse(timeframe), as_of=at))

    def explain(self, signal: Signal | str) -> Explanation:
        """Return why a signal is what it is; bars, models and journal are checked again.

        `signal` is one that was issued, or how its id begins. Numbers add up in log-odds.
        """
        name = signal if isinstance(signal, str) else signal.id
        return seen_as(Explanation, explain(self._desk, name))

    def daily(self, timeframes: Names = (), *, progress: Asked | None = None) -> Board:
        """Issue the signal of every trained series, or return the one issued already.

        A series that fails is a line with the reason and stops no other.
        """
        self._desk.refuse_loss()
        with shown(self._asked(progress)) as tick:
            return seen_as(Board, daily(self._desk, lengths_of(timeframes), tick=tick))

    board = daily

    def backtest(
        self,
        symbols: Names = (),
        timeframe: str | None = None,
        *,
        folds: int = 4,
        members: Sequence[str] = DEFAULT_MEMBERS,
        referee: bool = True,
        progress: Asked | None = None,
    ) -> Backtest:
        """Refit and decide fold by fold, trade after costs, and return the report.

        It decides on `timeframe` (the shortest stored if left out) and hears longer ones. Orders
        fill no earlier than the next bar's open. The run is counted as a trial. Too little history
        is a `HistoryError`.
        """
        self._desk.refuse_loss()
        length = None if timeframe is None else Timeframe.parse(timeframe)
        with shown(self._asked(progress)) as tick:
            done = backtest(
                self._desk,
                names_of(symbols),
                length,
                members=members,
                split=SplitPlan(folds=folds),
                referee=referee,
                tick=tick,
            )
        return Backtest(done.report, done.trial)

    def report(self, done: Backtest | str | None = None, out: str | Path | None = None) -> Path:
        """Write a backtest's page to `out`, or to the workspace's reports/; return its path.

        An earlier one is named by its trial, or how that begins; the newest if left out. It is read
        from what the backtest kept, and nothing is run; an unknown one is a `NotFoundError`.
        """
        found = done.report if isinstance(done, Backtest) else kept_report(self._desk, done)
        return write_page(self._desk, found, None if out is None else Path(out))

    def journal(self, limit: int = 20) -> tuple[Entry, ...]:
        """Return the newest entries of the record of issued signals, the oldest first; UTC."""
        return self._desk.journal.last(limit)

    def verify(self) -> Verification:
        """Check the journal: every entry, the chain, its head, and the signals.

        `intact` says whether it holds, `problem` names the first bad entry.
        """
        return self._desk.journal_as_it_is.verify()

    def doctor(self, *, progress: Asked | None = None) -> Diagnosis:
        """Check installation, workspace, database, journal, bars and models; changes nothing."""
        with shown(self._asked(progress)) as tick:
            return seen_as(Diagnosis, examine(self._desk, tick=tick))
