"""What AWS Security Hub asks of findings: the rules of its finding format (ASFF). Offline, and without any HTTP."""
