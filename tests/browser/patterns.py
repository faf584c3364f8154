"""Look at a page where something is decided for what would push somebody to one answer.

Both answers are one element in one look, and stand in one view; nothing is chosen or folded out
beforehand. Words are looked for in texts, wherever they stand.
Source: EDPB guidelines 03/2022, version 2; portal note, 5.
"""

import re

from playwright.sync_api import Page

# What must be equal on Allow and Do not allow.
_LOOK = """([allow, refuse]) => {
    const names = ["display", "fontFamily", "fontSize", "fontWeight", "fontStyle", "color",
        "backgroundColor", "backgroundImage", "opacity", "boxShadow", "transform",
        "textDecorationLine", "textTransform", "letterSpacing", "cursor",
        ...["Top", "Right", "Bottom", "Left"].flatMap(side => [`padding${side}`,
            `border${side}Width`, `border${side}Color`, `border${side}Style`])];
    const look = element => {
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        return {element: element.tagName, type: element.type, width: Math.round(box.width),
            height: Math.round(box.height), top: Math.round(box.top),
            ...Object.fromEntries(names.map(name => [name, style[name]]))};
    };
    const [a, b] = [look(allow), look(refuse)];
    const apart = Object.keys(a).filter(name => a[name] !== b[name])
        .map(name => `${name}: ${a[name]} and ${b[name]}`);
    allow.scrollIntoView({block: "start"});
    const boxes = [allow, refuse].map(one => one.getBoundingClientRect());
    const inside = boxes.every(box => box.top >= 0 && box.bottom <= innerHeight &&
        box.left >= 0 && box.right <= innerWidth);
    return inside ? apart : [...apart, "not in one view"];
}"""
_CHOSEN = """() => [
    ...[...document.querySelectorAll("main input")].filter(one => one.checked || one.defaultChecked)
        .map(one => `${one.name}=${one.value} is ticked`),
    ...[...document.querySelectorAll("main option")].filter(one => one.defaultSelected)
        .map(one => `${one.value} is selected`),
    ...[...document.querySelectorAll("main form details[open]")].map(() => "something is open"),
    ...[...document.querySelectorAll("main [autofocus]")].map(() => "something is in focus"),
]"""
# What makes a no feel bad; case, accents and the kind of apostrophe do not matter.
GUILT = re.compile(
    r"miss(?:ing)? out|are you sure|\bsadly\b|\bsorry to\b|last chance|hurry|don.t you want"
    r"|no,? thanks?\b|i (?:don.t|do not) care|unfortunately you|you will regret|we.ll miss you"
    r"|only today|everyone else|most people",
    re.IGNORECASE,
)


def push(page: Page) -> list[str]:
    """Return how the two answers differ in what they look like."""
    answers = [
        page.locator(f".choices button[value={value}]").element_handle()
        for value in ("give", "refuse")
    ]
    return list(page.evaluate(_LOOK, answers))


def chosen(page: Page) -> list[str]:
    """Return what is chosen before anybody chose."""
    return list(page.evaluate(_CHOSEN))


def guilt(text: str) -> list[str]:
    """Return the words of a text that make a no feel bad."""
    return [found[0] for found in GUILT.finditer(text)]
