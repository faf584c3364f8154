"""Where the keys of epochs live: made, used and destroyed by a provider, never seen outside it."""
