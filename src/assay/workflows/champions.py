"""Who is champion of a series: the artefact that its newest fusion hears as a member."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay.core.errors import ArtefactError, NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.fusion.evidence import Producer
from assay.fusion.fitted import FittedFusion
from assay.models.loading import LoadedModel, load
from assay.store.artefacts import ArtefactRow, Artefacts, GateVerdict
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.gather import Prepared, Series, prepare_all
from assay.workflows.keeping import spoken
from assay.workflows.learn import MemberPlan, Voice
from assay.workflows.promoting import newest_fusions
from assay.workflows.train import stored_series


@dataclass(frozen=True, slots=True)
class Champions:
    """The artefacts in service, by series; `problems` say why one that was can serve no more."""

    fusions: Mapping[Series, FittedFusion]
    rows: Mapping[str, ArtefactRow]
    voices: Mapping[str, Voice]
    problems: tuple[str, ...]

    def of(self, series: Series) -> Sequence[Producer]:
        """Return the producers that the newest fusion of `series` hears and that can serve."""
        fitted = self.fusions.get(series)
        heard = fitted.producers if fitted else ()
        return [producer for producer in heard if producer.artefact in self.voices]

    def before(self, plan: MemberPlan, covered: Sequence[Prepared]) -> ArtefactRow | None:
        """Return the artefact that does the work of `plan` on these series now, the first of them.

        None where there is none.
        """
        for item in covered:
            for producer in self.of(item.series):
                if (producer.member, producer.timeframe) == (plan.name, item.series.timeframe):
                    return self.rows[producer.artefact]
        return None


@dataclass(frozen=True, slots=True)
class Ground:
    """The series that were asked for, all of their symbols' prepared, and who is champion there.

    `problems` name what is too short to be prepared.
    """

    wanted: tuple[Series, ...]
    prepared: Mapping[Series, Prepared]
    known: Champions
    problems: tuple[str, ...]


def ground_of(
    desk: Desk, symbols: Sequence[str], timeframes: Sequence[Timeframe], tick: Tick = silent
) -> Ground:
    """Return the ground of the stored series of these symbols and timeframes; none means all."""
    wanted = stored_series(desk, symbols, timeframes)
    around = [s for s in stored_series(desk, [s.symbol for s in wanted], ()) if s not in wanted]
    short: list[str] = []
    prepared = prepare_all(desk, [*wanted, *around], problems=short, tick=tick)
    return Ground(tuple(wanted), prepared, champions(desk, prepared), tuple(short))


def champions(desk: Desk, prepared: Mapping[Series, Prepared]) -> Champions:
    """Return the champions of the prepared series.

    One that is damaged, was retired by a person, or reads other peers or features than are there
    now, is none any more.
    """
    registry = Artefacts(desk.database)
    fusions = {
        series: fitted
        for fitted in newest_fusions(desk)
        if (series := Series(fitted.symbol, fitted.timeframe)) in prepared
    }
    rows, voices, problems = {}, {}, []
    wanted = {p.artefact: p for fitted in fusions.values() for p in fitted.producers}
    for artefact, producer in wanted.items():
        try:
            row = registry.get(artefact)
            _refuse_retired(registry, row)
            model = load(desk.models / row.path)
            _refuse_changed(model, row, prepared)
            voices[artefact] = spoken(row, model)
            rows[artefact] = row
        except (ArtefactError, NotFoundError) as error:
            problems.append(f"{producer.member} {producer.timeframe}: {error}")
    return Champions(fusions, rows, voices, tuple(problems))


def _refuse_retired(registry: Artefacts, row: ArtefactRow) -> None:
    given = registry.verdicts(row.id)
    if given and given[-1].verdict is GateVerdict.WITHDRAWN:
        raise ArtefactError(f"{row.id[:12]} was retired ({given[-1].reason})")


def _refuse_changed(
    model: LoadedModel, row: ArtefactRow, prepared: Mapping[Series, Prepared]
) -> None:
    """Refuse a model that would be handed other columns than it learned from."""
    for symbol in row.symbols:
        item = prepared.get(Series(symbol, row.timeframe))
        if item is None:
            continue
        peers = model.data.get("peers", {}).get(str(item.series))
        if peers is not None and list(peers) != list(item.peers):
            raise ArtefactError(
                f"{row.id[:12]} learned {item.series} beside {', '.join(peers) or 'nothing'}, and "
                f"its peers are {', '.join(item.peers) or 'none'} now"
            )
        model.check_features(item.pipeline.only(model.reads).hash)
