"""What every test of the network stands on: the machine's own way out is not ours."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the authorities and the exceptions from proxies that the machine has set.

    `SSL_CERT_FILE` is that of `one_authority` already.
    """
    for name in ("SSL_CERT_DIR", "SSLKEYLOGFILE", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
