"""A page in the browser that remembers what no page may do, and says what it may not have.

Complaints come by themselves: an error in the console, a report of the content security policy, a
request to another origin. Faults are looked for: sideways scroll, inline style or handlers, not one
`h1`, no title, no language, no stylesheet, a control too small to hit.
"""

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

THEMES = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
WIDTHS = (320, 1280)  # CSS pixels; 320 is also 1,280 at 400 %
HEIGHT = 720
# The browser itself says so of an answer that is an error on purpose.
_FAILED = "Failed to load resource: the server responded with a status of "
_FAULTS = """() => [
    ...(document.documentElement.scrollWidth > innerWidth ? ["scrolls sideways"] : []),
    ...[...document.querySelectorAll("*")].flatMap(element =>
        [...element.attributes]
            .filter(one => one.name === "style" || one.name.startsWith("on"))
            .map(one => `${element.tagName} has ${one.name}`)),
    ...[...document.querySelectorAll("script, style")].map(one => `has ${one.tagName}`),
    ...(document.querySelectorAll("h1").length === 1 ? [] : ["not one h1"]),
    ...(/^\\S.* – \\S/.test(document.title) ? [] : ["no title that names page and publisher"]),
    ...(document.documentElement.lang ? [] : ["no lang"]),
    ...([...document.styleSheets].some(one => one.cssRules.length) ? [] : ["no stylesheet"]),
    ...[...document.querySelectorAll("a, button, summary, input:not([type=hidden]), select")]
        .filter(one => one.getClientRects().length && !one.closest("p, li, td, dd, nav"))
        .filter(one => one.checkVisibility() && !one.matches(".skip"))
        .filter(one => one.getBoundingClientRect().height < 24)
        .map(one => `${one.tagName} ${one.textContent.trim()} is too small`),
]"""
# WCAG 1.4.12: what a reader may set, and no page may break.
_SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
        word-spacing: .16em !important; } p { margin-block-end: 2em !important; }`);
    document.adoptedStyleSheets = [sheet];
    const wide = document.documentElement.scrollWidth > innerWidth;
    document.adoptedStyleSheets = [];
    return wide ? ["scrolls sideways when spaced"] : [];
}"""


class Visit:
    """A page in a context of its own."""

    def __init__(self, browser: Browser, issuer: str, **options: object) -> None:
        given = {"viewport": {"width": 1280, "height": HEIGHT}, **options}
        self.context = browser.new_context(base_url=issuer, **given)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.issuer = issuer
        self.complaints: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # That a cache was emptied, or that a label lacks a hint, is said as information.
        if message.type not in {"info", "log", "debug"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(f"{self.issuer}/"):
            self.complaints.append(request.url)

    def go(self, path: str, *, status: int = 200) -> None:
        """Open a page; it must answer with this status."""
        answer = self.page.goto(path)
        assert answer, path
        assert answer.status == status, (path, answer.status)
        if status >= 400:
            self.complaints = [one for one in self.complaints if not one.startswith(_FAILED)]

    def show(self, theme: str, width: int) -> None:
        """Show the page as a reader with this theme and width sees it."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(**THEMES[theme])  # type: ignore[arg-type]

    def faults(self) -> list[str]:
        """Return what no page may have."""
        return [*self.page.evaluate(_FAULTS), *self.page.evaluate(_SPACED)]

    def close(self) -> None:
        """Close the context and all in it."""
        self.context.close()
