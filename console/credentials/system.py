"""The operating system's keyring: which backends are trusted with a secret, and how long we wait for one.

The `keyring` library picks a backend by what is installed, by `PYTHON_KEYRING_BACKEND` and by its `keyringrc.cfg`.
What it picks may forget everything, or write plain text, without a word. So only the backends in `TRUSTED` are used.
Loading this module loads `keyring`, which takes a tenth of a second.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from configparser import Error as ConfigError
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Final, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringError, KeyringLocked

from console.credentials.secret import Secret
from console.display import safe_text
from console.errors import KeyringUnavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TrustedBackend:
    """A backend that keeps secrets encrypted, under the care of the operating system or desktop."""

    name: str
    longest: int | None = None
    """Characters of a secret at most, where it publishes a limit."""


_SECRET_SERVICE: Final = TrustedBackend("Secret Service")
_KWALLET: Final = TrustedBackend("KWallet")

TRUSTED: Final[Mapping[str, TrustedBackend]] = {
    "keyring.backends.SecretService.Keyring": _SECRET_SERVICE,
    "keyring.backends.libsecret.Keyring": _SECRET_SERVICE,
    "keyring.backends.kwallet.DBusKeyring": _KWALLET,
    "keyring.backends.kwallet.DBusKeyringKWallet4": _KWALLET,
    "keyring.backends.macOS.Keyring": TrustedBackend("macOS Keychain"),
    # CRED_MAX_CREDENTIAL_BLOB_SIZE is 5 * 512 bytes (Windows, wincred.h), and keyring writes UTF-16.
    "keyring.backends.Windows.WinVaultKeyring": TrustedBackend("Windows Credential Manager", longest=1_280),
}
"""The only backends that are used, by the full name of their class: a subclass may do anything, so it isn't one."""

_REFUSED: Final[Mapping[str, str]] = {
    "keyring.backends.fail.Keyring": "This machine offers no keyring: none is installed, or none runs in this session",
    "keyring.backends.null.Keyring": "The keyring is switched off: the backend chosen for it forgets what it is told",
}
"""What is said of the backends that people meet without having chosen one."""

_TRANSPORT_ERRORS: Final = (
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney.wrappers", "DBusErrorResponse"),
    ("dbus.exceptions", "DBusException"),
    ("gi.repository.GLib", "Error"),
    ("pywintypes", "error"),
    ("win32ctypes.pywin32.pywintypes", "error"),
)
"""Where the trusted backends talk to the system, and what comes through `keyring` unchanged when that fails."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The backend that the `keyring` library picked, found to be trusted."""

    backend: KeyringBackend
    trusted: TrustedBackend


class SystemKeyring:
    """The real keyring, asked on a thread of its own with a deadline, so that nothing can hang with it.

    A desktop may ask its user to unlock the keyring, and a D-Bus service may never answer. After *timeout* seconds
    the question is given up and its thread left behind; it does not keep the process alive. Until that thread comes
    back nothing more is asked: a dead keyring costs one wait rather than one a lookup, and one that was only waiting
    for its user works again. What was being written when time ran out may still be written.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._turn = Lock()
        self._stuck: Thread | None = None
        self._chosen: _Chosen | None = None

    def name(self) -> str:
        """What the chosen backend is called. Raises `KeyringUnavailable`."""
        return self._ask(lambda chosen: chosen.trusted.name)

    def get(self, service: str, user: str) -> Secret | None:
        """The secret of an entry, or None where there is no such entry. Raises `KeyringUnavailable`."""
        return self._ask(lambda chosen: _read(chosen.backend, service, user))

    def set(self, service: str, user: str, secret: Secret) -> None:
        """Write an entry, over an older one. Raises `KeyringUnavailable`."""
        self._ask(lambda chosen: _write(chosen, service, user, secret))

    def delete(self, service: str, user: str) -> None:
        """Remove an entry that exists. Raises `KeyringUnavailable`."""
        self._ask(lambda chosen: chosen.backend.delete_password(service, user))

    def _ask(self, question: Callable[[_Chosen], T]) -> T:
        with self._turn:
            if self._stuck is not None and self._stuck.is_alive():
                raise _silent("The keyring has still not answered an earlier question.")
            answer: Future[T] = Future()
            asking = Thread(target=self._work, args=(question, answer), name="keyring", daemon=True)
            asking.start()
            try:
                return answer.result(self._timeout)
            except TimeoutError:
                self._stuck = asking
        raise _silent(f"The keyring did not answer within {self._timeout:g} s.")

    def _work(self, question: Callable[[_Chosen], T], answer: Future[T]) -> None:
        """Put the question and settle *answer*. Errors are replaced here: their frames hold the plain secret."""
        try:
            self._chosen = self._chosen or _choose()
            answer.set_result(question(self._chosen))
        except KeyringUnavailable as error:
            answer.set_exception(error)
        except _backend_errors() as error:
            answer.set_exception(_failed(error, self._chosen))
        finally:
            # An error that nobody foresaw is reported by the thread as it ends; the one who asked must not wait.
            if not answer.done():
                answer.set_exception(KeyringUnavailable("The keyring failed in a way that it does not document."))


def _choose() -> _Chosen:
    """The backend that the `keyring` library picks, or the first trusted one where it picks a chain of them."""
    picked = _pick()
    if isinstance(picked, str):
        raise KeyringUnavailable(
            f"The keyring can't be opened: {picked}.", hint="Look at PYTHON_KEYRING_BACKEND and keyringrc.cfg."
        )
    backends = picked.backends if isinstance(picked, ChainerBackend) else [picked]
    for backend in backends:
        trusted = TRUSTED.get(_class_name(backend))
        if trusted is not None:
            return _Chosen(backend, trusted)
    name = _class_name(picked)
    reason = _REFUSED.get(name, "The backend chosen for the keyring is not one that is trusted with a secret")
    raise KeyringUnavailable(f"{reason} ({safe_text(name, width=80)}).")


def _pick() -> KeyringBackend | str:
    """The backend that the `keyring` library picks, or why it can't.

    The error itself stays here: it may come from looking up a variable, and that frame holds the whole environment.
    """
    try:
        return keyring.get_keyring()
    except (KeyringError, ImportError, AttributeError, ValueError, RuntimeError, OSError, ConfigError) as error:
        return _words(error)


def _class_name(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _read(backend: KeyringBackend, service: str, user: str) -> Secret | None:
    value = backend.get_password(service, user)
    return None if value is None else Secret(value)


def _write(chosen: _Chosen, service: str, user: str, secret: Secret) -> None:
    longest = chosen.trusted.longest
    length = len(secret.reveal())
    if longest is not None and length > longest:
        raise KeyringUnavailable(
            f"The secret is {length:,} characters long; the {chosen.trusted.name} holds {longest:,} at most."
        )
    chosen.backend.set_password(service, user, secret.reveal())


def _backend_errors() -> tuple[type[Exception], ...]:
    """What a trusted backend is known to raise. Looked up among what is loaded: nothing is imported to catch it."""
    found: list[type[Exception]] = [
        getattr(sys.modules[module], name) for module, name in _TRANSPORT_ERRORS if module in sys.modules
    ]
    # ValueError: an entry that is no text. RuntimeError: a transport that the library can't speak.
    return (KeyringError, OSError, RuntimeError, ValueError, *found)


def _failed(error: Exception, chosen: _Chosen | None) -> KeyringUnavailable:
    """An error of a backend in our words."""
    name = chosen.trusted.name if chosen else "keyring"
    if isinstance(error, KeyringLocked):
        return KeyringUnavailable(f"The {name} is locked.", hint="Unlock it and try again.")
    return KeyringUnavailable(f"The {name} can't be used: {_words(error)}.")


def _words(error: Exception) -> str:
    """What an error says, fit to stand in a sentence of ours."""
    return safe_text(error, width=200).rstrip(".") or type(error).__name__


def _silent(sentence: str) -> KeyringUnavailable:
    return KeyringUnavailable(sentence, hint="If a window asks to unlock it, answer there and try again.")
