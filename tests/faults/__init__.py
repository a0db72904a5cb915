"""The catalogue of bad input, one named test for each case. The docstring of a test is the line it is held to."""
