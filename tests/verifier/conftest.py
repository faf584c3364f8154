"""Databases and a whole vault, for logs that are written by the vault itself."""

from tests.databases import database, database_url, postgresql_template, sqlite_template
from tests.integrated import clock, deps

__all__ = ["clock", "database", "database_url", "deps", "postgresql_template", "sqlite_template"]
