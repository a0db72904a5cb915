"""Bytes to records: which format a finding file has, where its records are, what is broken in it.

Nothing here knows what a record means to OCSF or to a target. The only I/O is reading files.
"""
