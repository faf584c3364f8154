"""The whole way of a customer: join, leave, come again, change the address, be known by it alone."""

from tests.portal.person import Person
from tests.portal.test_address import change
from tests.portal.test_join import join
from tests.portal.test_sign_in import signed_in
from tests.services import mailbox
from vault.services import jobs

OLD, NEW = "kim@example.org", "kim.new@example.org"


async def test_who_joins_comes_again_and_moves_to_another_address(visitor, app, deps, clock):
    assert (await join(visitor, deps, ("name", "Kim"), email=OLD)).headers["location"] == "/home"
    assert (await visitor.send("/home", "/sign-out")).headers["location"] == "/signed-out"
    assert not await signed_in(visitor)

    clock.turn(hours=1)
    await visitor.sign_in(deps, OLD)
    assert "Kim" in (await visitor.get("/home")).text
    assert (await change(visitor, deps, NEW)).headers["location"] == "/security?done=address"
    assert NEW in (await visitor.get("/home")).text
    await jobs.round_once(deps)

    stranger = Person(app)
    before = len(mailbox.mails(deps))
    await stranger.send("/sign-in", "/sign-in", ("email", OLD))
    await jobs.round_once(deps)
    assert len(mailbox.mails(deps)) == before

    # The old address is free again: who has it now joins as somebody else, and sees nothing of Kim's.
    await join(stranger, deps, email=OLD)
    page = (await stranger.get("/home")).text
    assert "Kim" not in page
    assert NEW not in page

    clock.turn(hours=1)
    again = Person(app)
    await again.sign_in(deps, NEW)
    assert "Kim" in (await again.get("/home")).text
