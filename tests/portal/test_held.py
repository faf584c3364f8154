"""A customer reads that a hold is on a detail, before they correct or delete it and after."""

from vault.services import holds
from vault.store import retained


async def test_what_a_hold_keeps_is_said_before_and_kept_sealed(person, deps, ana):
    page = "/home/contact.postal_address"
    assert "legal hold" not in (await person.get(page)).text
    until = deps.clock.now().replace(month=12, year=2027)
    made = await holds.make(deps, ana, ground="legal-claims", until=until, reason="The parcel")
    shown = (await person.get(page)).text
    assert "There is a legal hold on this" in shown
    assert f"Until {until.day} December 2027: legal claims." in shown
    assert "gone for good" not in shown
    answer = await person.send(page, page, ("do", "delete"), ("sure", "yes"))
    assert answer.headers["location"] == f"{page}?done=delete-held"
    after = (await person.get(answer.headers["location"])).text
    assert "Deleted from your data." in after
    assert "Quay Street" not in after
    async with deps.database.connect() as conn:
        kept = [(row.name, row.purpose) for row in await retained.load(conn, ana)]
    assert kept == [("contact.postal_address", f"hold/{made.hex}")]
