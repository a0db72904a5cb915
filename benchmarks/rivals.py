"""Other libraries at work on the same records, each given one record at a time. What they make is dropped at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Final

import jsonschema_rs
import orjson
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from py_ocsf_models.events.findings.detection_finding import DetectionFinding

_VERSION: Final = "1.5.0"
_CLASS: Final = "detection_finding"

Records = Sequence[bytes]


def orjson_loads(records: Records) -> None:
    """Parse, with the fastest parser that makes Python objects: the yardstick."""
    for record in records:
        orjson.loads(record)


def json_loads(records: Records) -> None:
    """Parse, with the standard library."""
    for record in records:
        json.loads(record)


def pydantic_accepts(records: Records) -> int:
    """Parse, and make a pydantic model of py-ocsf-models. Returns how many records it accepts.

    Given the objects that orjson makes it is quicker than with its own parser.
    """
    accepted = 0
    for record in records:
        try:
            DetectionFinding.model_validate(orjson.loads(record))
        except ValueError:
            continue
        accepted += 1
    return accepted


class JsonSchemas:
    """The JSON Schema of detection findings by the OCSF schema's export. There is one for each list of profiles."""

    def __init__(self) -> None:
        self._export = OcsfJsonSchemaEmbedded(get_ocsf_schema(_VERSION))
        self._validators: dict[tuple[str, ...], jsonschema_rs.Validator] = {}

    def accepts(self, records: Records) -> int:
        """Parse, and ask for a yes or no. Returns how many records are accepted."""
        return self._sum(records, lambda validator, finding: validator.is_valid(finding))

    def errors(self, records: Records) -> int:
        """Parse, and ask for every error. Returns how many there are."""
        return self._sum(records, lambda validator, finding: len(list(validator.iter_errors(finding))))

    def _sum(self, records: Records, ask: Callable[[jsonschema_rs.Validator, object], int]) -> int:
        total = 0
        for record in records:
            finding = orjson.loads(record)
            total += ask(self._validator(tuple(finding["metadata"]["profiles"])), finding)
        return total

    def _validator(self, profiles: tuple[str, ...]) -> jsonschema_rs.Validator:
        if profiles not in self._validators:
            schema = self._export.get_class_schema(_CLASS, list(profiles))
            self._validators[profiles] = jsonschema_rs.validator_for(schema)
        return self._validators[profiles]
