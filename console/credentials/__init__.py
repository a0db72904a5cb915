"""Secrets: where they come from, where they are kept, and how they are kept from being seen.

A secret is looked for in the environment, then in the operating system's keyring, then in this session's memory.
There is no plain-text store. `keyring` is imported when it is first asked, never by importing this package.
"""

from console.credentials.secret import Secret, checked_secret
from console.credentials.store import BackendState, Credentials, Found, Keyring, Slot, Source

__all__ = [
    "BackendState",
    "Credentials",
    "Found",
    "Keyring",
    "Secret",
    "Slot",
    "Source",
    "checked_secret",
]
