"""How fast the kernel is, beside a naive loop and, where they are installed, beside its peers.

The job: 1-minute bars, SMA 20/100 cross up enters long 1 lot, stop 2 ATR(14), target 3 ATR, 5 bp a
side, half spread and slippage; the sweep: 1,000 parameter sets x 100,000 bars. Seeded data.

    python bench/kernel.py [--json FILE] [--bars N] [--peer-python /path/to/venv/bin/python]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - the threads must be set before

SWEEP_BARS, LOT, TICK = 100_000, 1_000, 1e-5
FEE_BPS, HALF_SPREAD, SLIPPAGE = 5.0, 3, 1
SETS = [
    (fast, slow, stop)
    for fast in range(5, 25, 2)
    for slow in range(40, 140, 10)
    for stop in np.linspace(1, 4, 10)
]
HERE = Path(__file__).resolve()


def prices(count, seed=7):
    """Return open, high, low, close in ticks of a GARCH(1, 1) walk from 1.10, as int64."""
    chance = np.random.default_rng(seed)
    shock, moves = chance.standard_normal(count), np.empty(count)
    base, arch, garch = 2e-10, 0.08, 0.91
    variance = base / (1 - arch - garch)
    spread = np.empty(count)
    for t in range(count):
        spread[t] = variance
        moves[t] = shock[t] * variance**0.5
        variance = base + arch * moves[t] ** 2 + garch * variance
    close = 1.10 * np.exp(np.cumsum(moves))
    opened = np.concatenate([[1.10], close[:-1]])
    wick = np.abs(chance.standard_normal((2, count))) * np.sqrt(spread) * 0.6
    high = np.maximum(opened, close) * (1 + wick[0])
    low = np.minimum(opened, close) * (1 - wick[1])
    return tuple(np.rint(p / TICK).astype(np.int64) for p in (opened, high, low, close))


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(job, rounds):
    """Return the median CPU seconds of warm rounds; on a quiet core these are wall seconds."""
    job()
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        job()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def own_market(count):
    from assay.kernel.costs import Costs
    from assay.kernel.market import Market, Params

    opened, high, low, close = prices(count)
    market = Market(
        opened,
        high,
        low,
        close,
        np.array([True]),
        np.array([HALF_SPREAD]),
        np.array([0]),
        np.array([1.0]),
    )
    return market, Params(TICK * LOT, Costs(FEE_BPS, HALF_SPREAD, SLIPPAGE), max_leverage=1e9)


def measure_run(count):
    from assay.kernel.run import run
    from assay.kernel.sweep import CrossRule, sweep

    market, params = own_market(count)
    rule = CrossRule(lots=1)
    orders = rule.orders(market, 20, 100, 2.0, 3.0)
    simulate = timed(lambda: run(market, orders, params, equity=1e7), 9)
    one = {"fast_bars": np.array([20]), "slow_bars": np.array([100])}
    one |= {"stop_atr": np.array([2.0]), "target_atr": np.array([3.0])}
    whole = timed(lambda: sweep(market, params, rule, **one, equity=1e7), 9)
    result = run(market, orders, params, equity=1e7)
    return {
        "simulate_s": simulate,
        "whole_s": whole,
        "trades": int(result.trades.size),
        "peak_mib": peak_mib(),
    }


def measure_naive(count):  # noqa: C901 - one pass is the point
    """Time the least a one-pass loop can do: means, range, bracket, one position, no ledger."""
    from numba import njit

    @njit
    def naive(high, low, close, fast, slow, span, near, far, fee, out):
        quick = calm = 0.0
        reach = high[0] - low[0]
        was_up = held = False
        stop = target = entry = cash = peak = fall = 0.0
        count = 0
        for t in range(close.size):
            price = close[t]
            if t > 0:
                last = close[t - 1]
                true_range = max(high[t] - low[t], abs(high[t] - last), abs(low[t] - last))
                reach += (true_range - reach) / span
            quick += price
            calm += price
            if t >= fast:
                quick -= close[t - fast]
            if t >= slow:
                calm -= close[t - slow]
            if held:
                leave = 0.0
                if low[t] <= stop:
                    leave = min(stop, close[t - 1])
                elif high[t] >= target:
                    leave = max(target, close[t - 1])
                if leave > 0.0:
                    cash += leave - entry - fee * (leave + entry)
                    out[count, 0], out[count, 1] = entry, leave
                    count += 1
                    held = False
            is_up = t >= slow - 1 and quick / fast > calm / slow
            if is_up and not was_up and t >= slow and not held:
                held, entry = True, price
                stop, target = price - near * reach, price + far * reach
            was_up = is_up
            equity = cash + (price - entry if held else 0.0)
            peak = max(peak, equity)
            fall = max(fall, peak - equity)
        return count, cash, fall

    _, high, low, close = (column * TICK for column in prices(count))
    out = np.empty((count // 10 + 1, 2))
    fee = FEE_BPS * 1e-4
    seconds = timed(lambda: naive(high, low, close, 20, 100, 14, 2.0, 3.0, fee, out), 9)
    trades = naive(high, low, close, 20, 100, 14, 2.0, 3.0, fee, out)[0]
    return {"whole_s": seconds, "trades": int(trades)}


def measure_sweep():
    from assay.kernel.sweep import CrossRule, sweep

    market, params = own_market(SWEEP_BARS)
    fast, slow, stop = (np.array(column) for column in zip(*SETS, strict=True))
    target = np.full(len(SETS), 3.0)

    def job():
        return sweep(
            market,
            params,
            CrossRule(lots=1),
            fast_bars=fast,
            slow_bars=slow,
            stop_atr=stop,
            target_atr=target,
            equity=1e7,
        )

    seconds = timed(job, 5)
    return {"whole_s": seconds, "trades": int(job()["trades"].sum()), "peak_mib": peak_mib()}


def measure_step():
    from assay.kernel.records import new_state, new_trades
    from assay.kernel.step import step
    from assay.kernel.sweep import CrossRule

    market, params = own_market(20_000)
    orders = CrossRule(lots=1).orders(market, 20, 100, 2.0, 3.0)
    bars = [market.row(t) for t in range(len(market))]
    asked = [orders.row(t) for t in range(len(market))]
    rule, room = params.record(), new_trades(2)

    def job():
        state = new_state(1e7)
        for bar, order in zip(bars, asked, strict=True):
            step(state, bar, order, rule, room)

    return {"step_us": timed(job, 9) / len(bars) * 1e6}


def measure_first():
    """Time a fresh process from its first import to its first result."""
    start = time.perf_counter()
    measured = own_market(1_000)
    from assay.kernel.run import run
    from assay.kernel.sweep import CrossRule

    run(measured[0], CrossRule(lots=1).orders(measured[0], 20, 100, 2, 3), measured[1], equity=1e7)
    return {"first_s": time.perf_counter() - start}


def measure_backtesting():
    import warnings

    import pandas as pd
    from backtesting import Backtest, Strategy

    count = SWEEP_BARS
    market, _ = own_market(count)
    from assay.kernel.sweep import CrossRule

    orders = CrossRule(lots=1).orders(market, 20, 100, 2.0, 3.0)
    table = {
        name: getattr(market, name.lower()) * TICK for name in ("Open", "High", "Low", "Close")
    }
    frame = pd.DataFrame(table, index=pd.date_range("2020-01-01", periods=count, freq="min"))
    stop, target = orders.stop * TICK, orders.target * TICK

    class Cross(Strategy):
        def init(self):
            self.side = self.I(lambda: orders.side.astype(float))

        def next(self):
            if self.side[-1] > 0 and not self.position:
                t, price = len(self.data) - 1, self.data.Close[-1]
                self.buy(size=LOT, sl=price - stop[t], tp=price + target[t])

    def job():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Backtest(frame, Cross, cash=1e7, commission=FEE_BPS * 1e-4).run()

    return {"whole_s": timed(job, 1), "bars": count, "trades": int(job()["# Trades"])}


def _peer_frame(pd, count):
    columns = dict(zip(("open", "high", "low", "close"), prices(count), strict=True))
    index = pd.date_range("2020-01-01", periods=count, freq="min")
    return pd.DataFrame({name: values * TICK for name, values in columns.items()}, index=index)


def _peer_settings(frame):
    return {
        "open": frame.open,
        "high": frame.high,
        "low": frame.low,
        "size": LOT,
        "fees": FEE_BPS * 1e-4,
        "init_cash": 1e7,
        "stop_exit_price": "StopMarket",
        "freq": "1min",
    }


def measure_vectorbt(count):
    import pandas as pd
    import vectorbt as vbt

    frame = _peer_frame(pd, count)

    def job():
        fast, slow = vbt.MA.run(frame.close, 20), vbt.MA.run(frame.close, 100)
        reach = vbt.ATR.run(frame.high, frame.low, frame.close, 14, ewm=True).atr
        book = vbt.Portfolio.from_signals(
            frame.close,
            fast.ma_crossed_above(slow),
            None,
            sl_stop=2 * reach / frame.close,
            tp_stop=3 * reach / frame.close,
            **_peer_settings(frame),
        )
        book.total_return(), book.max_drawdown()
        return int(book.trades.count())

    return {"whole_s": timed(job, 3), "trades": job(), "peak_mib": peak_mib()}


def measure_vectorbt_sweep():
    import pandas as pd
    import vectorbt as vbt

    frame = _peer_frame(pd, SWEEP_BARS)
    pairs = sorted({(fast, slow) for fast, slow, _ in SETS})

    def job():
        reach = vbt.ATR.run(frame.high, frame.low, frame.close, 14, ewm=True).atr
        share = (reach / frame.close).to_numpy()[:, None]
        fast = vbt.MA.run(frame.close, [f for f, _ in pairs], short_name="fast")
        slow = vbt.MA.run(frame.close, [s for _, s in pairs], short_name="slow")
        entries = fast.ma_crossed_above(slow).to_numpy()
        trades = 0
        for stop in np.linspace(1, 4, 10):  # in chunks of 100 columns: the way that needs least
            book = vbt.Portfolio.from_signals(
                frame.close,
                entries,
                None,
                sl_stop=stop * share,
                tp_stop=3 * share,
                **_peer_settings(frame),
            )
            book.total_profit()
            trades += int(book.trades.count().sum())
        return trades

    return {"whole_s": timed(job, 1), "trades": job(), "peak_mib": peak_mib()}


def measured_alone(name, count, python):
    """Run one measurement in a process of its own, so that memory is its own too."""
    command = [python, str(HERE), "--only", name, "--bars", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no output"])[-1]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def table_rows(found, count):
    """Yield what was measured, the figure and, where there is one, the goal and whether it held."""
    million, sets = count / 1e6, len(SETS) * SWEEP_BARS / 1e6
    run, naive, many = found["run"], found["naive"], found["sweep"]
    speed, whole = million / run["simulate_s"], million / run["whole_s"]
    least = million / naive["whole_s"]
    yield "kernel, orders given", f"{speed:.1f} M bars/s", "at least 40", speed >= 40
    yield "kernel, indicators inside", f"{whole:.1f} M bars/s", "at least 40", whole >= 40
    yield "naive loop (indicators inside, no ledger)", f"{least:.1f} M bars/s", "", None
    yield "orders given / naive", f"{speed / least:.2f}", "at least 0.25", speed / least >= 0.25
    yield (
        "indicators inside / naive",
        f"{whole / least:.2f}",
        "at least 0.25",
        whole / least >= 0.25,
    )
    yield "sweep, 1,000 x 100k", f"{many['whole_s']:.3f} s", "", None
    yield "sweep", f"{sets / many['whole_s']:.0f} M bar-sets/s", "", None
    yield "sweep, peak memory", f"{many['peak_mib']:.0f} MiB", "under 381", many["peak_mib"] < 381
    step = found["step"]["step_us"]
    yield "one step from Python", f"{step:.2f} us", "under 5", step < 5
    yield "first result, fresh process, warm cache", f"{found['first']['first_s']:.2f} s", "", None
    yield from peer_rows(found, million)


def peer_rows(found, million):
    """Yield the same for the peers that could be measured; say why for those that could not."""
    for name in ("backtesting", "vectorbt", "vectorbt_sweep"):
        peer = found.get(name)
        if peer is None or "error" in peer:
            yield name, "not measured: " + (peer or {}).get("error", "no --peer-python"), "", None
    if "whole_s" in found.get("backtesting", {}):
        peer = found["backtesting"]
        yield "backtesting.py", f"{peer['bars'] / peer['whole_s'] / 1e6:.3f} M bars/s", "", None
    if "whole_s" in found.get("vectorbt", {}):
        peer = found["vectorbt"]
        yield "vectorbt", f"{million / peer['whole_s']:.2f} M bars/s", "", None
    if "whole_s" in found.get("vectorbt_sweep", {}):
        peer = found["vectorbt_sweep"]
        ratio = peer["whole_s"] / found["sweep"]["whole_s"]
        yield "vectorbt sweep", f"{peer['whole_s']:.2f} s, {peer['peak_mib']:.0f} MiB", "", None
        yield "sweep against vectorbt", f"{ratio:.1f} x", "at least 10", ratio >= 10


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--bars", type=int, default=1_000_000)
    parser.add_argument("--peer-python", help="an interpreter that has vectorbt and pandas")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    jobs = {
        "run": lambda: measure_run(asked.bars),
        "naive": lambda: measure_naive(asked.bars),
        "sweep": measure_sweep,
        "step": measure_step,
        "first": measure_first,
        "backtesting": measure_backtesting,
        "vectorbt": lambda: measure_vectorbt(asked.bars),
        "vectorbt_sweep": measure_vectorbt_sweep,
    }
    if asked.only:
        print(json.dumps(jobs[asked.only]()))
        return 0
    found = {}
    for name in jobs:
        python = asked.peer_python if name.startswith("vectorbt") else sys.executable
        if python:
            found[name] = measured_alone(name, asked.bars, python)
    failed = {name: found[name]["error"] for name in list(jobs)[:5] if "error" in found[name]}
    if failed:
        print(f"Not measured: {failed}", file=sys.stderr)
        return 1
    rows = list(table_rows(found, asked.bars))
    width = max(len(row[0]) for row in rows)
    for what, figure, goal, held in rows:
        mark = "" if held is None else ("  ok" if held else "  MISSED")
        print(f"{what:<{width}}  {figure:<24} {goal}{mark}".rstrip())
    if asked.json:
        load = os.getloadavg()[0]
        asked.json.write_text(json.dumps({"bars": asked.bars, "load": load, **found}, indent=2))
    return int(any(held is False for *_, held in rows))


if __name__ == "__main__":
    sys.exit(main())
