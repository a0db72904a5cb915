"""The terminal UI: one file for each screen, its stylesheet beside it. A screen shows and asks, and decides nothing."""
