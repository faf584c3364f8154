"""HTML for people: the customers' portal and the compliance console."""
