"""Pure rules: no clock, no SQL, no keys, no randomness, no logging."""
