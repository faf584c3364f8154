"""A code of ethics under which a complaint is followed until its customer agrees, in a test's vault."""

from tests.vaults import LATER, publish

WITHIN = 5  # days
_BEGINS = "    retention: P3Y\n  survey_answer:\n"
_KINDS = """\
    retention: P3Y
    portal: yes
    follow_up: {within: P5D, owner: support}
  thanks:
    label: Thanks
    why: To pass it on to whom you thank.
    category: Communication
    sensitivity: ordinary
    sources: [told]
    retention: P1Y
    portal: yes
  message:
    label: Message to you
    why: To answer you, and to remember what we said.
    category: Communication
    sensitivity: ordinary
    sources: [observed]
    retention: P3Y
  survey_answer:
"""
_READS = "      interaction.call: [read, append]\n"
_SAYS = f"{_READS}      interaction.message: [read, append]\n      interaction.thanks: [read]\n"


def swapped(text: str, *changes: tuple[str, str]) -> str:
    """Return a text with each of these put in the place of what stands there once."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def followed(text: str) -> str:
    """Return a sample with a complaint that is followed, thanks that are not, and answers to them."""
    return swapped(text, (_BEGINS, _KINDS), (_READS, _SAYS))


def staffed(text: str) -> str:
    """Return a sample that two roles of staff read and answer by."""
    readers = "    recipients: [delivery, loyalty]\n"
    return swapped(text, (readers, f"{readers}    staff: [support, steward]\n"))


async def put_in_force(deps, folder):
    """Publish it, from a day that is past by the database's clock too, which no test turns."""
    file = folder / "followed.yaml"
    text = staffed(followed(LATER.read_text(encoding="utf-8")))
    file.write_text(text.replace("effective: 2026-12-01", "effective: 2026-11-02"))
    await publish(deps, file)
