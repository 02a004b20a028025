"""The versions of the two ffmpeg that read recordings, and whether they have known vulnerabilities."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.process import run_program
from lib.programs import require_program

# Releases before this one lack security fixes of June 2026, among them those of CVE-2026-8461 and CVE-2026-39210 to 39218 (https://ffmpeg.org/security.html).
MIN_SAFE_VERSION = (8, 1, 2)
_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class FfmpegVersion:
    """A version of ffmpeg. `used_as`: "program" or "PyAV" (its libraries); `version`: as ffmpeg prints it."""

    used_as: str
    version: str

    @property
    def has_known_vulnerabilities(self) -> bool:
        """Whether it is a release with published vulnerabilities. A build between releases is named by a hash, and counts as new."""
        numbers = _NUMBERS.match(self.version.removeprefix("n"))
        return numbers is not None and tuple(int(each or 0) for each in numbers.groups()) < MIN_SAFE_VERSION


def read_versions() -> list[FfmpegVersion]:
    """Return the versions of the program and of the libraries. Raises ProgramMissing and ProgramFailed."""
    import av

    words = run_program([require_program("ffmpeg"), "-version"]).stdout.split()
    program = words[2] if words[:2] == ["ffmpeg", "version"] else "unknown"
    return [FfmpegVersion("program", program), FfmpegVersion("PyAV", str(av.ffmpeg_version_info))]
