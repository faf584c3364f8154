"""SQL: never plaintext, never policy."""
