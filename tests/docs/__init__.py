"""What the documents say is done, word for word."""
