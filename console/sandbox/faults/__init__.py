"""Faults on request: what a service, or the network before it, may do to a client on a bad day.

`spec` reads what is asked for, `plan` decides which requests it meets, `effects` does it.
"""
