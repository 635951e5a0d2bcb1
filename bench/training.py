"""How fast nets are trained on one thread, beside the bare step and, where installed, their peers.

PatchTST as in the research: 336 -> 96, patches of 16 every 8, width 64, 3 layers, 4 heads, inner
128, dropout 0.2, windows of one channel out of 7 x 17,420 hours, batch 64, AdamW 1e-4, squared
error; `plain` has layer norm and no residual attention, `published` batch norm and residual
attention. CNN-LSTM as the member is by default: 48 bars of 20 columns, 3 horizons, batch 256,
pinball loss and cross-entropy, clipped to norm 1.

A step is counted from the moment its batch is asked for until the next one's is, so it holds
everything `teach` does; the first steps and the held batch are left out. The floor is `bare`: the
same net's loss, gradient and optimiser step on one ready batch, over and over. Ten bare steps
follow every ten of `teach` (one by one they would live on pages that `teach` has just faulted in),
and peers take turns with it in one process, so that a busy machine is unfair to all alike. A rate
is windows a CPU second, which a quiet core makes wall seconds: the median of the turns, of 40 or 80
steps each.

    python bench/training.py [--json FILE] [--turns N] [--peer-python /path/to/venv/bin/python]
"""

import argparse
import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - the threads must be set before

HERE = Path(__file__).resolve()
ROOT = HERE.parents[1]
LOOK_BACK, HORIZON, CHANNELS, ROWS = 336, 96, 7, 17_420
WARM, BLOCK = 5, 10
"""Steps before the clock starts, and steps of one kind in a row."""
PATCHES = {"batch": 64, "steps": 40}
BARS = {"batch": 256, "steps": 80, "columns": 20, "horizons": (1, 4, 12)}
GOALS = {"windows": 950, "of_bare": 0.95, "of_lightning": 1.2, "mib": 500}


class Laps:
    """How long each step took, in wall and CPU seconds, by what took it."""

    def __init__(self):
        self.at, self.by = (0.0, 0.0), {}

    def end(self, name="step"):
        """Count what went by since the last start or end as a step of `name`."""
        now = (time.perf_counter(), time.process_time())
        self.by.setdefault(name, []).append([b - a for a, b in zip(self.at, now, strict=True)])
        self.at = now

    def rates(self, batch, name="step"):
        """Return windows a wall and a CPU second, the first steps left out."""
        kept = np.array(self.by[name][WARM:])
        return (batch * len(kept) / kept.sum(0)).tolist()


class Watched:
    """A lesson that ends a lap of `teach` whenever a batch is asked of it.

    After every block of them, off that clock, each of the steps `beside` does a block of its own.
    The held batch ends the last lap.
    """

    def __init__(self, lesson, laps, beside, rows):
        self.lesson, self.laps, self.beside, self.rows = lesson, laps, beside, rows

    def __len__(self):
        return self.rows

    def loss(self, net, rows):
        """See `Lesson.loss`."""
        self.laps.end("teach")
        if net.training and len(self.laps.by["teach"]) % BLOCK == 0:
            for name, step in self.beside.items():
                for _ in range(BLOCK):
                    step()
                    self.laps.end(name)
        return self.lesson.loss(net, rows)


class Panel:
    """Windows of one channel each out of (channels, rows), as strided views."""

    def __init__(self, values):
        self.view = values.unfold(1, LOOK_BACK + HORIZON, 1)

    def __len__(self):
        return self.view.shape[0] * self.view.shape[1]

    def batch(self, rows):
        """Return windows (B, 1, L) and what followed (B, 1, H)."""
        each = self.view.shape[1]
        window = self.view[rows // each, rows % each].unsqueeze(1)
        return window[..., :LOOK_BACK], window[..., LOOK_BACK:]

    def loss(self, net, rows):
        """See `Lesson.loss`."""
        import torch

        past, future = self.batch(rows)
        return torch.nn.functional.mse_loss(net(past), future), torch.tensor(float(len(rows)))


def hours():
    """Return the panel of the research, (rows, channels): daily and weekly waves and a walk."""
    chance, t = np.random.default_rng(1), np.arange(ROWS)[:, None]
    waves = np.sin(2 * np.pi * t / 24 + chance.uniform(0, 6, CHANNELS))
    waves = waves + 0.5 * np.sin(2 * np.pi * t / 168)
    walk = 0.02 * chance.standard_normal((ROWS, CHANNELS)).cumsum(0)
    return (waves + walk + 0.2 * chance.standard_normal((ROWS, CHANNELS))).astype(np.float32)


def forecaster(norm="layer", *, residual=False):
    import torch

    from assay.models.layers import hand_chance
    from assay.models.zoo.patchtst import Forecaster, Trunk

    torch.manual_seed(0)
    trunk = Trunk(
        LOOK_BACK, patch=16, stride=8, width=64, heads=4, layers=3, hidden=128, dropout=0.2,
        norm=norm, residual_attention=residual,
    )  # fmt: skip
    net = Forecaster(trunk, 64, HORIZON)
    hand_chance(net, torch.Generator().manual_seed(0))
    return net


def taught(net, lesson, batch, steps, beside=None, **settings):
    """Return the rates of `steps` training steps in `teach`, and of those that went on beside it.

    One epoch and one held batch.
    """
    import torch

    from assay.models.training import TrainingPlan, teach

    laps, beside = Laps(), beside or {}
    plan = TrainingPlan(epochs=1, batch_rows=batch, rows_an_epoch=batch * steps, **settings)
    lessons = (Watched(lesson, laps, beside, rows) for rows in (len(lesson), batch))
    teach(net, *lessons, plan, seed=0, name="bench")
    laps.by["teach"].pop(0)  # what came before the first batch
    assert len(laps.by["teach"]) == steps
    torch.set_num_threads(1)
    return {name: laps.rates(batch, name) for name in laps.by}


def bare(net, loss, rate, clip_norm=0.0):
    """Return the least there is to do as a function: loss, gradient, step, on one ready batch."""
    import torch

    optimiser = torch.optim.AdamW(net.parameters(), rate, fused=True)
    net.train()

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss(net).backward()
        if clip_norm:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip_norm)
        optimiser.step()

    return step


def in_turns(jobs, turns):
    """Run every job once a turn, every other turn the other way round; return rates by name.

    A job returns wall and CPU rates by name.
    """
    found = {}
    for turn in range(turns):
        for job in jobs if turn % 2 == 0 else reversed(jobs):
            for name, (wall, cpu) in job().items():
                told = found.setdefault(name, {"wall": [], "cpu": []})
                told["wall"].append(wall)
                told["cpu"].append(cpu)
    return found | {"peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def panel_lesson():
    import torch

    torch.set_num_threads(1)
    return Panel(torch.from_numpy(np.ascontiguousarray(hours().T)))


def patchtst_taught(lesson, norm="layer", *, residual=False):
    """Return a job that teaches one variant of PatchTST, the bare step beside it."""
    import torch

    batch, steps = PATCHES["batch"], PATCHES["steps"]
    rows = torch.randperm(len(lesson), generator=torch.Generator().manual_seed(0))[:batch]
    past, future = (part.contiguous() for part in lesson.batch(rows))
    net, other = (forecaster(norm, residual=residual) for _ in range(2))

    def loss(net):
        return torch.nn.functional.mse_loss(net(past), future)

    beside = {"bare": bare(other, loss, 1e-4)}
    plan = {"learning_rate": 1e-4, "clip_norm": 0.0}
    return lambda: taught(net, lesson, batch, steps, beside, **plan)


def measure_plain(turns):
    return in_turns([patchtst_taught(panel_lesson())], turns)


def measure_published(turns):
    return in_turns([patchtst_taught(panel_lesson(), "batch", residual=True)], turns)


def market():
    """Return the member CNN-LSTM, rows of 10 series that it can learn from, and their z-scores."""
    import torch

    torch.set_num_threads(1)
    sys.path.insert(0, str(ROOT))  # for `tests.factories`
    from dataclasses import replace

    from tests.factories import make_samples

    from assay.models.contract import Ahead
    from assay.models.standard import fit_standard
    from assay.models.zoo.cnn_lstm import CnnLstm

    member = CnnLstm()
    rows = make_samples(4_000, series=10, columns=BARS["columns"], edge=0.05).labelled
    rows = rows.take(rows.asked.reaching(member.look_back))
    parts = (np.repeat(each[:, None], 3, 1) for each in (rows.scaled, rows.label, rows.weight))
    rows = replace(rows, ahead=Ahead(BARS["horizons"], 1, *parts))
    standard = fit_standard(rows.x, rows.weight, np.arange(BARS["columns"]))
    return member, rows, standard.scores(rows.asked.table).astype(np.float32)


def market_net(member, rows):
    import torch

    from assay.models.layers import hand_chance
    from assay.models.vocabulary import vocabulary

    net = member.seeded(BARS["columns"], vocabulary(rows.asked.names), len(BARS["horizons"]), 0)
    hand_chance(net, torch.Generator().manual_seed(0))
    return net


def market_loss(net, batch, levels, class_share):
    """Return what `Windows.loss` does of a batch that is ready."""
    import torch

    x, ids, scaled, label, weight = batch
    quantiles, logits = net(x, ids)
    miss = scaled.unsqueeze(-1) - quantiles
    pinball = torch.maximum(levels * miss, (levels - 1) * miss).mean(-1)
    entropy = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), label.flatten(), reduction="none"
    ).view_as(pinball)
    return (weight * (pinball + class_share * entropy)).sum() / weight.sum().clamp(min=1e-9)


def market_lesson(member, rows, scores):
    import torch

    from assay.models.vocabulary import vocabulary
    from assay.models.windows import windows_of

    return windows_of(
        rows, scores, vocabulary(rows.asked.names).ids(rows.asked), look_back=member.look_back,
        class_share=member.class_share, device=torch.device("cpu"),
    )  # fmt: skip


def market_taught(member, rows, lesson):
    """Return a job that teaches the member's net by its own plan, but one short epoch.

    Beside it go the bare step, and the bare step with the member's clipping.
    """
    import torch

    size, steps, rate = BARS["batch"], BARS["steps"], member.learning_rate
    drawn = torch.randperm(len(lesson), generator=torch.Generator().manual_seed(0))[:size]
    came = (part[drawn] for part in (lesson.scaled, lesson.label, lesson.weight))
    ready = (*lesson.batch(drawn), *came)

    def loss(net):
        return market_loss(net, ready, lesson.levels, member.class_share)

    net, *others = (market_net(member, rows) for _ in range(3))
    beside = {
        "bare": bare(others[0], loss, rate),
        "bare_clipped": bare(others[1], loss, rate, member.clip_norm),
    }
    plan = {"learning_rate": rate, "clip_norm": member.clip_norm}
    return lambda: taught(net, lesson, size, steps, beside, **plan)


def measure_cnn_lstm(turns):
    member, rows, scores = market()
    return in_turns([market_taught(member, rows, market_lesson(member, rows, scores))], turns)


def quiet():
    warnings.filterwarnings("ignore")
    for name in ("pytorch_lightning", "lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)


def lightning_job(net, loss, data, batch, steps, *, rate, clip_norm):
    """Return a job that trains `net` as a user of Lightning writes it: Dataset, DataLoader, fit."""
    import pytorch_lightning as lightning
    import torch

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = net

        def training_step(self, batch, number):
            return loss(self.net, batch)

        def configure_optimizers(self):
            return torch.optim.AdamW(self.net.parameters(), rate)

    class Tick(lightning.Callback):
        def __init__(self):
            self.laps = Laps()

        def on_train_batch_end(self, *_):
            self.laps.end()

    def job():
        tick = Tick()
        loader = torch.utils.data.DataLoader(data, batch, shuffle=True, drop_last=True)
        lightning.Trainer(
            max_steps=steps, accelerator="cpu", callbacks=[tick], logger=False,
            gradient_clip_val=clip_norm or None, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False,
        ).fit(Module(), loader)  # fmt: skip
        torch.set_num_threads(1)
        return {"lightning": tick.laps.rates(batch)}

    return job


def neuralforecast_job(steps, batch):
    """Return a job that fits neuralforecast's PatchTST, one series and `batch` windows a step."""
    import pandas as pd
    import pytorch_lightning as lightning
    import torch
    from neuralforecast import NeuralForecast
    from neuralforecast.losses.pytorch import MSE
    from neuralforecast.models import PatchTST

    values = hours()
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{number}" for number in range(CHANNELS)], ROWS),
            "ds": np.tile(pd.date_range("2020", periods=ROWS, freq="h"), CHANNELS),
            "y": values.T.ravel(),
        }
    )

    def job():
        laps = Laps()

        class Tick(lightning.Callback):  # it is copied deeply: the laps are kept outside
            def on_train_batch_end(self, *_):
                laps.end()

        model = PatchTST(
            h=HORIZON, input_size=LOOK_BACK, encoder_layers=3, n_heads=4, hidden_size=64,
            linear_hidden_size=128, loss=MSE(), max_steps=steps, batch_size=1,
            windows_batch_size=batch, callbacks=[Tick()], enable_progress_bar=False, logger=False,
            enable_checkpointing=False, enable_model_summary=False, accelerator="cpu",
            val_check_steps=10**6,
        )  # fmt: skip
        NeuralForecast([model], freq="h").fit(frame)
        torch.set_num_threads(1)
        return {"neuralforecast": laps.rates(batch)}

    return job


def measure_peer_patchtst(turns):
    import torch

    quiet()
    lesson = panel_lesson()
    batch, steps = PATCHES["batch"], PATCHES["steps"]

    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return len(lesson)

        def __getitem__(self, number):
            window = lesson.view[number // lesson.view.shape[1], number % lesson.view.shape[1]]
            return window[None, :LOOK_BACK], window[None, LOOK_BACK:]

    def loss(net, pair):
        return torch.nn.functional.mse_loss(net(pair[0]), pair[1])

    published = patchtst_taught(lesson, "batch", residual=True)
    theirs = lightning_job(forecaster(), loss, Rows(), batch, steps, rate=1e-4, clip_norm=0.0)
    jobs = [
        patchtst_taught(lesson),
        theirs,
        lambda: {f"{name}_published": rates for name, rates in published().items()},
        neuralforecast_job(steps, batch),
    ]
    return in_turns(jobs, turns)


def measure_peer_cnn_lstm(turns):
    import torch

    quiet()
    member, rows, scores = market()
    lesson = market_lesson(member, rows, scores)
    table, last = torch.from_numpy(scores), rows.asked.at

    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return len(last)

        def __getitem__(self, number):
            end = last[number] + 1
            came = lesson.scaled[number], lesson.label[number], lesson.weight[number]
            return table[end - member.look_back : end], lesson.ids[number], *came

    def loss(net, batch):
        return market_loss(net, batch, lesson.levels, member.class_share)

    theirs = lightning_job(
        market_net(member, rows), loss, Rows(), BARS["batch"], BARS["steps"],
        rate=member.learning_rate, clip_norm=member.clip_norm,
    )  # fmt: skip
    return in_turns([market_taught(member, rows, lesson), theirs], turns)


JOBS = {
    "plain": measure_plain,
    "published": measure_published,
    "cnn_lstm": measure_cnn_lstm,
    "peer_patchtst": measure_peer_patchtst,
    "peer_cnn_lstm": measure_peer_cnn_lstm,
}


def measured_alone(name, turns, python):
    """Run one measurement in a process of its own, so that memory is its own too."""
    command = [python, str(HERE), "--only", name, "--turns", str(turns)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no output"])[-1]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def speed(rates):
    return statistics.median(rates["cpu"])


def ratio(ours, theirs):
    """Return the median over the turns of how many times as fast `ours` was, by CPU seconds."""
    return statistics.median(a / b for a, b in zip(ours["cpu"], theirs["cpu"], strict=True))


def rate_row(what, rates, least=None):
    told = f"{speed(rates):,.0f} windows/s, wall {statistics.median(rates['wall']):,.0f}"
    return what, told, "" if least is None else f"at least {least}", least and speed(rates) >= least


def ratio_row(what, ours, theirs, least=None):
    found = ratio(ours, theirs)
    goal = "" if least is None else f"at least {least}"
    return what, f"{found:.3f}", goal, least and found >= least


def table_rows(found):
    """Yield what was measured, the figure and, where there is one, the goal and whether it held."""
    plain, published, bars = found["plain"], found["published"], found["cnn_lstm"]
    yield rate_row("PatchTST plain, teach", plain["teach"], GOALS["windows"])
    yield rate_row("PatchTST plain, bare", plain["bare"])
    yield ratio_row("PatchTST plain, teach / bare", plain["teach"], plain["bare"], GOALS["of_bare"])
    peak = plain["peak_mib"]
    yield "PatchTST plain, peak memory", f"{peak:.0f} MiB", "under 500", peak < GOALS["mib"]
    yield rate_row("PatchTST published, teach", published["teach"])
    yield rate_row("PatchTST published, bare", published["bare"])
    yield ratio_row("PatchTST published, teach / bare", published["teach"], published["bare"])
    yield rate_row("CNN-LSTM, teach", bars["teach"])
    yield rate_row("CNN-LSTM, bare", bars["bare"])
    yield rate_row("CNN-LSTM, bare and clipped", bars["bare_clipped"])
    yield ratio_row("CNN-LSTM, teach / bare", bars["teach"], bars["bare"], GOALS["of_bare"])
    yield ratio_row("CNN-LSTM, teach / bare and clipped", bars["teach"], bars["bare_clipped"])
    yield from peer_rows(found)


def peer_rows(found):
    """Yield the same for the peers that could be measured; say why for those that could not."""
    for name in ("peer_patchtst", "peer_cnn_lstm"):
        if "error" in found.get(name, {"error": ""}):
            why = found.get(name, {}).get("error", "no --peer-python")
            yield name, f"not measured: {why}", "", None
    if "teach" in found.get("peer_patchtst", {}):
        each = found["peer_patchtst"]
        yield rate_row("PatchTST plain, Lightning", each["lightning"])
        yield ratio_row("PatchTST plain, teach / Lightning", each["teach"], each["lightning"])
        yield rate_row("PatchTST, neuralforecast", each["neuralforecast"])
        ours, theirs = each["teach_published"], each["neuralforecast"]
        yield ratio_row("PatchTST published, teach / neuralforecast", ours, theirs)
    if "teach" in found.get("peer_cnn_lstm", {}):
        each = found["peer_cnn_lstm"]
        yield rate_row("CNN-LSTM, Lightning", each["lightning"])
        least = GOALS["of_lightning"]
        yield ratio_row("CNN-LSTM, teach / Lightning", each["teach"], each["lightning"], least)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--peer-python", help="an interpreter with torch and neuralforecast")
    parser.add_argument("--only", choices=JOBS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        print(json.dumps(JOBS[asked.only](asked.turns)))
        return 0
    found = {}
    for name in JOBS:
        python = asked.peer_python if name.startswith("peer") else sys.executable
        if python:
            found[name] = measured_alone(name, asked.turns, python)
    failed = {n: each["error"] for n, each in found.items() if "error" in each and "peer" not in n}
    if failed:
        print(f"Not measured: {failed}", file=sys.stderr)
        return 1
    rows = list(table_rows(found))
    width = max(len(row[0]) for row in rows)
    for what, figure, goal, held in rows:
        mark = "" if held is None else ("  ok" if held else "  MISSED")
        print(f"{what:<{width}}  {figure:<32} {goal}{mark}".rstrip())
    if asked.json:
        load = os.getloadavg()[0]
        told = {"turns": asked.turns, "load": load, **found}
        asked.json.write_text(json.dumps(told, indent=2))
    return int(any(held is False for *_, held in rows))


if __name__ == "__main__":
    sys.exit(main())
