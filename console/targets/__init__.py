"""The destinations that take findings, each behind the same `Target` protocol.

Nothing outside this package asks which kind a target is.
"""
