"""What measures speed: `make bench`. Ratios within one run, since machines differ and are noisy. Never a test."""
