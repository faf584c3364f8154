"""Ask axe-core what of a page stands in somebody's way.

It is evaluated, not added as a script, for no page of ours lets a script in. What axe cannot decide
("incomplete") is told, and is no violation.
"""

from pathlib import Path

from playwright.sync_api import Page

SOURCE = (Path(__file__).parents[1] / "vendor" / "axe-core@4.14.1" / "axe.min.js").read_text(
    encoding="utf-8"
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async tags => {
    const found = await axe.run(document, {
        runOnly: {type: "tag", values: tags}, resultTypes: ["violations", "incomplete"]});
    const told = list => list.flatMap(rule =>
        rule.nodes.map(node => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
    return [told(found.violations), told(found.incomplete)];
}"""


def violations(page: Page) -> list[str]:
    """Return each violation with the element it is about, and print what axe cannot decide."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SOURCE)
    found, undecided = page.evaluate(_RUN, TAGS)
    for one in undecided:
        print(f"undecided: {page.url}: {one}")
    return list(found)
