"""Where the keys of epochs live: what they must refuse, and what a crash may not lose."""
