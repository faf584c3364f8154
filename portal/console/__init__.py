"""The console: pages for the people who answer for the vault."""
