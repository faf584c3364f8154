"""Keys and bytes: every format against its vectors, and against what must not open."""
