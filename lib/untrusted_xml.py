"""Parses XML of strangers. Definitions of entities, which grow when they are expanded, are refused, and so is deep nesting.

Looking for elements inside of elements takes time in proportion to the depth.
"""

from __future__ import annotations

from xml.etree import ElementTree

_MAX_DEPTH = 200


class EntitiesDefined(Exception):
    """XML has a document type, or NUL bytes: it is UTF-16, in which a document type could not be seen."""


def parse_xml(content: bytes) -> ElementTree.Element:
    """Return the root. The caller bounds the size. Raises EntitiesDefined and ElementTree.ParseError."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
        raise EntitiesDefined
    root = ElementTree.fromstring(content)  # noqa: S314 - without entities
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            raise ElementTree.ParseError("The elements are nested too deeply.")
        level = [child for element in level for child in element]
    return root
