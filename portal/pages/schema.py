"""Publish the schema of a package, to anybody and for ever."""

from portal.answers import Document
from portal.visit import Visit
from vault.core import export_schema


async def export(visit: Visit) -> Document:
    """Hand out the schema of a package in JSON."""
    body = export_schema.document(visit.deps.issuer)
    return Document(body, "application/schema+json", "public")
