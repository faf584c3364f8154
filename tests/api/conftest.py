"""Databases for the tests of the API."""

from tests.databases import database, database_url, postgresql_template, sqlite_template

__all__ = ["database", "database_url", "postgresql_template", "sqlite_template"]
