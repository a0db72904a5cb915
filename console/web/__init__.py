"""The terminal UI in a browser of this machine, over textual-serve: the extra `web`.

Only `console.cli.web` imports it, and only when it runs: without the extra there is no textual-serve.
"""
