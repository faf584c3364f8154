"""The rules of the house, each with a planted violation that shows it can fail."""
