"""What became of findings from one scan to the next."""
