"""Tests; each folder mirrors the source, beside stories and rules."""
