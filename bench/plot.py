"""Draw reads a second by connections as an SVG, with nothing but text.

Colours work on light and on dark pages, each line has its name at its end and a shape of its own, and
the figures stand in the table beside it.
"""

from typing import Any

NAMES = {
    "pair": "pgbench pair",
    "transaction": "pgbench transaction",
    "two": "two processes",
    "one": "one process",
    "naive": "naive build",
    "sqlite": "SQLite, one process",
}
COLOURS = {
    "pair": "#6b7280",
    "transaction": "#9ca3af",
    "two": "#0f766e",
    "one": "#14b8a6",
    "naive": "#b45309",
    "sqlite": "#7c3aed",
}
DASHES = {"pair": "7 4", "transaction": "2 4"}
WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 46, 50
LINE = 15  # least distance of two names


def draw(found: dict[str, dict[str, Any]]) -> str:
    """Return the plot of `consented_read`; an empty one before the first run."""
    cells = found.get("consented_read", {}).get("cells", [])
    lines: dict[str, list[tuple[int, float]]] = {}
    for one in cells:
        lines.setdefault(one["kind"], []).append((one["connections"], one["rate"]["median"]))
    counts = sorted({count for line in lines.values() for count, _ in line})
    most = _round_up(max((rate for line in lines.values() for _, rate in line), default=1.0))
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-labelledby="t" font-family="sans-serif" font-size="12">'
        ),
        '<title id="t">Consented reads a second, by connections</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        '<text x="16" y="24" font-size="15" fill="#111827">Consented reads a second, by connections</text>',
    ]
    if not counts:
        parts.append('<text x="16" y="60" fill="#111827">No run is kept in this tree.</text>')
        return "\n".join([*parts, "</svg>", ""])
    for step in range(5):
        rate = most * step / 4
        y = _y(rate, most)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e5e7eb"/>')
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#374151">{rate:,.0f}</text>'
        )
    parts += [
        f'<text x="{_x(count, counts):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" '
        f'fill="#374151">{count}</text>'
        for count in counts
    ]
    ends = []
    for kind, line in lines.items():
        points = [(_x(count, counts), _y(rate, most)) for count, rate in sorted(line)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dash = f' stroke-dasharray="{DASHES[kind]}"' if kind in DASHES else ""
        parts.append(
            f'<path d="M{path}" fill="none" stroke="{COLOURS[kind]}" stroke-width="2.5"{dash}/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{COLOURS[kind]}"/>' for x, y in points
        ]
        ends.append((points[-1][1], kind))
    place = 0.0
    for y, kind in sorted(ends):
        place = max(y, place + LINE)
        parts.append(
            f'<text x="{WIDTH - RIGHT + 12}" y="{place + 4:.1f}" fill="{COLOURS[kind]}">{NAMES[kind]}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _x(count: int, counts: list[int]) -> float:
    steps = max(1, len(counts) - 1)
    return LEFT + 20 + (WIDTH - LEFT - RIGHT - 40) * counts.index(count) / steps


def _y(rate: float, most: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * rate / most


def _round_up(rate: float) -> float:
    step = 10 ** (len(str(int(rate))) - 1)
    return -(-rate // step) * step
