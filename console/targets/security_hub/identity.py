"""What Security Hub tells findings apart by, and keeps one finding of: their `Id` and `ProductArn`."""

from __future__ import annotations

from typing import Final

import msgspec

PATH: Final = "Id"
"""Where the part of it is that a generator chooses."""


class _Named(msgspec.Struct):
    id: object = msgspec.field(default=None, name="Id")
    product_arn: object = msgspec.field(default=None, name="ProductArn")


_decoder: Final = msgspec.json.Decoder(_Named)


def kept_as(raw: bytes) -> str | None:
    """What the service keeps one finding of, for one in its format. Foreign text; None without an `Id`.

    An update of a finding has it in common with the finding.
    """
    try:
        found = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return f"{found.product_arn}\n{found.id}" if isinstance(found.id, str) else None
