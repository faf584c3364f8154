"""No link is dead: every address and every anchor that a customer can come to is there."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

MOST = 400  # pages; past it the crawl has lost its way
# Of one page with many filters a few views are enough.
VIEWS = 6


class Found(HTMLParser):
    """The links and ids of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in {"a", "link"} and given.get("href"):
            self.links.append(given["href"])
        if given.get("id"):
            self.ids.add(given["id"])


def crawl(client, *starts):
    """Return what is wrong with the links below some pages, and the pages that were seen."""
    wrong: list[str] = []
    views: dict[str, int] = {}
    seen: dict[str, Found | None] = {}
    waiting = [(start, "") for start in starts]
    while waiting:
        address, source = waiting.pop(0)
        path, _, fragment = address.partition("#")
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}", "*", path.partition("?")[0])
        if path not in seen:
            views[kind] = views.get(kind, 0) + 1
            if views[kind] > VIEWS:
                continue
            assert len(seen) < MOST
            answer = client.get(path)
            for _ in range(3):
                if answer.status_code != 303:
                    break
                answer = client.get(answer.headers["location"])
            if answer.status_code != 200:
                wrong.append(f"{source}: {path} answers {answer.status_code}")
            is_page = answer.headers.get("content-type", "").startswith("text/html")
            found = Found(answer.text) if is_page else None
            seen[path] = found
            for link in found.links if found else ():
                target = urljoin(str(answer.url), link)
                if urlsplit(target).netloc == urlsplit(str(client.base_url)).netloc:
                    waiting.append((target.removeprefix(str(client.base_url).rstrip("/")), path))
        page = seen[path]
        if fragment and page is not None and fragment not in page.ids:
            wrong.append(f"{source}: {path} has no #{fragment}")
    return wrong, seen


@pytest.fixture
def client(shop, ana):
    one = shop.client()
    cookies = json.loads(Path(ana).read_bytes())["cookies"]
    one.headers["cookie"] = "; ".join(f"{one['name']}={one['value']}" for one in cookies)
    return one


def test_no_link_of_a_customer_is_dead(client):
    wrong, seen = crawl(client, "/home", "/")
    assert wrong == []
    for path in ("/home", "/privacy", "/privacy/marketing", "/who-looked", "/receipts", "/code"):
        assert path in seen, path
    assert len(seen) > 20


def test_a_dead_link_and_a_dead_anchor_are_found():
    pages = {
        "/": '<a href="/one#there">1</a><a href="/two">2</a>',
        "/one": '<a href="/one#gone">3</a><p id="there">4</p>',
    }

    def answer(request):
        text = pages.get(request.url.path)
        kind = {"content-type": "text/html"}
        return httpx2.Response(200 if text else 404, text=text or "", headers=kind)

    with httpx2.Client(
        transport=httpx2.MockTransport(answer), base_url="http://localhost"
    ) as client:
        wrong, _ = crawl(client, "/")
    assert wrong == ["/: /two answers 404", "/one: /one has no #gone"]
