"""Write workbooks by hand, with whatever a real program would not put in them."""

import zipfile
from pathlib import Path
from typing import Final

SPACE: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES: Final = (
    f'<styleSheet xmlns="{SPACE}"><numFmts><numFmt numFmtId="164" formatCode="dd.mm.yyyy"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)


def sheet(rows: str, behind: str = "") -> str:
    """Return a sheet of rows that are XML already."""
    return f'<worksheet xmlns="{SPACE}"><sheetData>{rows}</sheetData>{behind}</worksheet>'


def texts(*rows: tuple[str, ...]) -> str:
    """Return rows of texts, from the first line on."""
    return "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{chr(65 + column)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
            for column, text in enumerate(cells)
        )
        + "</row>"
        for number, cells in enumerate(rows, 1)
    )


def book(
    path: Path,
    *sheets: str,
    names: tuple[str, ...] = (),
    shared: tuple[str, ...] = (),
    properties: str = "",
    more: dict[str, bytes] | None = None,
) -> Path:
    """Write a workbook of these sheets."""
    names = names or tuple(f"Sheet{number}" for number in range(1, len(sheets) + 1))
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATED}/worksheet" '
        f'Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": (
            f'<workbook xmlns="{SPACE}" xmlns:r="{RELATED}">{properties}'
            f"<sheets>{listed}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": f"<Relationships>{related}</Relationships>",
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{SPACE}">{"".join(shared)}</sst>',
    }
    parts |= {f"xl/worksheets/sheet{number}.xml": one for number, one in enumerate(sheets, 1)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return path
