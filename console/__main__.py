"""`python -m console` is `ocsf-console`."""

from console.cli import main

if __name__ == "__main__":
    main()
