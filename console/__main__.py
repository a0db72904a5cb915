"""`python -m console` is `ocsf-console`."""

from console.cli import main

main()
