"""The frozen payload of a batch on disk, and what to say where it is not what the ledger wrote down."""

from __future__ import annotations

import hashlib

from console.errors import TargetError
from console.targets.base import Batch


class PayloadChanged(TargetError):
    """What lies on disk is not the batch that was frozen, or can't be read. The target never got a whole request."""


def read_payload(batch: Batch) -> bytes:
    """The whole payload of a batch, where a request is small enough for the memory. Waits for the disk.

    Raises `PayloadChanged`.
    """
    try:
        with batch.path.open("rb") as file:
            payload = file.read(batch.length + 1)
    except OSError as error:
        raise payload_changed(batch, f"it can't be read: {error.strerror}") from error
    if hashlib.sha256(payload).hexdigest() != batch.sha256:
        raise payload_changed(batch, "its content is another")
    return payload


def payload_changed(batch: Batch, reason: str) -> PayloadChanged:
    """The error of a payload that must not be sent."""
    return PayloadChanged(
        f"The frozen payload of batch {batch.number} is not what it was: {reason}. Nothing was accepted.",
        hint="Submit the finding file again.",
    )
