"""Times of the members beside the bare library, in one run: `python bench/models.py`.

Medians; one thread. Fits are on a panel of 200,000 rows and 45 columns with overlapping outcomes.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import lightgbm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `tests.factories`

from tests.factories import make_samples

from assay.models.artefact import write
from assay.models.artefact_files import Origin
from assay.models.catalog import MEMBERS, RUNTIMES
from assay.models.contract import Asked
from assay.models.fitting import fit_member
from assay.models.loading import load
from assay.models.zoo.lightgbm import BIN_ROWS, LightGBM

COLUMNS = 45
START = {"train": 0, "stop": 20_010, "calibrate": 23_020}
BARS = {"train": 20_000, "stop": 3_000, "calibrate": 3_000}


def median(run: Callable[[], object], times: int) -> float:
    """Return the median seconds of `times` runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def panel(series: int) -> dict:
    return {
        name: make_samples(
            BARS[name], series=series, columns=COLUMNS, edge=0.05, start=START[name], seed=number
        )
        for number, name in enumerate(BARS)
    }


def bare(member: LightGBM, spans: dict) -> lightgbm.Booster:
    """Fit as a user of the library would, same settings, same rows."""
    train, stop = (spans[name].labelled for name in ("train", "stop"))
    settings = {"max_bin": member.bins, "bin_construct_sample_cnt": BIN_ROWS, "verbosity": -1,
                "num_threads": 1}  # fmt: skip
    data = lightgbm.Dataset(train.x, train.label, weight=train.weight, params=settings)
    check = lightgbm.Dataset(
        stop.x, stop.label, weight=stop.weight, reference=data, params=settings
    )
    return lightgbm.train(
        member.parameters(1, 1), data, member.rounds, valid_sets=[check],
        callbacks=[lightgbm.early_stopping(member.patience_rounds, verbose=False)],
    )  # fmt: skip


def fits(spans: dict) -> lightgbm.Booster:
    member = LightGBM()
    ours, theirs = [], []
    for _ in range(3):  # in turn, so that a busy machine is unfair to both alike
        theirs.append(median(lambda: bare(member, spans), 1))
        ours.append(median(lambda: member.fit(spans["train"], spans["stop"], seed=1, threads=1), 1))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"lightgbm fit 200k x 45     {statistics.median(ours):8.2f} s   {ratio:.3f} x bare")
    one = panel(1)
    for name in ("naive", "momentum", "ridge"):
        small = MEMBERS.get(name)()
        taken = median(lambda m=small: fit_member(m, one, seed=1), 3)
        print(f"{name:10s} fit 20k x 45    {1e3 * taken:8.1f} ms  with calibration and scores")
    return bare(member, spans)


def answers(spans: dict, booster: lightgbm.Booster) -> None:
    model = fit_member(LightGBM(), spans, seed=1)
    runtime = RUNTIMES.get("trees").load(model.weights, model.columns)
    x = spans["calibrate"].x
    every, row = Asked.alone(x), Asked.alone(x[:1])
    runtime.predict(row)
    runtime.contributions(row)
    ours = median(lambda: runtime.predict(row), 500)
    theirs = median(lambda: booster.predict(row.x, num_threads=1), 500)
    print(f"one row                    {1e6 * ours:8.1f} µs  lightgbm {1e6 * theirs:.1f} µs")
    ours = median(lambda: runtime.predict(every), 3)
    theirs = median(lambda: booster.predict(x, num_threads=1), 3)
    print(f"30k rows                   {1e3 * ours:8.1f} ms  lightgbm {1e3 * theirs:.1f} ms")
    shared = median(lambda: runtime.contributions(row), 50)
    theirs = median(lambda: booster.predict(row.x, pred_contrib=True, num_threads=1), 50)
    print(f"one row's contributions    {1e6 * shared:8.1f} µs  lightgbm {1e6 * theirs:.1f} µs")
    with tempfile.TemporaryDirectory() as folder:
        origin = Origin("lightgbm", [], "0" * 64, {}, {}, 1)
        place = Path(folder) / write(Path(folder), LightGBM(), model, origin)
        load(place)
        print(f"load and verify            {1e3 * median(lambda: load(place), 20):8.1f} ms")
        script = (
            "import time; s = time.perf_counter()\n"
            "import sys; from pathlib import Path; from assay.models.loading import load\n"
            "import numpy as np; m = load(Path(sys.argv[1]))\n"
            "from assay.models.contract import Asked\n"
            "m.predict(Asked.alone(np.zeros((1, len(m.columns)))), m.columns)\n"
            "print(time.perf_counter() - s)"
        )
        cold = [
            float(subprocess.check_output([sys.executable, "-c", script, str(place)]))
            for _ in range(5)
        ]
        print(
            f"cold: imports, load, 1 row {statistics.median(cold):8.2f} s   after the interpreter"
        )


def main() -> None:
    spans = panel(10)
    answers(spans, fits(spans))


if __name__ == "__main__":
    main()
