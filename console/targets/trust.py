"""Which servers we believe: those that the operating system's certificate store vouches for."""

from __future__ import annotations

import os
import ssl

import truststore

from console.targets.failures import CA_VARIABLE, ca_file_unusable


def tls_context() -> ssl.SSLContext:
    """A TLS context over the operating system's store and `SSL_CERT_FILE`. Raises `RequestFailed`.

    There is no switch that turns checking off. `SSLKEYLOGFILE` is not obeyed: it would let others read what is sent.
    """
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    path = os.environ.get(CA_VARIABLE)
    if path:
        # On Linux OpenSSL reads it by itself, but passes over a file that is missing or broken without a word.
        try:
            context.load_verify_locations(cafile=path)
        except OSError as error:
            reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else str(error.strerror)
            raise ca_file_unusable(path, reason) from error
    return context
