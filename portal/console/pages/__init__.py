"""What each page of the console shows and does, one noun a file."""
