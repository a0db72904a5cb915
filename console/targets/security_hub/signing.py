"""AWS Signature Version 4, by botocore's signer: the only place that knows it.

botocore does not document its signer as an interface, though many SDKs use it: a test holds it to fixed vectors. Only
the content type is signed besides what the signer adds (host, date, session token): what an HTTP library adds on its
own may change on the way.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from console.credentials import Secret
from console.targets.http import SecretHeaders

SERVICE: Final = "securityhub"
CONTENT_TYPE: Final = "application/json"
_TIME: Final = "%Y%m%dT%H%M%SZ"

# It logs what it signs, and the session token is a part of that.
logging.getLogger("botocore.auth").setLevel(logging.WARNING)


class _Dated(SigV4Auth):  # type: ignore[misc] # botocore has no types
    """Signs as of a time that is given, for machines whose clock is wrong."""

    def __init__(self, credentials: ReadOnlyCredentials, region: str, at: datetime) -> None:
        super().__init__(credentials, SERVICE, region)
        self._at = at

    def _modify_request_before_signing(self, request: Any) -> None:
        request.context["timestamp"] = self._at.astimezone(UTC).strftime(_TIME)
        super()._modify_request_before_signing(request)


def signed(
    credentials: ReadOnlyCredentials, region: str, method: str, url: str, body: bytes, at: datetime
) -> SecretHeaders:
    """The headers that sign a request with this very body, as of *at*. They are good for five minutes."""
    given = {"Content-Type": CONTENT_TYPE} if body else {}
    request = AWSRequest(method, url, data=body, headers=given)
    _Dated(credentials, region, at).add_auth(request)
    headers = {name: Secret(value) for name, value in request.headers.items() if name not in given}
    signature = headers["Authorization"].reveal().rpartition("Signature=")[2]
    secrets = [Secret(text) for text in (credentials.secret_key, credentials.token, signature) if text]
    return SecretHeaders(headers, secrets)
