"""Converts presentations of PowerPoint to PDF with LibreOffice, so that their pages can be drawn.

LibreOffice runs with a separate profile, without macros and without network access: links to other files are removed from the
presentation, and its proxy is a port on which nothing listens.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import errors
from lib.process import CancellationCheck, Limits, run_program
from lib.programs import find_program
from lib.untrusted_xml import DoctypeForbidden, parse_xml

PROGRAM = "soffice"
MISSING = (
    "The pages of the presentation are not drawn, because LibreOffice is not installed: the documents have the pictures of the recording. "
    "Upload the deck as a PDF to replace them."
)
FAILED = "LibreOffice could not draw the presentation: the documents have the pictures of the recording. Upload the deck as a PDF instead."
_LIMITS = Limits(timeout_s=240, memory_bytes=4 * 2**30, file_bytes=256 * 2**20)
_FILTER = 'pdf:impress_pdf_Export:{"ExportHiddenSlides":{"type":"boolean","value":"true"}}'
_MAX_COPIED_BYTES = 512 * 2**20
_FAILURES = (
    *(errors.ProgramFailed, errors.TimedOut, errors.OutOfMemory, OSError),
    *(zipfile.BadZipFile, ElementTree.ParseError, DoctypeForbidden, NotImplementedError, RuntimeError),
)
_UNREACHABLE_PROXY = "http://127.0.0.1:9"
_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELATIONSHIP = f"{{{_NAMESPACE}}}Relationship"
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


def write_pdf(presentation: Path, target: Path, check: CancellationCheck) -> str:
    """Write the PDF of a presentation; return a warning if there is none, else "".

    The presentation has been read by `read_deck`, which refuses harmful ones.
    """
    program = find_program(PROGRAM)
    if program is None:
        return MISSING
    with tempfile.TemporaryDirectory(prefix=".office-", dir=target.parent) as name:
        folder = Path(name).absolute()
        (folder / "profile" / "user").mkdir(parents=True)
        (folder / "profile" / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        source = folder / "deck.pptx"
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command: list[str | Path] = [program, "--headless", "--norestore", "--nolockcheck", "--nodefault", profile, "--convert-to", _FILTER]
        environment = {"HOME": str(folder), "SAL_USE_VCLPLUGIN": "svp", "http_proxy": _UNREACHABLE_PROXY, "https_proxy": _UNREACHABLE_PROXY}
        try:
            copy_without_links(presentation, source)
            run_program([*command, "--outdir", folder, source], check=check, limits=_LIMITS, cwd=folder, env=environment)
            (folder / "deck.pdf").replace(target)
        except _FAILURES:
            return FAILED
    return ""


def copy_without_links(presentation: Path, target: Path) -> None:
    """Copy a presentation without its relationships to anything outside it, such as addresses of pictures."""
    copied_bytes = 0
    with zipfile.ZipFile(presentation) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in source.infolist():
            copied_bytes += entry.file_size
            if copied_bytes > _MAX_COPIED_BYTES:
                raise zipfile.BadZipFile("The presentation is too large when unpacked.")
            content = source.read(entry)
            copy.writestr(entry.filename, _without_links(content) if entry.filename.lower().endswith(".rels") else content)


def _without_links(relationships: bytes) -> str:
    internal_relationships = [
        each.attrib for each in parse_xml(relationships).findall(_RELATIONSHIP) if each.get("TargetMode", "Internal") == "Internal"
    ]
    lines = (f"<Relationship {' '.join(f'{name}={quoteattr(value)}' for name, value in each.items())}/>" for each in internal_relationships)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{_NAMESPACE}">{"".join(lines)}</Relationships>'
