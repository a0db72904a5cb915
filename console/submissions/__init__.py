"""From the operator's decision to a settled outcome: snapshot, ledger, sending, and the way back to the record.

The promise: never silently twice, never silently lost.
"""
