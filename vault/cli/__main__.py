"""Run `ownship` as `python -m vault.cli`, which is how the demonstration starts its server."""

from vault.cli.main import main

if __name__ == "__main__":
    main()
