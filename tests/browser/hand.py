"""A person's hand: on a mouse, or on a keyboard that has only Tab, Enter, Space and letters.

The keyboard sees what a person sees: each stop of Tab must show where the focus is, uncovered.
"""

from playwright.sync_api import Locator, Page

STOPS = 250  # of Tab, before a control counts as out of reach
_STOP = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const x = Math.max(0, Math.min(innerWidth - 1, box.left + Math.min(box.width / 2, 12)));
    const y = Math.max(0, Math.min(innerHeight - 1, box.top + box.height / 2));
    const seen = document.elementFromPoint(x, y);
    const name = `${one.tagName} ${(one.textContent || one.name || "").trim().slice(0, 40)}`;
    return [
        ...(style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 3
            ? [`${name} does not show its focus`] : []),
        ...(box.bottom <= 0 || box.top >= innerHeight ? [`${name} is out of sight`] : []),
        ...(seen && (one.contains(seen) || seen.contains(one)) ? [] : [`${name} is covered`]),
    ];
}"""


class Mouse:
    """A hand on a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0
        self.wrong: list[str] = []

    def press(self, control: Locator) -> None:
        """Press a link or a button; what it leads to has loaded after it."""
        self.presses += 1
        with self.page.expect_navigation():
            control.click()

    def write(self, control: Locator, text: str) -> None:
        """Write into a control that is empty."""
        control.fill(text)

    def paste(self, control: Locator, text: str) -> None:
        """Put a text in the place of what a control holds."""
        control.fill(text)

    def choose(self, control: Locator, value: str) -> None:
        """Choose an option of a list by its value."""
        control.select_option(value)

    def turn(self, control: Locator) -> None:
        """Tick a box, choose one of several, open or shut a part; nothing loads."""
        control.click()


class Keyboard(Mouse):
    """A hand on a keyboard."""

    def press(self, control: Locator) -> None:
        self.presses += 1
        self._reach(control)
        is_link = control.evaluate("one => one.tagName === 'A'")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter" if is_link else "Space")

    def write(self, control: Locator, text: str) -> None:
        self._reach(control)
        self.page.keyboard.type(text)

    def paste(self, control: Locator, text: str) -> None:
        self._reach(control)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def choose(self, control: Locator, value: str) -> None:
        self._reach(control)
        words = control.locator(f"option[value='{value}']").inner_text()
        self.page.keyboard.type(words.strip())
        assert control.input_value() == value

    def turn(self, control: Locator) -> None:
        self._reach(control)
        self.page.keyboard.press("Space")

    def _reach(self, control: Locator) -> None:
        control.wait_for()
        for _ in range(STOPS):
            self.page.keyboard.press("Tab")
            if not self.page.evaluate("() => document.activeElement === document.body"):
                self.wrong.extend(self.page.evaluate(_STOP))
            if control.evaluate("one => one === document.activeElement"):
                return
        raise AssertionError(f"Tab does not reach {control}")
