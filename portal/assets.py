"""Serve the stylesheet and the icon under a name that changes with their content.

Files are read and hashed once, at import. What is served under a hash may be kept for a year; the
page that names it decides which one is in use. No other file can be reached from here.
Source: portal note, 9.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of ours, its media type and its permanent address."""

    name: str
    body: bytes
    media_type: str
    digest: str  # first 12 hex digits of the SHA-256

    @property
    def url(self) -> str:
        """Return the path under which these bytes are served for ever."""
        return f"/static/{self.digest}/{self.name}"


def _load() -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    for path in sorted(FOLDER.iterdir()):
        media_type = _TYPES.get(path.suffix)
        if media_type:
            body = path.read_bytes()
            found[path.name] = Asset(path.name, body, media_type, sha256(body).hexdigest()[:12])
    return found


ASSETS: Final = _load()
STYLE: Final = ASSETS["ownship.css"]
CONSOLE: Final = ASSETS["console.css"]
ICON: Final = ASSETS["icon.svg"]


def find(digest: str, name: str) -> Asset | None:
    """Return the file of exactly this name and content, None for any other."""
    asset = ASSETS.get(name)
    if asset is None or asset.digest != digest:
        return None
    return asset
