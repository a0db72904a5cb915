"""Prowler Cloud's findings ingestion.

`rules` is offline and light; `target` loads the HTTP client. Nothing is imported here, so that the rules come alone.
"""
