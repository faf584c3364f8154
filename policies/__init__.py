"""The code of ethics: data and pure functions that decide every read and write."""
