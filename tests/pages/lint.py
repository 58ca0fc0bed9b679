"""What every page must have: a title, one h1, labels, unique ids, landmarks, no inline script."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
FIELDS = frozenset({"input", "select", "textarea"})


class Page(HTMLParser):
    """A page as a test reads it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[int, list[str]] = {}
        self._open: list[int] = []
        self.unclosed: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self.elements[self._open[-1]][0] != tag:
            self.unclosed.append(tag)
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for number in self._open:
            self.texts.setdefault(number, []).append(data)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag in tags]

    def text_of(self, tag: str, **attrs: str) -> list[str]:
        """The words inside each such element, spaces made single."""
        return [
            " ".join("".join(self.texts.get(number, [])).split())
            for number, (name, has) in enumerate(self.elements)
            if name == tag and all(has.get(key.rstrip("_")) == value for key, value in attrs.items())
        ]

    @property
    def links(self) -> list[str]:
        return [str(attrs["href"]) for attrs in self.all("a") if "href" in attrs]

    @property
    def forms(self) -> list[str]:
        return [str(attrs["action"]) for attrs in self.all("form") if "action" in attrs]


def complaints(page: Page) -> list[str]:
    """Everything that is wrong with `page`, in words."""
    return [*_structure(page), *_ids(page), *_fields(page), *_scripts(page), *_tables(page)]


def _structure(page: Page) -> list[str]:
    found = [f"</{tag}> closes nothing" for tag in page.unclosed]
    title = page.text_of("title")
    if len(title) != 1 or not title[0].removesuffix("· Beckon").strip():
        found.append("the page has no title of its own")
    if len(page.text_of("h1")) != 1 or not page.text_of("h1")[0]:
        found.append(f"{len(page.text_of('h1'))} h1")
    if len(page.all("main")) != 1:
        found.append("not one main landmark")
    if not any(attrs.get("lang") for attrs in page.all("html")):
        found.append("no language")
    levels = [int(tag[1]) for tag, _ in page.elements if tag in {"h1", "h2", "h3", "h4"}]
    found += [f"h{before} is followed by h{after}" for before, after in pairwise(levels) if after > before + 1]
    found += ["a picture without alt" for attrs in page.all("img") if "alt" not in attrs]
    found += [f"a button says nothing: {attrs}" for attrs, text in _with_text(page, "button") if not text]
    found += [f"a link says nothing: {attrs}" for attrs, text in _with_text(page, "a") if not text]
    return found


def _with_text(page: Page, tag: str) -> list[tuple[dict[str, str | None], str]]:
    return [
        (attrs, "".join(page.texts.get(number, [])).strip() or attrs.get("aria-label") or "")
        for number, (name, attrs) in enumerate(page.elements)
        if name == tag
    ]


def _ids(page: Page) -> list[str]:
    ids = [str(attrs["id"]) for _, attrs in page.elements if "id" in attrs]
    found = [f"id {id_!r} stands twice" for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1})]
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "form", "data-opens"):
        for tag, attrs in page.elements:
            found += [
                f"{tag} {name}={id_!r} names nothing" for id_ in (attrs.get(name) or "").split() if id_ not in ids
            ]
    return found


def _fields(page: Page) -> list[str]:
    labelled = {attrs.get("for") for attrs in page.all("label")}
    inside_labels = {
        number + 1 for number, (tag, _) in enumerate(page.elements) if tag == "label"
    }  # <label><input> directly
    return [
        f"{tag} {attrs.get('name')!r} has no label"
        for number, (tag, attrs) in enumerate(page.elements)
        if tag in FIELDS and attrs.get("type") not in {"hidden", "submit"}
        if attrs.get("id") not in labelled and number not in inside_labels and "aria-label" not in attrs
    ]


def _scripts(page: Page) -> list[str]:
    found = [f"{tag} has {name}" for tag, attrs in page.elements for name in attrs if name.startswith("on")]
    found += [f"{tag} has a style of its own" for tag, attrs in page.elements if "style" in attrs]
    found += ["a script stands in the page" for attrs in page.all("script") if "src" not in attrs]
    found += [f"{link} is a script" for link in page.links if link.startswith("javascript:")]
    return found


def _tables(page: Page) -> list[str]:
    return ["a table's head has no scope" for attrs in page.all("th") if "scope" not in attrs]
