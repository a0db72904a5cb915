"""The vulnerabilities of an OCSF finding as those of an ASFF finding."""

from __future__ import annotations

from typing import Final

from console.convert.changes import JsonObject
from console.convert.taking import Taking
from console.records.model import JsonValue

MOST: Final = 100
"""Vulnerabilities of a finding, and parts of each, that are carried over. The format has no such limit but its size."""

_PACKAGE_FIELDS: Final = (
    ("name", "Name"),
    ("version", "Version"),
    ("epoch", "Epoch"),
    ("release", "Release"),
    ("architecture", "Architecture"),
    ("package_manager", "PackageManager"),
    ("path", "FilePath"),
    ("fixed_in_version", "FixedInVersion"),
)
_CVSS_FIELDS: Final = (("version", "Version"), ("vector_string", "BaseVector"), ("src_url", "Source"))
_ANSWERS: Final = {True: "YES", False: "NO"}


def vulnerabilities_of(event: Taking) -> list[JsonValue]:
    """All that something identifies. The others stay behind."""
    made = (_vulnerability(given) for given in event.objects("vulnerabilities", MOST))
    return [one for one in made if one is not None]


def _vulnerability(given: Taking) -> JsonObject | None:
    cve, advisory = given.object("cve"), given.object("advisory")
    identifier = cve.text("uid", "'Vulnerabilities.Id'") or advisory.text("uid", "'Vulnerabilities.Id'")
    if not identifier:
        return None
    made: JsonObject = {"Id": identifier}
    scores: list[JsonValue] = [score for one in cve.objects("cvss", MOST) if (score := _cvss(one))]
    if scores:
        made["Cvss"] = scores
    _add_epss(made, cve.object("epss"))
    packages: list[JsonValue] = [
        package for one in given.objects("affected_packages", MOST) if (package := _package(one))
    ]
    if packages:
        made["VulnerablePackages"] = packages
    if vendor := given.text("vendor_name", "'Vulnerabilities.Vendor.Name'"):
        made["Vendor"] = {"Name": vendor}
    for key, name in (("references", "ReferenceUrls"), ("related_vulnerabilities", "RelatedVulnerabilities")):
        if texts := _texts(given, key, name):
            made[name] = texts
    for key, name in (("is_fix_available", "FixAvailable"), ("is_exploit_available", "ExploitAvailable")):
        answer = given.look(key)
        if isinstance(answer, bool):
            given.mapped(key, f"'Vulnerabilities.{name}'")
            made[name] = _ANSWERS[answer]
    return made


def _cvss(given: Taking) -> JsonObject:
    made: JsonObject = {}
    score = given.look("base_score")
    if isinstance(score, int | float) and not isinstance(score, bool):
        made["BaseScore"] = given.mapped("base_score", "'Vulnerabilities.Cvss.BaseScore'")
    for key, name in _CVSS_FIELDS:
        if text := given.text(key, f"'Vulnerabilities.Cvss.{name}'"):
            made[name] = text
    return made


def _add_epss(made: JsonObject, epss: Taking) -> None:
    """OCSF has the score as a text."""
    text = epss.sees("score")
    try:
        score = float(text) if len(text) < 32 else -1
    except ValueError:
        return
    if 0 <= score <= 1:
        epss.mapped("score", "'Vulnerabilities.EpssScore'")
        made["EpssScore"] = score


def _package(given: Taking) -> JsonObject:
    made: JsonObject = {}
    for key, name in _PACKAGE_FIELDS:
        found = given.look(key)
        if isinstance(found, int) and not isinstance(found, bool) and key == "epoch":
            given.mapped(key, "'VulnerablePackages.Epoch'")
            made[name] = str(found)
        elif text := given.text(key, f"'VulnerablePackages.{name}'"):
            made[name] = text
    if advice := given.object("remediation").text("desc", "'VulnerablePackages.Remediation'"):
        made["Remediation"] = advice
    return made


def _texts(given: Taking, key: str, name: str) -> list[JsonValue]:
    """A list of texts, if it is nothing else."""
    found = given.look(key)
    if not isinstance(found, list) or not found:
        return []
    if not all(isinstance(item, str) and item.strip() for item in found):
        return []
    given.mapped(key, f"'Vulnerabilities.{name}'")
    return found
