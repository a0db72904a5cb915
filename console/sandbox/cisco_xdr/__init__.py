"""Cisco XDR's Findings Intake: tokens, simplified findings, OCSF bundles, and what became of them.

Cisco publishes the models of bodies, but neither status codes nor the path of the read-back; what is ours is said where
it stands.
"""
