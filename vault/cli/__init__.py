"""The commands of `ownship`."""
