"""A local stand-in for the services that take findings: for demos, rehearsals and tests.

One package per intake (`prowler`), over what they share: the database and the server. A client that was written for
the real service works unchanged.
"""
