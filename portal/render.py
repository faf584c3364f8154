"""Turn a frozen page object into HTML: every name escaped, every unknown name an error.

Templates hold loops and tests only. Nothing is ever marked safe in a template; the one piece of
markup that comes from elsewhere, the notice of a consent page, is built by `pages/privacy.py`.
Sentences go through gettext, in one environment for each language that is offered.
Source: portal note, 9 and 12.
"""

from gettext import NullTranslations
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.assets import CONSOLE, ICON, STYLE
from portal.frame import Frame
from portal.language import CATALOGUES

TEMPLATES: Final = Path(__file__).parent / "templates"


def _environment(translations: NullTranslations) -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # New-style gettext escapes what is put into a sentence.
    made.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    made.globals["assets"] = {"style": STYLE.url, "console": CONSOLE.url, "icon": ICON.url}
    return made


_ENVIRONMENTS: Final = {lang: _environment(found) for lang, found in CATALOGUES.items()}


def render(template: str, page: object, frame: Frame) -> str:
    """Return the HTML of a page object inside the frame that every page has."""
    found = _ENVIRONMENTS[frame.lang].get_template(template)
    return found.render(page=page, frame=frame)
