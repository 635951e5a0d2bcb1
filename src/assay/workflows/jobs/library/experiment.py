"""Run the experiments of a text in YAML: as `assay experiment run`."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import Done, Job, Told, Weight, argument

NAME = "experiment.yaml"


@dataclass(frozen=True, slots=True)
class ExperimentJob(Job):
    """Each finished fold is kept, so one that was killed goes on from there."""

    weight: ClassVar[Weight] = Weight.HEAVY
    text: str = argument("", "The experiment, as YAML.")

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise SettingsError("An experiment needs its text in YAML; none was given")

    def run(self, desk: Desk, told: Told) -> Done:
        """See `Job.run`."""
        from contextlib import closing

        from assay.workflows.executors.catalog import EXECUTORS
        from assay.workflows.experiments.looking import ended_run
        from assay.workflows.experiments.reading import read_experiments
        from assay.workflows.experiments.running import run_experiments

        with TemporaryDirectory() as folder:
            file = Path(folder) / NAME
            file.write_text(self.text, encoding="utf-8")
            try:
                planned = read_experiments([file])
            except SettingsError as error:
                raise SettingsError(str(error).replace(str(file), NAME)) from None
        found = []
        executor = EXECUTORS.get("local")(jobs=desk.jobs)
        running = run_experiments(desk, planned, executor, tick=told.tick)
        with closing(running) as finished:  # type: ignore[type-var] # a generator
            for each in finished:
                found.append(ended_run(desk, each))
                told.say(f"{each.run.planned.title}: {each.reason or 'finished'}")
        failed = [each for each in found if each["reason"]]
        told_so = f", {len(failed):,} of them failed" if failed else ""
        return Done(f"{len(found):,} runs ended{told_so}", {"runs": found})
