"""QR codes (ISO/IEC 18004) as SVG."""

from __future__ import annotations

import io

import segno

_MARGIN = 2  # modules: half of the standard's quiet zone, the rest is the white of the paper


def qr_code(url: str) -> str:
    """Return the SVG of a code that leads to the address. It is as small as possible, for print."""
    file = io.BytesIO()
    segno.make_qr(url, error="l").save(file, kind="svg", border=_MARGIN, xmldecl=False, nl=False)
    return file.getvalue().decode()
