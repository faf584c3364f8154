"""HTTP for apps: OAuth and the data API."""
