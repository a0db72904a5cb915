"""What every test stands on: an environment without the developer's own settings, folders and secrets."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator
from itertools import count
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, settings

from console import paths
from tests.examples import examples

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
"""Real files and official verdicts, beside the checkout where they are available."""

# Hostile examples must not take long, and a busy machine must not fail them: ten times the usual, for both.
settings.register_profile(
    "unhurried", max_examples=examples(100), deadline=2_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")

_OURS = ("OCSF_CONSOLE_", "PROWLER_", "CISCO_XDR_", "AWS_", "TEXTUAL_")
_LOUD = (
    "NO_COLOR", "FORCE_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy",
    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
)  # fmt: skip


NewFolder = Callable[[], Path]


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more worker than there are processors: now and then each waits for a server, a process or a screen."""
    return 1 + (yield)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end, schemas above all, and let it look less often at the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 50)


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> NewFolder:
    """Makes an empty folder, each time. The factory would look through all that are there to number one more."""
    parent, numbers = tmp_path_factory.mktemp("folders"), count()

    def make() -> Path:
        folder = parent / str(next(numbers))
        folder.mkdir(mode=0o700)
        return folder

    return make


@pytest.fixture(autouse=True)
def own_environment(new_folder: NewFolder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an own home, and take away whatever the developer has set. Returns the home."""
    for name in list(os.environ):
        if name.startswith(_OURS) or name in _LOUD:
            monkeypatch.delenv(name)
    home = new_folder()
    monkeypatch.setenv("HOME", str(home))
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(home / variable.lower()))
    monkeypatch.setenv(paths.STATE_VARIABLE, str(home / "state"))
    return home


@pytest.fixture(autouse=True, scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compact each schema once for the whole run, not once for each test."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.getbasetemp() / "cache")


@pytest.fixture(autouse=True, scope="session")
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Trust one authority where the system trusts hundreds: reading them takes longer than most tests of a client do.

    Nearly every server of the tests speaks plain HTTP. Those that don't come with an authority of their own.
    """
    path = tmp_path_factory.getbasetemp() / "authority.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    os.environ["SSL_CERT_FILE"] = str(path)


@pytest.fixture(scope="session")
def sample() -> Path:
    """The real Prowler file of 1,000 records. Skips where it is absent."""
    found = sorted((SHARED / "samples").glob("prowler-output-*.ocsf.json"))
    if not found:
        pytest.skip("the real Prowler sample is not beside this checkout")
    return found[0]
