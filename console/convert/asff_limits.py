"""The numbers and words of the AWS Security Finding Format that both its rules and a conversion to it need."""

from __future__ import annotations

from typing import Final

FINDING_BYTES: Final = 240 * 1024
"""How large the JSON of one finding may be."""

SCHEMA_VERSION: Final = "2018-10-08"
"""The only one there is."""

SEVERITY_LABELS: Final = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")
COMPLIANCE_STATUSES: Final = ("PASSED", "WARNING", "FAILED", "NOT_AVAILABLE")
PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b", "AzureCloud")
PROVIDERS: Final = ("Azure", "AWS", "GCP")

TYPE_NAMESPACES: Final = (
    "Software and Configuration Checks",
    "TTPs",
    "Effects",
    "Unusual Behaviors",
    "Sensitive Data Identifications",
)
"""What the first part of a finding's type should be. The service takes others too."""
TYPE_PATTERN: Final = "^([^/]+)(/[^/]+){0,2}$"
ACCOUNT_PATTERN: Final = r"^\d{12}$"
PRODUCT_ARN_PATTERN: Final = "^arn:[^:]+:securityhub:[^:]*:[^:]*:product/[^/]+/[^/]+$"
"""The documented shape of a product's ARN. The service publishes no pattern for it."""

# Characters, where nothing else is said.
ID: Final = 512
GENERATOR: Final = 512
SHORTEST_ARN: Final = 12
LONGEST_ARN: Final = 2048
PRODUCT_NAME: Final = 128
ACCOUNT_NAME: Final = 50
TITLE: Final = 256
DESCRIPTION: Final = 1024
RECOMMENDATION: Final = 512
REGION: Final = 16
SEVERITY_ORIGINAL: Final = 64
RESOURCE_TYPE: Final = 256
REQUIREMENT: Final = 64
PAIR_KEY: Final = 128
PRODUCT_VALUE: Final = 2048
DETAIL_VALUE: Final = 1024
TAG_VALUE: Final = 256

MOST_TYPES: Final = 50
MOST_RESOURCES: Final = 32
MOST_PAIRS: Final = 50
"""Of tags, product fields and details each."""
MOST_REQUIREMENTS: Final = 32
MOST_STANDARDS: Final = 20
MOST_RELATED: Final = 10
