"""A local stand-in for the services that take findings: for demos, rehearsals and tests.

One package per intake (`prowler`, `cisco_xdr`, `security_hub`), over what they share: the database, the faults, the
journal and the server. A client that was written for a real service works unchanged.
"""
