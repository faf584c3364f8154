"""Keys and bytes: never SQL, never policy."""
