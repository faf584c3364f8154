"""Write a page's picture as a PNG with a palette, a third of what the browser writes.

A page has few colours: text, paper and what lies between at the edges of letters. The browser counts
them; where there are more than a palette holds, the rarest become the nearest that is in it.
"""

import base64
import struct
import zlib
from pathlib import Path

from playwright.sync_api import Page

LONGEST = 1600  # CSS pixels; a longer page is shown from its top
_INDEX = """async data => {
    const bytes = Uint8Array.from(atob(data), one => one.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, image.width, image.height).data;
    const rows = new Uint8Array(image.width * image.height), many = new Map();
    const colour = at => pixels[4 * at] << 16 | pixels[4 * at + 1] << 8 | pixels[4 * at + 2];
    for (let at = 0; at < rows.length; at++)
        many.set(colour(at), (many.get(colour(at)) ?? 0) + 1);
    const palette = [...many].sort((a, b) => b[1] - a[1]).slice(0, 256).map(one => one[0]);
    const apart = (a, b) => [16, 8, 0].reduce(
        (sum, bits) => sum + ((a >> bits & 255) - (b >> bits & 255)) ** 2, 0);
    const nearest = one => palette.reduce(
        (best, _, at) => apart(one, palette[at]) < apart(one, palette[best]) ? at : best, 0);
    const places = new Map(palette.map((one, at) => [one, at]));
    for (const one of many.keys()) if (!places.has(one)) places.set(one, nearest(one));
    for (let at = 0; at < rows.length; at++) rows[at] = places.get(colour(at));
    let text = "";
    for (let at = 0; at < rows.length; at += 32768)
        text += String.fromCharCode(...rows.subarray(at, at + 32768));
    return [image.width, image.height, palette, btoa(text)];
}"""


def keep(page: Page, file: Path) -> None:
    """Keep a picture of the whole page, at most `LONGEST` high."""
    size = page.viewport_size
    assert size
    height = page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(height, LONGEST)}
    shot = page.screenshot(full_page=True, scale="css", clip=clip)  # type: ignore[arg-type]
    blank = page.context.browser.new_page()  # type: ignore[union-attr]
    width, rows, palette, indices = blank.evaluate(_INDEX, base64.b64encode(shot).decode())
    blank.close()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(indexed(width, rows, palette, base64.b64decode(indices)))


def indexed(width: int, height: int, palette: list[int], indices: bytes) -> bytes:
    """Return a PNG of rows of palette indices."""
    rows = b"".join(b"\0" + indices[at : at + width] for at in range(0, len(indices), width))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(colour.to_bytes(3) for colour in palette)),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
