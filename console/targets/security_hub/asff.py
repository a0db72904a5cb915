"""The AWS Security Finding Format as a table: which attributes a finding has, and what their values may be.

Sources: the model and the attribute documentation of Security Hub's API (2018-10-26), the user guide's pages on the
format, and what the live service has said to users of trivy, Prowler, cloud-custodian, kube-bench and Tenable. The
details of each of the hundred resource types are not looked into, but for `Other`.
"""

from __future__ import annotations

from typing import Final

from console.convert import asff_limits as limits
from console.targets.security_hub.kinds import Items, Number, Pairs, Plain, Shape, Text

FINDING_BYTES: Final = limits.FINDING_BYTES
"""How large the JSON of one finding may be."""

SEVERITY_LABELS: Final = limits.SEVERITY_LABELS
WORKFLOW_STATUSES: Final = ("NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED")
VERIFICATION_STATES: Final = ("UNKNOWN", "TRUE_POSITIVE", "FALSE_POSITIVE", "BENIGN_POSITIVE")

TYPE_NAMESPACES: Final = limits.TYPE_NAMESPACES
"""What the first part of a finding's type should be. The service takes others too."""

CUSTOMER_FIELDS: Final = ("Note", "UserDefinedFields", "VerificationState", "Workflow")
"""What an import may set when it creates a finding, and never afterwards."""
PROVIDER_FIELDS: Final = ("Confidence", "Criticality", "RelatedFindings", "Severity", "Types")
"""What a provider should put in `FindingProviderFields`, and not at the top level."""

_TEXT: Final = Text()
_WHOLE: Final = Number()
_DECIMAL: Final = Number(whole=False)
_SCORE: Final = Number(least=0, most=100)
_COUNT: Final = Number(least=0, most=100_000)
_TEXTS: Final = Items(_TEXT)


def _upto(longest: int) -> Text:
    return Text(longest=longest)


def _one_of(*allowed: str) -> Text:
    return Text(allowed=allowed)


ARN: Final = Text(shortest=limits.SHORTEST_ARN, longest=limits.LONGEST_ARN, pattern=limits.PRODUCT_ARN_PATTERN)
TYPES: Final = Items(Text(shortest=0, pattern=limits.TYPE_PATTERN), most=limits.MOST_TYPES)
USER_DEFINED_FIELDS: Final = Pairs(Text(shortest=0, longest=1024), longest_key=128, most=50)
RELATED_FINDINGS: Final = Items(
    Shape({"ProductArn": _TEXT, "Id": _TEXT}, ("ProductArn", "Id")), fewest=1, most=limits.MOST_RELATED
)
NOTE: Final = Shape(
    {"Text": _upto(512), "UpdatedBy": _TEXT, "UpdatedAt": Plain.TIMESTAMP}, ("Text", "UpdatedBy", "UpdatedAt")
)
SEVERITY: Final = Shape(
    {
        "Product": _DECIMAL,
        "Label": _one_of(*SEVERITY_LABELS),
        "Normalized": _SCORE,
        "Original": _upto(limits.SEVERITY_ORIGINAL),
    }
)
WORKFLOW: Final = Shape({"Status": _one_of(*WORKFLOW_STATUSES)})
VERIFICATION_STATE: Final = _one_of(*VERIFICATION_STATES)
SCORE: Final = _SCORE

_MALWARE: Final = Shape(
    {
        "Name": _upto(64),
        "Type": _one_of(
            *("ADWARE", "BLENDED_THREAT", "BOTNET_AGENT", "COIN_MINER", "EXPLOIT_KIT", "KEYLOGGER", "MACRO"),
            *("POTENTIALLY_UNWANTED", "SPYWARE", "RANSOMWARE", "REMOTE_ACCESS", "ROOTKIT", "TROJAN", "VIRUS", "WORM"),
        ),
        "Path": _upto(512),
        "State": _one_of("OBSERVED", "REMOVAL_FAILED", "REMOVED"),
    },
    ("Name",),
)
_THREAT: Final = Shape(
    {
        "Name": _upto(128),
        "Severity": _upto(128),
        "ItemCount": _WHOLE,
        "FilePaths": Items(
            Shape({name: _upto(128) for name in ("FilePath", "FileName", "ResourceId", "Hash")}), fewest=1, most=5
        ),
    }
)
_THREAT_INDICATOR: Final = Shape(
    {
        "Type": _one_of(
            *("DOMAIN", "EMAIL_ADDRESS", "HASH_MD5", "HASH_SHA1", "HASH_SHA256", "HASH_SHA512"),
            *("IPV4_ADDRESS", "IPV6_ADDRESS", "MUTEX", "PROCESS", "URL"),
        ),
        "Value": _upto(512),
        "Category": _one_of(
            "BACKDOOR", "CARD_STEALER", "COMMAND_AND_CONTROL", "DROP_SITE", "EXPLOIT_SITE", "KEYLOGGER"
        ),
        "LastObservedAt": Plain.TIMESTAMP,
        "Source": _upto(64),
        "SourceUrl": _TEXT,
    }
)
_PORTS: Final = Shape({"Begin": _WHOLE, "End": _WHOLE})
_NETWORK: Final = Shape(
    {
        "Direction": _one_of("IN", "OUT"),
        "Protocol": _upto(16),
        "OpenPortRange": _PORTS,
        **{end + name: _TEXT for end in ("Source", "Destination") for name in ("IpV4", "IpV6")},
        **{end + "Port": _WHOLE for end in ("Source", "Destination")},
        **{end + "Domain": _upto(128) for end in ("Source", "Destination")},
        "SourceMac": _TEXT,
    }
)
_PATH_END: Final = Shape({"Address": _TEXTS, "PortRanges": Items(_PORTS)})
_PATH_HEADER: Final = Shape({"Protocol": _upto(16), "Destination": _PATH_END, "Source": _PATH_END})
_PATH_COMPONENT: Final = Shape(
    {"ComponentId": _upto(32), "ComponentType": _upto(32), "Egress": _PATH_HEADER, "Ingress": _PATH_HEADER}
)
_PROCESS: Final = Shape(
    {
        "Name": _upto(64),
        "Path": _upto(512),
        "Pid": _WHOLE,
        "ParentPid": _WHOLE,
        "LaunchedAt": Plain.TIMESTAMP,
        "TerminatedAt": Plain.TIMESTAMP,
    }
)
_RESOURCE: Final = Shape(
    {
        "Type": _upto(limits.RESOURCE_TYPE),
        "Id": _TEXT,
        "Partition": _one_of(*limits.PARTITIONS),
        "Region": _upto(limits.REGION),
        "Provider": _one_of(*limits.PROVIDERS),
        "Owner": Shape({"Account": Shape({"Id": _TEXT}), "Org": Shape({"Id": _TEXT})}),
        "ResourceRole": _TEXT,
        # "should NOT have fewer than 1 properties" is what the live service says to no tags (prowler, #2786).
        "Tags": Pairs(Text(shortest=0, longest=limits.TAG_VALUE), limits.PAIR_KEY, fewest=1, most=limits.MOST_PAIRS),
        "DataClassification": Shape({"DetailedResultsLocation": _TEXT, "Result": Plain.ANY_OBJECT}),
        "Details": Shape(
            {"Other": Pairs(Text(shortest=0, longest=limits.DETAIL_VALUE), limits.PAIR_KEY, most=limits.MOST_PAIRS)}
        ),
        "ApplicationName": _TEXT,
        "ApplicationArn": _TEXT,
    },
    ("Type", "Id"),
)
_COMPLIANCE: Final = Shape(
    {
        "Status": _one_of(*limits.COMPLIANCE_STATUSES),
        "RelatedRequirements": Items(_upto(limits.REQUIREMENT), most=limits.MOST_REQUIREMENTS),
        "StatusReasons": Items(Shape({"ReasonCode": _TEXT, "Description": _TEXT}, ("ReasonCode",))),
        "SecurityControlId": _TEXT,
        "AssociatedStandards": Items(Shape({"StandardsId": _TEXT}), most=limits.MOST_STANDARDS),
        "SecurityControlParameters": Items(Shape({"Name": _TEXT, "Value": _TEXTS})),
    }
)
_PACKAGE: Final = Shape(
    dict.fromkeys(
        (
            *("Name", "Version", "Epoch", "Release", "Architecture", "PackageManager", "FilePath", "FixedInVersion"),
            *("Remediation", "SourceLayerHash", "SourceLayerArn"),
        ),
        _TEXT,
    )
)
_VULNERABILITY: Final = Shape(
    {
        "Id": _TEXT,
        "VulnerablePackages": Items(_PACKAGE),
        "Cvss": Items(
            Shape(
                {
                    "Version": _TEXT,
                    "BaseScore": _DECIMAL,
                    "BaseVector": _TEXT,
                    "Source": _TEXT,
                    "Adjustments": Items(Shape({"Metric": _TEXT, "Reason": _TEXT})),
                }
            )
        ),
        "RelatedVulnerabilities": _TEXTS,
        "Vendor": Shape(
            {
                "Name": _TEXT,
                "Url": _TEXT,
                "VendorSeverity": _TEXT,
                "VendorCreatedAt": Plain.TIMESTAMP,
                "VendorUpdatedAt": Plain.TIMESTAMP,
            },
            ("Name",),
        ),
        "ReferenceUrls": _TEXTS,
        "FixAvailable": _one_of("YES", "NO", "PARTIAL"),
        "EpssScore": _DECIMAL,
        "ExploitAvailable": _one_of("YES", "NO"),
        "LastKnownExploitAt": Plain.TIMESTAMP,
        "CodeVulnerabilities": Items(
            Shape(
                {
                    "Cwes": _TEXTS,
                    "FilePath": Shape({"EndLine": _WHOLE, "FileName": _TEXT, "FilePath": _TEXT, "StartLine": _WHOLE}),
                    "SourceArn": _TEXT,
                }
            )
        ),
    },
    ("Id",),
)
_PATCH_SUMMARY: Final = Shape(
    {
        "Id": _upto(256),
        **dict.fromkeys(
            (
                *("InstalledCount", "MissingCount", "FailedCount", "InstalledOtherCount", "InstalledRejectedCount"),
                "InstalledPendingReboot",
            ),
            _COUNT,
        ),
        "OperationStartTime": Plain.TIMESTAMP,
        "OperationEndTime": Plain.TIMESTAMP,
        "RebootOption": _upto(256),
        "Operation": _upto(256),
    },
    ("Id",),
)
_REMOTE: Final = Plain.ANY_OBJECT
_PORT: Final = Shape({"Port": _WHOLE, "PortName": _upto(128)})
_ACTION: Final = Shape(
    {
        "ActionType": _TEXT,
        "NetworkConnectionAction": Shape(
            {
                "ConnectionDirection": _TEXT,
                "RemoteIpDetails": _REMOTE,
                "RemotePortDetails": _PORT,
                "LocalPortDetails": _PORT,
                "Protocol": _upto(64),
                "Blocked": Plain.FLAG,
            }
        ),
        "AwsApiCallAction": Shape(
            {
                "Api": _upto(128),
                "ServiceName": _upto(128),
                "CallerType": _TEXT,
                "RemoteIpDetails": _REMOTE,
                "DomainDetails": Shape({"Domain": _upto(128)}),
                "AffectedResources": Plain.ANY_OBJECT,
                "FirstSeen": Plain.TIMESTAMP,
                "LastSeen": Plain.TIMESTAMP,
            }
        ),
        "DnsRequestAction": Shape({"Domain": _upto(128), "Protocol": _upto(64), "Blocked": Plain.FLAG}),
        "PortProbeAction": Shape(
            {
                "PortProbeDetails": Items(
                    Shape({"LocalPortDetails": _PORT, "LocalIpDetails": _REMOTE, "RemoteIpDetails": _REMOTE})
                ),
                "Blocked": Plain.FLAG,
            }
        ),
    }
)

FINDING: Final = Shape(
    {
        "SchemaVersion": _one_of(limits.SCHEMA_VERSION),
        "Id": _upto(limits.ID),
        "ProductArn": ARN,
        "ProductName": _upto(limits.PRODUCT_NAME),
        "CompanyName": _upto(limits.PRODUCT_NAME),
        "Region": _upto(limits.REGION),
        "GeneratorId": _upto(limits.GENERATOR),
        "AwsAccountId": Text(pattern=limits.ACCOUNT_PATTERN),
        "AwsAccountName": _upto(limits.ACCOUNT_NAME),
        "Types": TYPES,
        "FirstObservedAt": Plain.TIMESTAMP,
        "LastObservedAt": Plain.TIMESTAMP,
        "CreatedAt": Plain.TIMESTAMP,
        "UpdatedAt": Plain.TIMESTAMP,
        "ProcessedAt": Plain.TIMESTAMP,
        "Severity": SEVERITY,
        "Confidence": _SCORE,
        "Criticality": _SCORE,
        "Title": _upto(limits.TITLE),
        "Description": _upto(limits.DESCRIPTION),
        "Remediation": Shape({"Recommendation": Shape({"Text": _upto(limits.RECOMMENDATION), "Url": _TEXT})}),
        "SourceUrl": _TEXT,
        "ProductFields": Pairs(Text(shortest=0, longest=limits.PRODUCT_VALUE), limits.PAIR_KEY, most=limits.MOST_PAIRS),
        "UserDefinedFields": USER_DEFINED_FIELDS,
        "Malware": Items(_MALWARE, most=5),
        "Network": _NETWORK,
        "NetworkPath": Items(_PATH_COMPONENT),
        "Process": _PROCESS,
        "Threats": Items(_THREAT, fewest=1, most=32),
        "ThreatIntelIndicators": Items(_THREAT_INDICATOR, fewest=1, most=5),
        "Resources": Items(_RESOURCE, fewest=1, most=32),
        "Compliance": _COMPLIANCE,
        "VerificationState": VERIFICATION_STATE,
        "WorkflowState": _one_of("NEW", "ASSIGNED", "IN_PROGRESS", "DEFERRED", "RESOLVED"),
        "Workflow": WORKFLOW,
        "RecordState": _one_of("ACTIVE", "ARCHIVED"),
        "RelatedFindings": RELATED_FINDINGS,
        "Note": NOTE,
        "Vulnerabilities": Items(_VULNERABILITY),
        "PatchSummary": _PATCH_SUMMARY,
        "Action": _ACTION,
        "FindingProviderFields": Shape(
            {
                "Confidence": _SCORE,
                "Criticality": _SCORE,
                "RelatedFindings": RELATED_FINDINGS,
                "Severity": Shape(
                    {"Label": _one_of(*SEVERITY_LABELS), "Original": _upto(limits.SEVERITY_ORIGINAL)}, ("Label",)
                ),
                "Types": TYPES,
            }
        ),
        "Sample": Plain.FLAG,
        "GeneratorDetails": Shape(
            {"Name": _TEXT, "Description": _TEXT, "Labels": Items(_TEXT, most=10)},
        ),
        "Detection": Plain.ANY_OBJECT,
    },
    (
        *("SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "CreatedAt", "UpdatedAt", "Title"),
        *("Description", "Resources"),
    ),
)
"""A finding. What it needs of a severity is not in the table, since there are two places for it."""
