"""What can be done where: one class for each command."""
