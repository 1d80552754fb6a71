"""Write a page for each diagnostic from the registry: ``make docs``."""

from __future__ import annotations

from pathlib import Path

from wfbreak.rules import RULES

FOLDER = Path(__file__).parent / "diagnostics"


def pages() -> dict[str, str]:
    """The text of each file in ``docs/diagnostics``."""
    files = {f"{rule.code.ident}.md": rule.page() for rule in RULES}
    lines = ["# Diagnostics", "", "Written by `make docs` from `wfbreak/rules.py`.", ""]
    lines += ["| id | severity | what |", "|---|---|---|"]
    for rule in sorted(RULES, key=lambda rule: rule.code.ident):
        code = rule.code
        lines.append(f"| [{code.ident}]({code.ident}.md) | {code.severity.value} | {code.title} |")
    files["README.md"] = "\n".join([*lines, ""])
    return files


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
