"""Clients that others wrote for the real services, at the sandbox, unchanged but for address and credentials."""
