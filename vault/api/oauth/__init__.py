"""OAuth for apps: the token endpoint, its keys and its metadata."""
