"""QR codes (ISO/IEC 18004) as SVG."""

from __future__ import annotations

import io

import segno

_QUIET_ZONE_MODULES = 2  # half of the standard's quiet zone; the page margin supplies the rest


def render_qr_code(url: str) -> str:
    """Return the QR code of a URL as SVG, in the smallest version that fits."""
    buffer = io.BytesIO()
    segno.make_qr(url, error="l").save(buffer, kind="svg", border=_QUIET_ZONE_MODULES, xmldecl=False, nl=False)
    return buffer.getvalue().decode()
