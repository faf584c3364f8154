"""The source tree as the rules see it: which files there are, and what they call and import."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("policies", "portal", "vault")


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file; `path` is relative to the root, with forward slashes."""

    path: str
    text: str

    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    def names(self) -> Iterator[tuple[int, str]]:
        """Give each imported name, at its import and at each use, in full, with its line.

        Aliases are resolved: `from os import urandom as u; u()` uses `os.urandom`.
        """
        tree = self.tree()
        aliases: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    aliases[name.asname or name.name.split(".")[0]] = (
                        name.name if name.asname else name.name.split(".")[0]
                    )
                    yield node.lineno, name.name
            elif isinstance(node, ast.ImportFrom):
                for name in node.names:
                    aliases[name.asname or name.name] = f"{node.module}.{name.name}"
                    yield node.lineno, f"{node.module}.{name.name}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute | ast.Name) and (dotted := _dotted(node)):
                first, _, rest = dotted.partition(".")
                if full := aliases.get(first):
                    yield node.lineno, f"{full}.{rest}" if rest else full

    def calls(self) -> Iterator[tuple[int, str]]:
        """Give the last part of each name that is called: `conn.commit()` is `commit`."""
        for node in ast.walk(self.tree()):
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Attribute):
                    yield node.lineno, node.func.attr
                elif isinstance(node.func, ast.Name):
                    yield node.lineno, node.func.id


def sources(root: Path = REPOSITORY, packages: tuple[str, ...] = PACKAGES) -> list[Source]:
    """Read every Python file of the packages, in a stable order."""
    return [
        Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
        for package in packages
        for path in sorted((root / package).rglob("*.py"))
    ]


def planted(root: Path, path: str, text: str) -> list[Source]:
    """Write one file under `root` and read the tree back: the rule must find what is wrong."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return sources(root)


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return None
