"""Parses untrusted XML. Rejects document types, whose entities may expand to any size, and deep nesting, which makes searches slow."""

from __future__ import annotations

from xml.etree import ElementTree

_MAX_DEPTH = 200


class DoctypeForbidden(Exception):
    """The XML has a document type, or NUL bytes, which are a sign of UTF-16 and could hide one."""


def parse_xml(content: bytes) -> ElementTree.Element:
    """Return the root. The caller bounds the size. Raises DoctypeForbidden and ElementTree.ParseError."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
        raise DoctypeForbidden
    root = ElementTree.fromstring(content)  # noqa: S314 - without entities
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            raise ElementTree.ParseError("The elements are nested too deeply.")
        level = [child for element in level for child in element]
    return root
