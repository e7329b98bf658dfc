"""A page that was read, and what holds for every one of ours."""

from collections import Counter
from html.parser import HTMLParser

_VOID = frozenset({"input", "img", "meta", "link", "br", "hr", "source"})
_POINTERS = ("aria-labelledby", "aria-describedby", "for", "form")


class Element:
    """A tag with its attributes and all the text inside it."""

    def __init__(self, tag, attributes, parents):
        self.tag = tag
        self.attributes = attributes
        self.parents = parents
        self.text = ""

    def inside(self, tag):
        """Return the nearest *tag* around it."""
        return next((one for one in reversed(self.parents) if one.tag == tag), None)


class Sound(HTMLParser):
    """Reads a page and raises for what no page may be."""

    def __init__(self, text):
        super().__init__()
        self.source = text
        self.elements = []
        self._open = []
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {[one.tag for one in self._open]}"
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

    def all(self, tag=None, **wanted):
        """Return the elements with these attributes; ``data_x`` means ``data-x``."""
        return [
            one
            for one in self.elements
            if tag in (None, one.tag)
            and all(
                one.attributes.get(name.rstrip("_").replace("_", "-")) == value
                for name, value in wanted.items()
            )
        ]

    def one(self, tag=None, **wanted):
        """Return the only such element."""
        (found,) = self.all(tag, **wanted)
        return found

    def of_class(self, name):
        """Return the elements of a class."""
        return [one for one in self.elements if name in one.attributes.get("class", "").split()]

    def _check(self):
        self._check_frame()
        self._check_pointers()
        self._check_policy()
        self._check_forms()
        self._check_pictures()

    def _check_frame(self):
        assert [one.tag for one in self.elements[:2]] == ["html", "head"]
        assert self.one("html").attributes["lang"] == "en"
        for tag in ("h1", "main", "title"):
            assert self.one(tag).text.strip(), f"an empty {tag}"
        assert self.one("a", class_="skip-link").attributes["href"] == "#main"

    def _check_pointers(self):
        ids = Counter(one.attributes["id"] for one in self.elements if "id" in one.attributes)
        assert not [one for one, count in ids.items() if count > 1 or not one]
        for element in self.elements:
            for name in _POINTERS:
                for pointed in element.attributes.get(name, "").split():
                    assert pointed in ids, f"{name}={pointed} of a {element.tag} leads nowhere"

    def _check_policy(self):
        for element in self.elements:
            assert element.tag != "style"
            assert element.tag != "script" or element.attributes.get("src")
            assert not [name for name in element.attributes if name == "style" or name[:2] == "on"]

    def _check_forms(self):
        tokens = Counter(
            id(one.inside("form"))
            for one in self.all("input", name="csrf_token", type="hidden")
            if one.attributes["value"]
        )
        for form in self.all("form"):
            if form.attributes["method"] != "dialog":
                assert form.attributes["method"] == "post"
                assert tokens[id(form)] == 1
        for button in self.all("button"):
            assert button.text.strip(), "a button without a name"
        labelled = {one.attributes["for"] for one in self.all("label") if "for" in one.attributes}
        for field in self.all("input"):
            if field.attributes["type"] != "hidden":
                assert field.inside("label") or field.attributes.get("id") in labelled

    def _check_pictures(self):
        for picture in self.all("img"):
            assert {"alt", "width", "height", "src"} <= picture.attributes.keys()
            assert picture.attributes["src"]
