"""One noun a file: the frozen objects that a page shows, and the handlers that make them."""
