"""Cisco XDR's Findings Intake, as far as it is known without a network: what it takes, and what links events."""
