"""The names that GetFindings filters and sorts by, and where in a finding each of them looks.

Source: `AwsSecurityFindingFilters` of the API's model (2018-10-26).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from console.records.model import JsonValue


class Kind(Enum):
    """What kind of filter a name takes."""

    STRING = auto()
    DATE = auto()
    NUMBER = auto()
    MAP = auto()
    IP = auto()
    KEYWORD = auto()
    BOOLEAN = auto()


@dataclass(frozen=True, slots=True)
class Attribute:
    """One name."""

    kind: Kind
    path: tuple[str, ...]
    """Names of attributes from the finding down. Lists on the way are gone through."""

    def values(self, finding: Mapping[str, JsonValue]) -> list[JsonValue]:
        """What a finding has there: nothing, one value, or those of lists on the way."""
        found: list[JsonValue] = [dict(finding)] if not self.path else [finding.get(self.path[0])]
        for name in self.path[1:]:
            found = [value.get(name) for value in _flat(found) if isinstance(value, dict)]
        return [value for value in _flat(found) if value is not None]


def _flat(values: list[JsonValue]) -> Iterator[JsonValue]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value


def _named(kind: Kind, prefix: str, path: str, names: str) -> dict[str, Attribute]:
    """Attributes whose names are a prefix and the last name of their path."""
    way = tuple(path.split(".")) if path else ()
    return {prefix + name: Attribute(kind, (*way, name)) for name in names.split()}


_EC2: Final = "Resources.Details.AwsEc2Instance"
_KEY: Final = "Resources.Details.AwsIamAccessKey"
_BUCKET: Final = "Resources.Details.AwsS3Bucket"
_CONTAINER: Final = "Resources.Details.Container"
_INDICATOR: Final = "ThreatIntelIndicators"
_PROVIDED: Final = "FindingProviderFields"
_STRING, _DATE, _NUMBER = Kind.STRING, Kind.DATE, Kind.NUMBER

ATTRIBUTES: Final[Mapping[str, Attribute]] = {
    **_named(_STRING, "", "", "ProductArn AwsAccountId AwsAccountName Id GeneratorId Region Title Description"),
    **_named(_STRING, "", "", "SourceUrl ProductName CompanyName VerificationState WorkflowState RecordState"),
    **_named(_DATE, "", "", "FirstObservedAt LastObservedAt CreatedAt UpdatedAt"),
    **_named(_NUMBER, "", "", "Confidence Criticality"),
    **_named(Kind.MAP, "", "", "ProductFields UserDefinedFields"),
    **_named(Kind.BOOLEAN, "", "", "Sample"),
    "Type": Attribute(_STRING, ("Types",)),
    **_named(_NUMBER, "Severity", "Severity", "Product Normalized"),
    **_named(_STRING, "Severity", "Severity", "Label"),
    **_named(_STRING, "Recommendation", "Remediation.Recommendation", "Text"),
    **_named(_STRING, "Malware", "Malware", "Name Type Path State"),
    **_named(_STRING, "Network", "Network", "Direction Protocol SourceDomain SourceMac DestinationDomain"),
    **_named(Kind.IP, "Network", "Network", "SourceIpV4 SourceIpV6 DestinationIpV4 DestinationIpV6"),
    **_named(_NUMBER, "Network", "Network", "SourcePort DestinationPort"),
    **_named(_STRING, "Process", "Process", "Name Path"),
    **_named(_NUMBER, "Process", "Process", "Pid ParentPid"),
    **_named(_DATE, "Process", "Process", "LaunchedAt TerminatedAt"),
    **_named(_STRING, "ThreatIntelIndicator", _INDICATOR, "Type Value Category Source SourceUrl"),
    **_named(_DATE, "ThreatIntelIndicator", _INDICATOR, "LastObservedAt"),
    **_named(_STRING, "Resource", "Resources", "Type Id Partition Region Provider ApplicationName ApplicationArn"),
    **_named(Kind.MAP, "Resource", "Resources", "Tags"),
    **_named(_STRING, "ResourceOwnerAccount", "Resources.Owner.Account", "Id"),
    **_named(_STRING, "ResourceOwnerOrg", "Resources.Owner.Org", "Id"),
    **_named(Kind.MAP, "ResourceDetails", "Resources.Details", "Other"),
    **_named(_STRING, "ResourceAwsEc2Instance", _EC2, "Type ImageId KeyName IamInstanceProfileArn VpcId SubnetId"),
    **_named(Kind.IP, "ResourceAwsEc2Instance", _EC2, "IpV4Addresses IpV6Addresses"),
    **_named(_DATE, "ResourceAwsEc2Instance", _EC2, "LaunchedAt"),
    **_named(_STRING, "ResourceAwsS3Bucket", _BUCKET, "OwnerId OwnerName"),
    **_named(_STRING, "ResourceAwsIamAccessKey", _KEY, "UserName PrincipalName Status"),
    **_named(_DATE, "ResourceAwsIamAccessKey", _KEY, "CreatedAt"),
    **_named(_STRING, "ResourceAwsIamUser", "Resources.Details.AwsIamUser", "UserName"),
    **_named(_STRING, "ResourceContainer", _CONTAINER, "Name ImageId ImageName"),
    **_named(_DATE, "ResourceContainer", _CONTAINER, "LaunchedAt"),
    **_named(_STRING, "Compliance", "Compliance", "Status SecurityControlId"),
    "ComplianceAssociatedStandardsId": Attribute(_STRING, ("Compliance", "AssociatedStandards", "StandardsId")),
    **_named(_STRING, "ComplianceSecurityControlParameters", "Compliance.SecurityControlParameters", "Name Value"),
    **_named(_STRING, "Workflow", "Workflow", "Status"),
    **_named(_STRING, "RelatedFindings", "RelatedFindings", "ProductArn Id"),
    **_named(_STRING, "Note", "Note", "Text UpdatedBy"),
    **_named(_DATE, "Note", "Note", "UpdatedAt"),
    **_named(_STRING, "Vulnerabilities", "Vulnerabilities", "ExploitAvailable FixAvailable"),
    **_named(_NUMBER, _PROVIDED, _PROVIDED, "Confidence Criticality"),
    **_named(_STRING, f"{_PROVIDED}RelatedFindings", f"{_PROVIDED}.RelatedFindings", "Id ProductArn"),
    **_named(_STRING, f"{_PROVIDED}Severity", f"{_PROVIDED}.Severity", "Label Original"),
    **_named(_STRING, _PROVIDED, _PROVIDED, "Types"),
    "Keyword": Attribute(Kind.KEYWORD, ()),
}
"""The attributes by their names."""
