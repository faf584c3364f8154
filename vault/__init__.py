"""The vault: encrypted profiles, opened only by a recorded decision."""
