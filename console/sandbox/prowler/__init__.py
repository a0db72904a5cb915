"""Prowler Cloud's ingestion API: files become jobs, whose records are checked one after the other."""
