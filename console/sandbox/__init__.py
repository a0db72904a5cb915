"""A local stand-in for the services that take findings: for demos, rehearsals and tests.

One module per intake (`prowler`), over what they share: the job store, the worker and the server. A client that was
written for the real service works unchanged.
"""
