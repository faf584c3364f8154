"""A person with a browser, as far as HTTP goes: cookies, forms with their hidden inputs, no script."""

from html.parser import HTMLParser

import httpx2

from tests.services import mailbox

SAME = {"sec-fetch-site": "same-origin"}


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given["action"], []))
        if tag == "input" and given.get("type") == "hidden":
            self.forms[-1][1].append((given["name"], given["value"]))


def forms(html):
    """Return the hidden inputs of each form by its action; of two with one action the last."""
    parser = _Forms()
    parser.feed(html)
    return dict(parser.forms)


class Person:
    """Somebody who looks at pages and sends forms."""

    def __init__(self, app, base="http://localhost:8000"):
        self.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url=base, follow_redirects=False
        )

    async def get(self, path, **headers):
        return await self.http.get(path, headers=headers)

    async def send(self, page, path, *fields, headers=SAME):
        """Send the form of a page that goes to `path`, with its hidden inputs."""
        found = await self.get(page)
        pairs = [*forms(found.text)[path], *fields]
        return await self.post(path, *pairs, headers=headers)

    async def post(self, path, *pairs, headers=SAME):
        body = str(httpx2.QueryParams(pairs))
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return await self.http.post(path, content=body, headers={**kind, **headers})

    async def ask_for_code(self, deps, email):
        """Ask for a code and return the mail."""
        await self.send("/sign-in", "/sign-in", ("email", email))
        # Letters that were waiting leave at the same moment, in no order.
        return await mailbox.sent(deps, holding=mailbox.CODE.pattern)

    async def sign_in(self, deps, email):
        mail = await self.ask_for_code(deps, email)
        answer = await self.send("/sign-in/code", "/sign-in/code", ("code", mailbox.code(mail)))
        assert answer.status_code == 303, answer.text
        return answer
