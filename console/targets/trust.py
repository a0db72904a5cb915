"""Which servers we believe: those that the operating system's certificate store vouches for."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import truststore

from console.targets.failures import CA_VARIABLES, ca_file_unusable


def tls_context() -> ssl.SSLContext:
    """A TLS context over the operating system's store and the first of `CA_VARIABLES`. Raises `RequestFailed`.

    There is no switch that turns checking off. `SSLKEYLOGFILE` is not obeyed: it would let others read what is sent.
    """
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    variable = next((name for name in CA_VARIABLES if os.environ.get(name)), None)
    if variable is not None:
        path = os.environ[variable]
        # On Linux OpenSSL reads the first by itself, but passes over a file that is missing or broken without a word.
        try:
            if Path(path).is_dir():
                context.load_verify_locations(capath=path)
            else:
                context.load_verify_locations(cafile=path)
        except OSError as error:
            reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else str(error.strerror)
            raise ca_file_unusable(variable, path, reason) from error
    return context
