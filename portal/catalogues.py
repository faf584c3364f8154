"""Read the portal's catalogues: every `.po` file of a language, compiled in memory at the start.

`locale/pt_PT/*.po` are one catalogue between them, so that each part of the portal may have a file
of its own; the order of the files decides nothing, for a test refuses two translations of one
sentence. There is no `.mo` anywhere. Whether a catalogue is whole is judged by the tests, never
here: a sentence without a translation comes out in English.
Source: portal note, 12.
"""

from collections.abc import Iterator
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER: Final = Path(__file__).parent / "locale"


def files(locale: str) -> Iterator[tuple[str, Catalog]]:
    """Give each file of a language by name, as Babel reads it.

    Raises:
        babel.messages.pofile.PoFileError: one of them is no `.po` file.
    """
    for path in sorted((FOLDER / locale).glob("*.po")):
        with path.open("rb") as file:
            yield path.name, read_po(file, locale=locale, abort_invalid=True)


def load(locale: str) -> NullTranslations:
    """Return all translations of a language; the English sentences where there is no file.

    Args:
        locale: its folder, as gettext names it: `pt_BR`.
    """
    whole = Catalog(locale=locale)  # the rule of its plurals is Babel's
    for _, catalog in files(locale):
        for message in catalog:
            if message.id:
                whole.add(message.id, message.string, flags=message.flags, context=message.context)
    if not len(whole):
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)
