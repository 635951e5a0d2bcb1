"""What a real Ray cluster promises beyond the contract: nodes, GPUs, quiet, and its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assay.core.errors import MissingExtraError, SettingsError
from assay.workflows.executors.catalog import EXECUTORS
from assay.workflows.executors.contract import Executor, Work, carry_out
from assay.workflows.experiments.planning import GPU_SHARE, check_all
from tests.workflows.executors import HERE, PACKAGES
from tests.workflows.experiments.test_fold_leakage import NET
from tests.workflows.experiments.worlds import desk_with, pair, planned

ROOT = Path(__file__).parents[3]

PROGRAM = """
import sys
from assay.workflows.executors.catalog import EXECUTORS
from assay.workflows.executors.contract import Work

def main(folder):
    here = "tests.workflows.executors:"
    works = [Work("quick", here + "doubled", {"number": 4}), Work("deadly", here + "killed")]
    run = EXECUTORS.get("ray")(jobs=2, packages=("assay", "tests")).run
    for outcome in run(works, stop=lambda: False):
        print(outcome.key, outcome.value, flush=True)
    works = [
        Work("quick", here + "doubled", {"number": 5}),
        *(
            Work(name, here + "began", {"folder": folder, "name": name, "seconds": 60})
            for name in ("one", "two")
        ),
    ]
    try:
        for outcome in run(works, stop=lambda: False):
            print(outcome.key, outcome.value, flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)

if __name__ == "__main__":
    main(sys.argv[1])
"""


def there() -> type[Executor]:
    """Return the executor, or skip with the reason; where all must be there, fail."""
    try:
        return EXECUTORS.get("ray")
    except MissingExtraError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def two_nodes() -> Any:
    """Return a cluster of two nodes of one processor, the second with a pretended GPU."""
    there()
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    second = cluster.add_node(num_cpus=1, num_gpus=1)
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster, second
    ray.shutdown()
    cluster.shutdown()  # type: ignore[no-untyped-call]


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "assay.workflows.executors.library.ray", raising=False)

    with pytest.raises(MissingExtraError, match=r"assay\[scale\]"):
        EXECUTORS.get("ray")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nonsense"])
def test_a_cluster_that_is_not_there_is_a_sentence(address: str) -> None:
    kind: Any = there()

    with pytest.raises(SettingsError, match=f"No Ray cluster could be reached at {address} "):
        list(kind(address=address).run([], stop=lambda: False))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_a_cluster_of_our_own_is_quiet_and_gone_after_the_run_or_a_ctrl_c(tmp_path: Path) -> None:
    there()
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    program = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    give_up = time.monotonic() + 120
    while not all((tmp_path / name).exists() for name in ("one", "two")):
        # The second piece waits for a worker that the first, quick one leaves.
        assert time.monotonic() < give_up, program.communicate()
        time.sleep(0.05)

    os.killpg(program.pid, signal.SIGINT)
    said, errors = program.communicate(timeout=60)

    assert said.split("\n") == ["quick 8", "deadly None", "quick 10", "interrupted", ""]
    assert errors == ""
    workers = [int((tmp_path / name).read_text()) for name in ("one", "two")]
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


@pytest.mark.slow
def test_a_piece_on_a_node_that_dies_runs_again_on_another(two_nodes: Any, tmp_path: Path) -> None:
    cluster, second = two_nodes
    here = {"folder": str(tmp_path), "seconds": 6}
    works = [Work(name, f"{HERE}:began", here | {"name": name}) for name in ("one", "two")]
    taken: list[Any] = []

    def strike() -> bool:
        if not taken and all((tmp_path / name).exists() for name in ("one", "two")):
            taken.append(second)
            cluster.remove_node(second, allow_graceful=False)
        return False

    outcomes = list(there()(jobs=2, packages=PACKAGES).run(works, stop=strike))

    assert taken
    assert {outcome.key: outcome.value for outcome in outcomes} == {"one": "one", "two": "two"}
    assert sorted(outcome.attempts for outcome in outcomes) == [1, 2]


@pytest.mark.slow
def test_a_piece_that_wants_a_gpu_runs_where_one_is(two_nodes: Any) -> None:
    works = [Work("g", f"{HERE}:process", gpus=1), Work("c", f"{HERE}:process")]

    outcomes = there()(jobs=1, packages=PACKAGES).run(works, stop=lambda: False)
    seen = {o.key: o.value["environment"]["CUDA_VISIBLE_DEVICES"] for o in outcomes}

    assert seen["g"] == "0"
    assert seen["c"] != "0"


@pytest.mark.slow
def test_a_net_of_an_experiment_is_fitted_where_a_gpu_is_and_finds_the_same(
    two_nodes: Any, tmp_path: Path
) -> None:
    """No GPU is really there, so `auto` takes the processor: the same bytes as without Ray."""
    import ray

    desk = desk_with(tmp_path, pair())
    desk.device = "auto"
    (checked,) = check_all(desk, [planned(model=dict(NET))])
    net = next(iter(checked.works({}).values()))
    free: list[float] = []

    def look() -> bool:
        free.append(ray.available_resources().get("GPU", 0.0))  # type: ignore[no-untyped-call]
        return False

    (spread,) = there()(jobs=2).run([net], stop=look)
    alone = carry_out(net.text(), ("assay",))

    assert min(free) == pytest.approx(1.0 - GPU_SHARE)
    assert spread.failure is None
    assert alone.failure is None
    assert told(spread.value) == told(alone.value)


def told(found: Any) -> tuple[Any, dict[str, bytes]]:
    """Return what a fold found: figures, and arrays to the bit."""
    arrays = {name: item.tobytes() for name, item in found.items() if name != "metrics"}
    return found["metrics"], arrays
