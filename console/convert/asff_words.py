"""The texts of an OCSF finding as those of an ASFF finding: what it is called, what it says, what to do about it."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from console.convert import asff_limits as limits
from console.convert.asff_vulnerabilities import MOST
from console.convert.changes import CannotConvert, Change, ChangeKind, JsonObject
from console.convert.taking import Taking, shortened
from console.records.model import JsonValue

_URL: Final = re.compile(r"https?://[^\s\x00-\x1f\x7f]+")
_HASH: Final = 64
_NO_TITLE: Final = "Security finding"


def id_of(event: Taking, info: Taking) -> str:
    """What tells the finding from others of its product. Raises `CannotConvert` when it has nothing of the kind."""
    for holder, key in ((info, "uid"), (event.object("metadata"), "uid")):
        uid = holder.sees(key)
        if uid and len(uid) <= limits.ID:
            return holder.text(key, "'Id'")
        if uid:
            # Two long ones may start alike.
            holder.take(key, ChangeKind.SHORTENED, "It is 'Id', which takes 512 characters: its end is its SHA-256.")
            return f"{uid[: limits.ID - _HASH - 1]}-{hashlib.sha256(uid.encode()).hexdigest()}"
    raise CannotConvert("asff_id_missing", "finding_info.uid", "It has no identifier of its own.")


def generator_of(event: Taking, info: Taking, product: Taking, *, is_prowler: bool) -> str:
    """What of the product found it: the check, the rule, or else the product itself."""
    metadata, analytic = event.object("metadata"), info.object("analytic")
    if analytic.holder == {}:
        analytic = event.object("analytic")
    if is_prowler and (check := metadata.sees("event_code")):
        metadata.mapped("event_code", "'GeneratorId'")
        if analytic.sees("uid") == check:
            analytic.mapped("uid", "'GeneratorId'")
        return f"prowler-{check}"[: limits.GENERATOR]
    for holder, key in (
        (product.object("feature"), "uid"),
        (analytic, "uid"),
        (metadata, "event_code"),
        (analytic, "name"),
        (product, "uid"),
    ):
        if text := holder.text(key, "'GeneratorId'", limits.GENERATOR):
            return text
    generator = product.sees("name")[: limits.GENERATOR] or f"ocsf-{event.look('class_uid')}"
    message = "The record names nothing that found it: it is the product, or else the class."
    event.changes.append(Change(ChangeKind.FILLED_IN, "GeneratorId", message))
    return generator


def title_and_description(event: Taking, info: Taking, *, is_prowler: bool) -> JsonObject:
    """The title and the description. Prowler describes what it saw, others what was looked for."""
    said = event.sees("message")
    places = [(info, "desc"), (event, "message"), (event, "status_detail")]
    if is_prowler:
        places = [(event, "status_detail"), (event, "message"), (info, "desc")]
    full = next((text for holder, key in places if (text := holder.sees(key))), "")
    title = _first([(info, "title"), *([] if said == full else [(event, "message")])], "'Title'", limits.TITLE)
    description = _first(places, "'Description'", limits.DESCRIPTION)
    for holder, key in places:
        # What was shortened is not said a second time: there is more room for it elsewhere.
        if description and description == full == holder.sees(key):
            holder.mapped(key, "'Description'")
    for name, text in (("Title", title), ("Description", description)):
        if not text:
            message = "The record has none: it is the description, or the title, or says what it is."
            event.changes.append(Change(ChangeKind.FILLED_IN, name, message))
    return {
        "Title": title or shortened(description, limits.TITLE) or _NO_TITLE,
        "Description": description or title or _NO_TITLE,
    }


def _first(places: list[tuple[Taking, str]], target: str, most: int) -> str:
    """The first text that is there, taken; empty where there is none."""
    return next((text for holder, key in places if (text := holder.text(key, target, most))), "")


def remediation_of(event: Taking, info: Taking) -> JsonObject:
    """What to do about it, and where to read on; empty where the record does not say."""
    vulnerable = event.objects("vulnerabilities", MOST)
    for given in [holder.object("remediation") for holder in (event, info, *vulnerable[:1])]:
        advice: JsonObject = {}
        if text := given.text("desc", "'Remediation.Recommendation.Text'", limits.RECOMMENDATION):
            advice["Text"] = text
        if url := _url(given):
            advice["Url"] = url
        if advice:
            return {"Recommendation": advice}
    return {}


def _url(given: Taking) -> str:
    """The first reference that is a web page. The others stay."""
    found = given.look("references")
    if not isinstance(found, list):
        return ""
    for index, item in enumerate(found):
        if isinstance(item, str) and _URL.fullmatch(item):
            others: list[JsonValue] = [*found[:index], *found[index + 1 :]]
            given.holder["references"] = others
            path = f"{given.path('references')}[{index}]"
            given.changes.append(Change(ChangeKind.MAPPED, path, "It is 'Remediation.Recommendation.Url'."))
            return item
    return ""
