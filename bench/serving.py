"""How fast 90 nets answer one new bar each, how soon they are there, and what they weigh.

45 CNN-LSTM (60 bars of 12 features, 32 filters, 64 units, 2 layers) and 45 PatchTST (336 bars of
one column, width 64, 3 layers, inner 128, patches of 16 every 8, layer norm), each with weights of
its own, exported, written and loaded as the models of a workspace are; one thread. Beside them one
panel model of each kind, that answers its 45 series in one batch. The floor is bare onnxruntime on
the same graphs with inputs that are ready; the two take turns in one process, so that a busy
machine is unfair to both alike. Milliseconds are medians, of the CPU beside the clock: a quiet core
makes them the same. Cold seconds run on the clock from the start of the interpreter until every
model was checked, in a fresh process that must not know torch.

    python bench/serving.py [--json FILE] [--turns N] [--folder KEPT]

Making the models takes a minute; KEPT keeps them for the next run. Delete it when `src` changes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(_name, "1")

HERE = Path(__file__).resolve()
ROOT = HERE.parents[1]
EACH, BARS, COLD_RUNS = 45, 700, 5
HORIZONS = (1, 4, 12)
COLUMNS = {"cnn_lstm": 12, "patchtst": 1}
SETTINGS = {
    "cnn_lstm": {"look_back": 60, "filters": 32, "units": 64, "layers": 2},
    "patchtst": {
        "look_back": 336, "width": 64, "heads": 4, "layers": 3, "inner": 128, "patch": 16,
        "stride": 8, "norm": "layer", "residual_attention": False, "hidden": 96,
    },
}  # fmt: skip
GOALS = {"of_bare": 1.15, "first_s": 0.5, "ready_s": 1.5, "mib": 300}
PARTS = {
    "open_session": "opening sessions",
    "_agrees": "golden answers",
    "_read": "reading and hashing files",
    "weights_digest": "hashing weights again",
    "expect": "shapes of weights",
    "_json": "JSON",
}
"""Functions of a load by name, and what they do."""
COLD = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
from assay.models.contract import Asked
from assay.models.loading import load
began = float(sys.argv[1])
imported = time.clock_gettime(time.CLOCK_MONOTONIC) - began
models = []
for path in json.loads(sys.argv[2]):
    model = load(Path(path))
    models.append(model)
    if len(models) == 1:
        x = np.zeros((1, model.bars_read, len(model.columns)))
        asked = Asked.windows(x, np.zeros(1, dtype=np.int32), model.runtime.names)
        _, told = model.predict(asked, model.columns)
        assert np.isfinite(told.classes).all()
        first = time.clock_gettime(time.CLOCK_MONOTONIC) - began, time.process_time()
ready = time.clock_gettime(time.CLOCK_MONOTONIC) - began, time.process_time()
assert "torch" not in sys.modules
pages = int(Path("/proc/self/statm").read_text().split()[1])
print(json.dumps({
    "imported_s": imported, "first_s": first[0], "first_cpu_s": first[1],
    "ready_s": ready[0], "ready_cpu_s": ready[1], "modules": len(sys.modules),
    "rss_mib": pages * resource.getpagesize() / 2**20,
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def written(kind, mode, rows, seed, folder):
    """Return the folder of a model of first weights, made as `fit_member` makes one, and its size.

    What is not done is learning: weights that mean nothing are multiplied as fast as others.
    """
    import numpy as np

    from assay.models.artefact import write
    from assay.models.artefact_files import Origin
    from assay.models.calibration import calibrate
    from assay.models.catalog import MEMBERS, RUNTIMES
    from assay.models.contract import Weights
    from assay.models.export import Architecture, graph_of
    from assay.models.fitting import Fitted, golden_rows
    from assay.models.standard import fit_standard
    from assay.models.vocabulary import vocabulary

    member = MEMBERS.get(kind)(mode=mode, **SETTINGS[kind])
    names = vocabulary(rows.asked.names)
    net = member.seeded(len(rows.columns), names, len(HORIZONS), seed).eval()
    state = {name: value.numpy() for name, value in net.state_dict().items()}
    shape = Architecture(
        kind, member.version, member.settings(), rows.columns, names, HORIZONS, 1
    )  # fmt: skip
    scaler = fit_standard(rows.x, rows.weight, np.arange(len(rows.columns))).arrays()
    graph = graph_of(net, shape, state, folder / "graphs", scaler=scaler)
    weights = Weights(
        "onnx", state, params=shape.params(state), scaler=scaler, graphs={"model.onnx": graph}
    )
    runtime = RUNTIMES.get("onnx").load(weights, rows.columns)
    raw = runtime.predict(rows.asked)
    fitted = Fitted(
        weights, calibrate(raw, rows), {"stop": {}, "calibrate": {}},
        golden_rows(rows.asked, raw, runtime.bars_read), rows.columns, runtime,
    )  # fmt: skip
    origin = Origin(kind, [], "0" * 64, {}, {}, seed)
    place = folder / "models" / write(folder / "models", member, fitted, origin)
    return str(place), sum(value.size for value in state.values())


def samples(kind, series, seed):
    """Return labelled rows of so many series with as many columns as `kind` reads."""
    from dataclasses import replace

    sys.path.insert(0, str(ROOT))  # for `tests.factories`
    from tests.factories import make_samples

    count = COLUMNS[kind]
    rows = make_samples(BARS, series=series, columns=max(count, 4), seed=seed)
    past = replace(rows.past, table=rows.past.table[:, :count])
    rows = replace(rows, columns=rows.columns[:count], x=rows.x[:, :count], past=past).labelled
    return rows.take(rows.asked.reaching(SETTINGS[kind]["look_back"]))


def make(folder):
    """Write 45 models and one panel model of each kind under `folder`, and a list of them."""
    import numpy as np

    made = {"parameters": {}}
    for kind in SETTINGS:
        each = [
            written(kind, "series", samples(kind, 1, number), number, folder)
            for number in range(EACH)
        ]
        rows = samples(kind, EACH, EACH)
        panel = written(kind, "panel", rows.take(np.arange(0, len(rows), 10)), EACH, folder)
        made["parameters"][kind] = each[0][1]
        made[kind], made[f"{kind}_panel"] = [place for place, _ in each], [panel[0]]
    (folder / "made.json").write_text(json.dumps(made))
    return {}


def served(places):
    """Return loaded models and their questions: the window up to the newest bar of each series."""
    import numpy as np

    from assay.models.contract import Asked
    from assay.models.loading import load

    found, chance = [], np.random.default_rng(0)
    for place in places:
        model = load(Path(place))
        count = len(model.runtime.names)
        x = chance.standard_normal((count, model.bars_read, len(model.columns)))
        series = np.arange(count, dtype=np.int32)
        found.append((model.runtime, Asked.windows(x, series, model.runtime.names), x))
    return found


def bare(places, questions):
    """Return sessions opened as a user of onnxruntime would, and inputs that are ready."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    found = []
    for place, (_, _, x) in zip(places, questions, strict=True):
        session = onnxruntime.InferenceSession(
            Path(place) / "model.onnx", options, providers=["CPUExecutionProvider"]
        )
        ids = np.column_stack([np.arange(1, len(x) + 1), np.ones(len(x))]).astype(np.int64)
        found.append((session, {"x": x.astype(np.float32), "ids": ids}))
    return found


def spent(job):
    """Return wall and CPU milliseconds of `job`."""
    start = time.perf_counter(), time.process_time()
    job()
    return [
        1e3 * (end - begun)
        for begun, end in zip(start, (time.perf_counter(), time.process_time()), strict=True)
    ]


def measure_sweep(made, turns):
    """Time every group through the runtime and bare, in turns."""
    jobs = {}
    for group in (name for name in made if name != "parameters"):
        ours = served(made[group])
        theirs = bare(made[group], ours)
        jobs[group] = (
            lambda ours=ours: [runtime.predict(asked) for runtime, asked, _ in ours],
            lambda theirs=theirs: [session.run(None, fed) for session, fed in theirs],
        )
    single = [jobs[kind] for kind in SETTINGS]
    jobs["sweep"] = tuple((lambda n=n: [pair[n]() for pair in single]) for n in (0, 1))
    found = {}
    for group, pair in jobs.items():
        for job in pair:
            job()
        taken = [[spent(job) for job in pair] for _ in range(turns)]
        found[group] = {
            f"{who}_{clock}_ms": statistics.median(turn[n][m] for turn in taken)
            for n, who in enumerate(("assay", "bare"))
            for m, clock in enumerate(("wall", "cpu"))
        }
        found[group]["ratio"] = statistics.median(turn[0][1] / turn[1][1] for turn in taken)
    return found


def measure_load(made, _):
    """Time loading all 90, and what of it each part takes, in CPU milliseconds."""
    import cProfile
    import pstats

    from assay.models.loading import load

    places = [Path(place) for kind in SETTINGS for place in made[kind]]
    kept = [load(places[0]), load(places[-1])]  # imports done, files read once
    wall, cpu = spent(lambda: kept.extend(load(place) for place in places[1:-1]))
    kept.clear()
    from assay.models import sessions

    sessions.SHARED._open.clear()
    profile = cProfile.Profile(time.process_time)
    profile.runcall(lambda: kept.extend(load(place) for place in places[1:-1]))
    parts = {}
    for (file, _, name), (*_, taken, _) in pstats.Stats(profile).stats.items():
        if name in PARTS and "assay" in file:
            parts[name] = 1e3 * taken
    return {"wall_ms": wall, "cpu_ms": cpu, "parts_ms": parts}


def measure_cold(made):
    """Return medians over fresh processes, each told when it was started."""
    places = [place for kind in SETTINGS for place in made[kind]]
    runs = []
    for _ in range(COLD_RUNS):
        began = time.clock_gettime(time.CLOCK_MONOTONIC)
        command = [sys.executable, "-c", COLD, str(began), json.dumps(places)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        runs.append(json.loads(done.stdout))
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def table_rows(found):
    """Yield what was measured, the figure and, where there is one, the goal and whether it held."""
    said = {"sweep": "90 nets, one new bar each"}
    for kind in SETTINGS:
        said[kind] = f"  45 {kind} of {found['parameters'][kind]:,} parameters"
        said[f"{kind}_panel"] = f"1 {kind} panel, 45 series in one batch"
    for group, what in said.items():
        each, judged = found["sweep"][group], group == "sweep"
        ours, theirs, ratio = each["assay_cpu_ms"], each["bare_cpu_ms"], each["ratio"]
        told = f"{ours:.1f} ms, wall {each['assay_wall_ms']:.1f}"
        yield what, told, "", None
        told = f"{theirs:.1f} ms, wall {each['bare_wall_ms']:.1f}"
        yield f"{what}, bare onnxruntime", told, "", None
        most = f"at most {GOALS['of_bare']}" if judged else ""
        held = ratio <= GOALS["of_bare"] if judged else None
        yield f"{what}, assay / bare", f"{ratio:.3f}", most, held
    cold = found["cold"]
    for name, what in (("first", "first prediction, fresh process"), ("ready", "all 90 ready")):
        seconds, goal = cold[f"{name}_s"], GOALS[f"{name}_s"]
        told = f"{seconds:.2f} s, CPU {cold[f'{name}_cpu_s']:.2f}"
        yield what, told, f"at most {goal}", seconds <= goal
    told = f"{cold['rss_mib']:.0f} MiB, peak {cold['peak_mib']:.0f}"
    yield "memory then", told, f"at most {GOALS['mib']}", cold["rss_mib"] <= GOALS["mib"]
    load = found["load"]
    yield "loading 88 of them", f"{load['cpu_ms']:.0f} ms, wall {load['wall_ms']:.0f}", "", None
    for name, taken in sorted(load["parts_ms"].items(), key=lambda part: -part[1]):
        yield f"  of it {PARTS[name]}", f"{taken:.0f} ms", "", None


def measured_alone(name, folder, turns):
    """Run one measurement in a process of its own, so that memory is its own too."""
    command = [sys.executable, str(HERE), "--only", name, "--folder", str(folder)]
    command += ["--turns", str(turns)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} was not measured:\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--turns", type=int, default=31)
    parser.add_argument("--folder", type=Path, help="where the models are, or are kept once made")
    parser.add_argument("--only", choices=("make", "sweep", "load"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only == "make":
        print(json.dumps(make(asked.folder)))
        return 0
    if asked.only:
        made = json.loads((asked.folder / "made.json").read_text())
        measure = measure_sweep if asked.only == "sweep" else measure_load
        print(json.dumps(measure(made, asked.turns)))
        return 0
    with tempfile.TemporaryDirectory() as other:
        folder = asked.folder or Path(other)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "made.json").exists():
            measured_alone("make", folder, asked.turns)
        made = json.loads((folder / "made.json").read_text())
        found = {"parameters": made["parameters"], "cold": measure_cold(made)}
        for name in ("sweep", "load"):
            found[name] = measured_alone(name, folder, asked.turns)
    rows = list(table_rows(found))
    width = max(len(row[0]) for row in rows)
    for what, figure, goal, held in rows:
        mark = "" if held is None else ("  ok" if held else "  MISSED")
        print(f"{what:<{width}}  {figure:<24} {goal}{mark}".rstrip())
    if asked.json:
        told = {"turns": asked.turns, "load_average": os.getloadavg()[0], **found}
        asked.json.write_text(json.dumps(told, indent=2))
    return int(any(held is False for *_, held in rows))


if __name__ == "__main__":
    sys.exit(main())
