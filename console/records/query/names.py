"""The names that an expression may use: short ones for what lists of findings show, and attributes to take typos for.

A short name stands for all its paths together, so that it means the same whichever of them a producer fills.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

SEVERITY: Final = "severity"
TIME: Final = "time"

SHORT_NAMES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    SEVERITY: (("severity_id",), ("severity",)),
    "status": (("status_code",), ("status",)),
    "title": (("finding_info", "title"), ("finding", "title")),
    "resource": (("resources", "name"), ("resources", "uid"), ("resource", "name"), ("resource", "uid")),
    "account": (("cloud", "account", "uid"), ("unmapped", "provider_uid")),
    "provider": (("cloud", "provider"), ("unmapped", "provider")),
    "region": (("resources", "region"), ("resource", "region"), ("cloud", "region")),
    TIME: (("time",),),
    "uid": (("finding_info", "uid"), ("finding", "uid")),
    "product": (("metadata", "product", "name"),),
}
"""What each short name stands for. Where `console.records.fields` shows one value, these have it among theirs."""

_OCSF: Final = """
access_analysis_result action action_id activity_id activity_name actor analytic anomaly_analyses api application
applications assignee assignee_group attacks authorizations category_name category_uid cis_csc class_name class_uid
cloud comment compliance confidence confidence_id confidence_score count data data_security data_sources database
databucket desc device disposition disposition_id dst_endpoint duration end_time end_time_dt enrichments evidence
evidences file finding finding_info finding_info_list firewall_rule identity_activity_metrics impact impact_id
impact_score is_alert is_suspected_breach kill_chain malware malware_scan_info message metadata nist observables osint
permission_analysis_results policy priority priority_id process raw_data raw_data_hash raw_data_size remediation
resource resources risk_details risk_level risk_level_id risk_score severity severity_id src_endpoint src_url
start_time start_time_dt state state_id status status_code status_detail status_id table ticket tickets time time_dt
timezone_offset type_name type_uid unmapped user vendor_attributes verdict verdict_id vulnerabilities
"""
"""What classes of findings hold at the top, in OCSF 1.0 to 1.8."""
_ASFF: Final = """
Action AwsAccountId AwsAccountName CompanyName Compliance Confidence CreatedAt Criticality Description Detection
FindingProviderFields FirstObservedAt GeneratorDetails GeneratorId Id LastObservedAt Malware Network NetworkPath Note
PatchSummary Process ProcessedAt ProductArn ProductFields ProductName RecordState Region RelatedFindings Remediation
Resources Sample SchemaVersion Severity SourceUrl ThreatIntelIndicators Threats Title Types UpdatedAt UserDefinedFields
VerificationState Vulnerabilities Workflow WorkflowState
"""
"""What a finding in AWS Security Finding Format holds at the top."""
KNOWN: Final = frozenset((*SHORT_NAMES, *_OCSF.split(), *_ASFF.split()))
"""Names that are surely meant."""

_ALIKE: Final = 0.8


def meant(name: str) -> str | None:
    """The known name that *name* is probably a misspelling of; None where it is known, or like none."""
    if name in KNOWN:
        return None
    near = get_close_matches(name, sorted(KNOWN), 1, _ALIKE) or get_close_matches(
        name.casefold(), sorted(SHORT_NAMES), 1, _ALIKE
    )
    return near[0] if near else None
