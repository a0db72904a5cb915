"""ocsf-console: the core, without a screen. Importing it loads nothing heavy."""

__version__ = "0.1.0"
