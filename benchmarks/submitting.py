"""How fast a file is submitted beside `curl -F`, what a small batch costs with what the ledger promises, and memory.

The sandbox is a process of its own. It works on what it took in before anything else is sent to it, so that nobody is
measured against its work for another.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from benchmarks import data
from benchmarks.clock import ROUNDS, times_as_fast
from benchmarks.data import Sample
from benchmarks.memory import peak_of
from benchmarks.sandbox import Served, served
from benchmarks.targets import at_least, under
from console.cli.setup import make_validator
from console.config import Config, LimitsConfig, ProwlerConfig
from console.credentials import Credentials
from console.sandbox.prowler.endpoints import PATH
from console.submissions.desk import Desk
from console.submissions.model import Selection
from console.targets.base import Accepted

_LEAST: Final = 0.8
"""Times as fast as curl that sending should be."""
_MOST_GROWTH: Final = 32
"""Megabytes that submitting may grow by, whatever the file's size."""
_SMALL_BATCHES: Final = 1_000
_TARGET: Final = "prowler"


def print_tables(folder: Path, sample: Sample, copies: int, rounds: int = ROUNDS) -> None:
    """One file beside curl, many small batches, and the memory of submitting."""
    path = folder / "submitted.ocsf.json"
    data.write_array(path, sample.apart(copies))
    with served() as sandbox:
        asyncio.run(_beside_curl(sandbox, path, rounds))
        asyncio.run(_small_batches(sandbox, folder, sample))
        _print_growth(sandbox, folder, sample, copies)
    path.unlink()


def print_large(folder: Path, sample: Sample, megabytes: int) -> None:
    """The memory of submitting a file of that size."""
    with served() as sandbox:
        _print_growth(sandbox, folder, sample, megabytes * 1_000_000 // sample.size + 1)


async def _beside_curl(sandbox: Served, path: Path, rounds: int) -> None:
    """Freeze, send, and let curl send the same, in turn."""
    size = path.stat().st_size
    print(f"\nSubmitting {size / 1e6:.1f} MB, beside `curl -F` to the same sandbox")
    if shutil.which("curl") is None:
        print("  not measured: there is no curl")
        return
    freezing, sending, curling = [], [], []
    async with _desk(sandbox, LimitsConfig()) as desk:
        for _ in range(rounds + 1):
            started = time.perf_counter()
            plan = await desk.prepare([path], _TARGET, Selection.ALL)
            frozen = time.perf_counter()
            [outcome] = [outcome async for _, outcome in desk.send(plan)]
            sent = time.perf_counter()
            assert isinstance(outcome, Accepted), outcome
            await _until_ended(desk, outcome.job.id)
            before_curl = time.perf_counter()
            job_id = await asyncio.to_thread(_curl, sandbox, path)
            curling.append(time.perf_counter() - before_curl)
            await _until_ended(desk, job_id)
            freezing.append(frozen - started)
            sending.append(sent - frozen)
    for name, took in (("curl", curling[1:]), ("sending, with the ledger", sending[1:]), ("freezing", freezing[1:])):
        speed = size / 1e6 / statistics.median(took)
        ratio = times_as_fast(took, curling[1:])
        told = at_least(ratio, _LEAST, "x curl") if took == sending[1:] else ""
        print(f"  {name:<48}{statistics.median(took):>9.3f}{speed:>8.0f} MB/s{ratio:>8.2f}    {told}".rstrip())


async def _small_batches(sandbox: Served, folder: Path, sample: Sample) -> None:
    """A thousand batches of one record each, every one announced and settled on disk."""
    path = folder / "small.ocsf.json"
    records = list(sample.apart(_SMALL_BATCHES // len(sample.records) + 1))[:_SMALL_BATCHES]
    data.write_array(path, records)
    async with _desk(sandbox, LimitsConfig(batch_records=1)) as desk:
        started = time.perf_counter()
        plan = await desk.prepare([path], _TARGET, Selection.ALL)
        frozen = time.perf_counter()
        outcomes = [outcome async for _, outcome in desk.send(plan)]
        sent = time.perf_counter()
    assert len(outcomes) == _SMALL_BATCHES
    print(f"\n{_SMALL_BATCHES:,} batches of one record, {sum(map(len, records)) / len(records) / 1e3:.1f} kB each")
    for name, took in (("freezing", frozen - started), ("sending, with the ledger", sent - frozen)):
        print(f"  {name:<48}{took:>9.3f} s{took / _SMALL_BATCHES * 1e3:>8.2f} ms a batch")
    path.unlink()


def _print_growth(sandbox: Served, folder: Path, sample: Sample, copies: int) -> None:
    """The most memory that the command takes, for one copy of the sample and for many."""
    print("\nPeak memory of `submit`")
    peaks = []
    for count in (1, copies):
        path = folder / f"memory-{count}.ocsf.json"
        data.write_array(path, sample.apart(count))
        with tempfile.TemporaryDirectory() as state:
            command = [sys.executable, "-m", "console", "submit", str(path), "--target", _TARGET]
            peak = peak_of(command, folder, {**sandbox.environment, "OCSF_CONSOLE_STATE_DIR": state})
        peaks.append(peak.largest / 1e6)
        told = under(peaks[-1] - peaks[0], _MOST_GROWTH, "MB more") if count > 1 else ""
        print(f"  {path.stat().st_size / 1e6:>8,.0f} MB: {peaks[-1]:.0f} MB    {told}".rstrip())
        path.unlink()


@asynccontextmanager
async def _desk(sandbox: Served, limits: LimitsConfig) -> AsyncIterator[Desk]:
    """A desk in front of the sandbox, with a state folder of its own."""
    config = Config(targets={_TARGET: ProwlerConfig(kind="prowler", base_url=sandbox.url)}, limits=limits)
    with tempfile.TemporaryDirectory() as state:
        credentials = Credentials(environ={"PROWLER_CLOUD_API_KEY": sandbox.key})
        desk = Desk(config, credentials, Path(state), make_validator)
        yield desk
        await desk.close()


async def _until_ended(desk: Desk, job_id: str) -> None:
    async for _ in desk.watch(_TARGET, job_id):
        pass


def _curl(sandbox: Served, path: Path) -> str:
    """Upload a file as a person would without us: the id of its job."""
    header = f"Authorization: Api-Key {sandbox.key}"
    command = ["curl", "-sS", "--fail", "-H", header, "-F", f"file=@{path};type=application/json", sandbox.url + PATH]
    answer = subprocess.run(command, check=True, capture_output=True).stdout
    return str(json.loads(answer)["data"]["id"])
