"""Documents name files that exist."""

import re
from pathlib import Path

from destiny_web.config import ROOT

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bungie_sandbox/*.md")]
)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")
MODULE = re.compile(r"`([\w.-][\w./-]*/[\w.-]+\.(?:py|html|css|js|json|toml|conf))`")
# Where a document may begin a path, because the reader knows which package it speaks of.
FOLDERS = [ROOT, ROOT / "destiny_web", ROOT / "bungie_sandbox", ROOT / "destiny_web/services/moves"]


def missing(document: Path, pattern: re.Pattern[str], folders: list[Path]) -> list[str]:
    names = pattern.findall(document.read_text(encoding="utf-8"))
    return [name for name in names if not any((folder / name).exists() for folder in folders)]


def test_a_link_leads_to_a_file():
    wrong = {path.name: missing(path, LINK, [path.parent]) for path in DOCUMENTS}
    assert {name: links for name, links in wrong.items() if links} == {}


def test_a_module_that_a_document_names_is_there():
    wrong = {path.name: missing(path, MODULE, FOLDERS) for path in DOCUMENTS}
    assert {name: modules for name, modules in wrong.items() if modules} == {}


def test_a_wrong_name_is_found(tmp_path):
    document = tmp_path / "document.md"
    document.write_text("See [this](nowhere.md) and `web/nothing.py`.")
    assert missing(document, LINK, [tmp_path]) == ["nowhere.md"]
    assert missing(document, MODULE, FOLDERS) == ["web/nothing.py"]


def test_a_test_that_a_document_names_is_there():
    tests = {
        name
        for module in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", module.read_text(encoding="utf-8"), re.MULTILINE)
    }
    modules = {module.stem for module in (ROOT / "tests").rglob("test_*.py")}
    wrong = {
        path.name: sorted(
            set(re.findall(r"`(test_\w+)", path.read_text(encoding="utf-8"))) - tests - modules
        )
        for path in DOCUMENTS
    }
    assert {name: names for name, names in wrong.items() if names} == {}
