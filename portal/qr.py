"""Draw a text as a QR code: one path of an SVG, without style, script or colour of a theme.

It is dark on a light panel in every theme, because a reader at a till looks for that.
Source: portal note, 12; ISO/IEC 18004; segno.
"""

from dataclasses import dataclass
from typing import Final

import segno

BORDER: Final = 4  # modules of quiet zone that a reader needs
LEVEL: Final = "m"  # 15 % of it may be scratched or shaded


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code to draw in a square of `size` by `size`."""

    size: int  # modules of one side, the quiet zone included
    path: str  # its dark modules, for the attribute `d`


def code(text: str) -> Code:
    """Return the QR code of a text.

    >>> code("9123456789012345").size
    29
    """
    rows = [list(row) for row in segno.make_qr(text, error=LEVEL).matrix_iter(border=BORDER)]
    parts: list[str] = []
    for y, row in enumerate(rows):
        start: int | None = None
        for x, dark in enumerate((*row, 0)):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                parts.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
                start = None
    return Code(len(rows), "".join(parts))
