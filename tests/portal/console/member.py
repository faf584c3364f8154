"""A member of staff with a browser, as far as HTTP goes."""

from tests.portal.person import Person
from tests.services import mailbox
from vault.services import staff, staff_enrol


class Member(Person):
    """Somebody who looks at pages of the console and sends forms."""

    async def join(self, deps, email, role, *, name="Kim Sample", by="operator"):
        """Enrol by a link and the mailed code; returns this member, signed in."""
        invited = await staff_enrol.invite(deps, email, role, by=by)
        self.handle, self.email = invited.member.handle, email
        path = invited.link.removeprefix(deps.issuer)
        answer = await self.send(path, path, ("name", name))
        assert answer.headers["location"] == "/console/sign-in/code", answer.text
        return await self.enter(deps)

    async def sign_in(self, deps, email=None):
        """Sign in again by a mailed code."""
        await self.send("/console/sign-in", "/console/sign-in", ("email", email or self.email))
        return await self.enter(deps)

    async def confirm(self, deps, path):
        """Sign in once more for what is grave at `path`, staying signed in."""
        await self.send(
            f"/console/sign-in?fresh=1&next={path}", "/console/sign-in", ("email", self.email)
        )
        return await self.enter(deps, f"/console/sign-in/code?fresh=1&next={path}")

    async def enter(self, deps, page="/console/sign-in/code"):
        """Type the code that was mailed last."""
        mail = await mailbox.sent(deps, holding=mailbox.CODE.pattern)
        answer = await self.send(page, "/console/sign-in/code", ("code", mailbox.code(mail)))
        assert answer.status_code == 303, answer.text
        return self

    async def known(self, deps):
        """Return this member as the vault knows them."""
        async with deps.database.connect() as conn:
            return next(one for one in await staff.all_(deps, conn) if one.handle == self.handle)
