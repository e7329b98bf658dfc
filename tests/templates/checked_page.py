"""A parsed page that was checked for the rules that every page keeps."""

from collections import Counter
from html.parser import HTMLParser

_VOID = frozenset({"input", "img", "meta", "link", "br", "hr", "source"})
_REFERENCES = ("aria-labelledby", "aria-describedby", "for", "form")


class Element:
    """A tag with its attributes and all the text inside it."""

    def __init__(self, tag, attributes, parents):
        self.tag = tag
        self.attributes = attributes
        self.parents = parents
        self.text = ""

    @property
    def classes(self):
        """The names of its classes."""
        return self.attributes.get("class", "").split()

    def inside(self, tag):
        """Return the nearest *tag* around it."""
        return next((parent for parent in reversed(self.parents) if parent.tag == tag), None)


class CheckedPage(HTMLParser):
    """Parses a page and raises ``AssertionError`` when the page breaks a rule."""

    def __init__(self, html):
        super().__init__()
        self.html = html
        self.elements = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {[element.tag for element in self._open]}"
        self._check()

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs}, list(self._open))
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(
            Element(tag, {name: value or "" for name, value in attrs}, list(self._open))
        )

    def handle_endtag(self, tag):
        assert self._open, f"closed but never opened: {tag}"
        assert self._open[-1].tag == tag, f"{tag} closes {self._open[-1].tag}"
        self._open.pop()

    def handle_data(self, data):
        for element in self._open:
            element.text += data

    def all(self, tag=None, **attributes):
        """Return the elements with these attributes; ``data_x`` means ``data-x``."""
        return [
            element
            for element in self.elements
            if tag in (None, element.tag)
            and all(
                element.attributes.get(name.rstrip("_").replace("_", "-")) == value
                for name, value in attributes.items()
            )
        ]

    def only(self, tag=None, **attributes):
        """Return the only element with these attributes."""
        (element,) = self.all(tag, **attributes)
        return element

    def of_class(self, name):
        """Return the elements of a class."""
        return [element for element in self.elements if name in element.classes]

    def _check(self):
        self._check_frame()
        self._check_references()
        self._check_policy()
        self._check_forms()
        self._check_images()

    def _check_frame(self):
        assert [element.tag for element in self.elements[:2]] == ["html", "head"]
        assert self.only("html").attributes["lang"] == "en"
        for tag in ("h1", "main", "title"):
            assert self.only(tag).text.strip(), f"an empty {tag}"
        skip_links = [
            link for link in self.all("a") if self.of_class("skip-links")[0] in link.parents
        ]
        assert [link.attributes["href"][0] for link in skip_links] == ["#"] * len(skip_links)
        assert skip_links[0].attributes["href"] == "#main"
        for category, role in (("done", "status"), ("refused", "alert")):
            assert self.only(id=f"notices-{category}").attributes["role"] == role

    def _check_references(self):
        ids = Counter(
            element.attributes["id"] for element in self.elements if "id" in element.attributes
        )
        assert not [name for name, count in ids.items() if count > 1 or not name]
        for element in self.elements:
            for name in _REFERENCES:
                for target in element.attributes.get(name, "").split():
                    assert target in ids, f"{name}={target} of a {element.tag} has no target"

    def _check_policy(self):
        for element in self.elements:
            assert element.tag != "style"
            assert element.tag != "script" or element.attributes.get("src")
            assert not [name for name in element.attributes if name == "style" or name[:2] == "on"]

    def _check_forms(self):
        tokens = Counter(
            id(field.inside("form"))
            for field in self.all("input", name="csrf_token", type="hidden")
            if field.attributes["value"]
        )
        for form in self.all("form"):
            assert form.attributes["method"] == "post"
            assert tokens[id(form)] == 1
        for button in self.all("button"):
            name = button.text.strip() or button.attributes.get("aria-label")
            assert name, "a button without a name"
        labelled = {
            label.attributes["for"] for label in self.all("label") if "for" in label.attributes
        }
        for field in self.all("input"):
            if field.attributes["type"] != "hidden":
                assert field.inside("label") or field.attributes.get("id") in labelled

    def _check_images(self):
        for image in self.all("img"):
            assert {"alt", "width", "height", "src"} <= image.attributes.keys()
            assert image.attributes["src"]
