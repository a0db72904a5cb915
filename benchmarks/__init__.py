"""What measures speed and memory: `make bench`. Side by side within one run, since machines differ and are noisy."""
