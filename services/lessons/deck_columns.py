"""Finds the two columns of a PowerPoint slide: the layouts with two contents, and text boxes side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from services.lessons.source import DeckColumn

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


@dataclass(frozen=True)
class TextShape:
    """A shape with text. `kind`: of its placeholder, "" for a text box."""

    element: ElementTree.Element
    kind: str
    paragraphs: tuple[str, ...]

    @property
    def _placeholder(self) -> ElementTree.Element | None:
        return self.element.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")

    @property
    def order(self) -> int:
        """The number of its placeholder in the layout."""
        number = "" if self._placeholder is None else self._placeholder.get("idx") or ""
        return int(number) if number.isdecimal() else 0

    @property
    def is_content(self) -> bool:
        """Whether it is a placeholder for contents of any kind, of which a layout with columns has two."""
        return self._placeholder is not None and self._placeholder.get("type") in (None, "obj")

    @property
    def box(self) -> tuple[int, int, int, int] | None:
        """Left, top, right and bottom, where the slide has them."""
        offset, extent = (self.element.find(f"{_P}spPr/{_A}xfrm/{_A}{name}") for name in ("off", "ext"))
        if offset is None or extent is None:
            return None
        try:
            left, top = int(offset.get("x") or 0), int(offset.get("y") or 0)
            return left, top, left + int(extent.get("cx") or 0), top + int(extent.get("cy") or 0)
        except ValueError:
            return None

    def to_column(self, heading: str = "") -> DeckColumn:
        """Return its paragraphs; the first one is the heading if only the others have a marker."""
        elements = [each for each in self.element.iter(f"{_A}p") if any((text.text or "").strip() for text in each.iter(f"{_A}t"))]
        has_bullet = [each.find(f"{_A}pPr/{_A}buChar") is not None for each in elements]
        if not heading and len(self.paragraphs) == len(has_bullet) > 1 and not has_bullet[0] and all(has_bullet[1:]):
            return DeckColumn(heading=self.paragraphs[0], lines=self.paragraphs[1:])
        return DeckColumn(heading=heading, lines=self.paragraphs)


def columns_of(shapes: Sequence[TextShape]) -> tuple[DeckColumn, ...]:
    """Return the two columns that the text of a slide stands in, or nothing. `shapes`: all with text except titles."""
    contents = sorted((shape for shape in shapes if shape.is_content), key=lambda shape: shape.order)
    other_shapes = sorted((shape for shape in shapes if not shape.is_content), key=lambda shape: shape.order)
    if len(contents) == 2 and not other_shapes:
        return tuple(shape.to_column() for shape in contents)
    if len(contents) == 2 and len(other_shapes) == 2 and all(shape.kind == "body" and len(shape.paragraphs) == 1 for shape in other_shapes):
        return tuple(shape.to_column(heading.paragraphs[0]) for shape, heading in zip(contents, other_shapes, strict=True))
    if len(shapes) == 2 and not contents and all(shape.kind == "" and len(shape.paragraphs) > 1 for shape in shapes):
        return tuple(shape.to_column() for shape in shapes) if _are_side_by_side(*shapes) else ()
    return ()


def _are_side_by_side(first: TextShape, second: TextShape) -> bool:
    if first.box is None or second.box is None:
        return False
    (left, top, right, bottom), (other_left, other_top, other_right, other_bottom) = first.box, second.box
    return (right <= other_left or other_right <= left) and min(bottom, other_bottom) > max(top, other_top)
