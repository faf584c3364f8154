"""Every letter: text and HTML say the same, hold no value, and reach for nothing from outside."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from jinja2 import meta

from tests.rules.tree import sources
from tests.vaults import ISSUER
from vault.crypto.random import uuid7
from vault.services import language, mail, smtp
from vault.services.mail import Message
from vault.store.mail import MailRow

LANGS = sorted(language.LETTERS)
NAMES = sorted(
    name.removeprefix("en/").removesuffix(".txt")
    for name in mail._TEXTS.list_templates()
    if name.startswith("en/") and name.endswith(".txt") and "layout" not in name
)
# All that a letter may be filled with; each is ours, none is a customer's.
PARTS = {
    "publisher": "Café & <Söhne> O'Brien",
    "issuer": ISSUER,
    "code": "012345",
    "link": f"{ISSUER}/sign-in/link/" + "x" * 43,
    "contact": "Marta Duarte, privacy@harbour.example",
    "number": "2026-0042",
    "day": "1 December 2026",
    "version": "2026-12",
    "certificate": f"{ISSUER}/erasures/" + "y" * 43,
    "stop": f"{ISSUER}/u/" + "z" * 192,
}
SECRETS = ("code", "link", "certificate")
DEPS = SimpleNamespace(issuer=ISSUER, mail_from="vault@localhost")


class Text(HTMLParser):
    """What a reader of HTML reads, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self._title = False

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]
        self._title = tag == "title"

    def handle_data(self, data):
        if self._title:
            self._title = False
            return
        self.words += data.split()


def letter(template: str, **changes: object) -> EmailMessage:
    given = {
        "template": template,
        "to": "ana@example.org",
        "send": True,
        "until": datetime(2026, 12, 2, tzinfo=UTC),
        "parts": tuple(PARTS.items()),
    } | changes
    row = MailRow(0, uuid7(1), template, b"", datetime(2026, 12, 1, tzinfo=UTC))
    return mail.written(DEPS, row, Message(**given))  # type: ignore[arg-type]


def body(one: EmailMessage, kind: str) -> str:
    part = one.get_body((kind,))
    assert part is not None
    return part.get_content()


def read(html: str) -> Text:
    parsed = Text()
    parsed.feed(html)
    return parsed


def source(name: str) -> str:
    return mail._TEXTS.loader.get_source(mail._TEXTS, name)[0]  # type: ignore[union-attr]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_text_and_html_say_the_same(name, lang):
    one = letter(name, lang=lang)
    text = body(one, "plain").split()
    assert read(body(one, "html")).words == text
    assert text[0] == {"en": "Hello,"}.get(lang, "Olá,")
    assert " ".join(text).endswith(PARTS["publisher"])


@pytest.mark.parametrize("name", NAMES)
def test_a_letter_is_filled_with_what_is_ours_alone(name):
    for suffix in ("txt", "html"):
        asked = meta.find_undeclared_variables(mail._TEXTS.parse(source(f"en/{name}.{suffix}")))
        assert asked <= PARTS.keys(), suffix
    assert "|safe" not in source(f"en/{name}.html")
    assert "| safe" not in source(f"en/{name}.html")


@pytest.mark.parametrize("name", NAMES)
def test_a_subject_is_one_line_without_a_secret(name):
    subject = str(letter(name)["Subject"])
    assert subject.strip() == subject != ""
    assert len(subject) < 120
    for secret in SECRETS:
        assert PARTS[secret] not in subject


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_letter_loads_nothing_and_leads_to_us_alone(name, lang):
    made = letter(name, lang=lang)
    parsed = read(body(made, "html"))
    assert parsed.tags <= {"html", "head", "meta", "title", "body", "p", "a", "strong", "ul", "li"}
    assert parsed.attributes <= {"lang", "charset", "href"}
    assert all(link.startswith(f"{ISSUER}/") for link in parsed.links)
    # Each link stands in the text too, and alone on its line, so that no reader breaks it.
    lines = body(made, "plain").splitlines()
    assert all(link in lines for link in parsed.links)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_the_business_is_text_and_no_markup(name):
    html = body(letter(name), "html")
    assert "<Söhne>" not in html
    assert "&lt;Söhne&gt;" in html


@pytest.mark.parametrize("name", NAMES)
def test_a_letter_says_that_a_machine_wrote_it(name):
    one = letter(name)
    assert one["Auto-Submitted"] == "auto-generated"
    assert one["Content-Language"] == "en"
    assert one["List-Unsubscribe"] is None


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_sent_from_somewhere(name):
    quoted = re.compile(rf'"{re.escape(name)}"')
    places = [one.path for one in sources() if quoted.search(one.text)]
    assert places != []


def test_every_text_has_its_html():
    found = set(mail._TEXTS.list_templates())
    expected = {f"{lang}/{name}.{kind}" for lang in LANGS for name in [*NAMES, "layout"]
                for kind in ("txt", "html")}  # fmt: skip
    assert found == expected


def test_a_letter_that_can_be_turned_off_has_the_one_click_headers():
    one = letter(mail.RECEIPT, optional="receipts", unsubscribe=f"{ISSUER}/u/{'t' * 43}")
    assert one["List-Unsubscribe"] == f"<{ISSUER}/u/{'t' * 43}>"
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "to",
    [
        "ana@example.org",
        "o'brien+x@example.org",
        "ü@example.org",
        "अना@उदाहरण.भारत",
        "آنا@example.org",
        "用户@例子.广告",
        "a" * 64 + "@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 50 + ".org",
    ],
)
def test_an_address_of_any_script_and_length_stands_whole_in_its_header(to):
    made = letter(mail.RECEIPT, to=to)
    lines = made.as_bytes().split(b"\r\n")
    assert b"To: " + to.encode() in lines or b" " + to.encode() in lines


@pytest.mark.parametrize("to", ["", "a\r\nBcc: eve@example.org", "a@b\n", "@", "a b@c"])
def test_what_is_no_address_is_dropped_for_good(to):
    with pytest.raises(smtp.RefusedForGoodError):
        letter(mail.RECEIPT, to=to)


def test_a_long_line_reaches_the_reader_unbroken():
    link = f"{ISSUER}/x/" + "y" * 400
    made = letter(mail.SIGN_IN, parts=tuple((PARTS | {"link": link}).items()))
    assert link in body(made, "plain").splitlines()
    assert max(len(line) for line in made.as_bytes().split(b"\r\n")) <= 998
