"""The renditions of a video while they are encoded: what a run of ffmpeg has written is kept when it is killed, and the next run continues.

The folder holds `streamN.mp4`, the fragments of earlier runs, and a folder `run` with those of the run that is going on or was killed.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import errors
from lib.files import link_or_copy
from lib.serialization import atomic_write
from services.media import cmaf
from services.media.cmaf import Track

_PLAN, _START, _COMPLETION_MARK, _END_MARK = "plan.json", "start.json", "complete", "ended"


def media_name(number: int) -> str:
    """Return the file of a rendition: the video renditions, smallest first, then the sound."""
    return f"stream{number}.mp4"


@dataclass(frozen=True)
class Progress:
    """The length of the renditions so far: `fragments` of each, `end_s` seconds."""

    fragments: int
    end_s: Fraction
    is_complete: bool = False


class UnfinishedStreams:
    """The files of some renditions in a folder. `plan` describes how they are encoded: files of another plan are deleted."""

    def __init__(self, folder: Path, count: int, plan: str) -> None:
        self.folder, self._count = folder, count
        path = folder / _PLAN
        if not path.is_file() or path.read_text() != plan:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            with atomic_write(path) as part:
                part.write_text(plan)

    @property
    def run_folder(self) -> Path:
        return self.folder / "run"

    def resume(self) -> Progress:
        """Take over what an earlier run has written; return how much there is."""
        if (self.folder / _COMPLETION_MARK).is_file():
            return dataclasses.replace(self._progress(), is_complete=True)
        if (self.run_folder / _START).is_file():
            is_ended = (self.run_folder / _END_MARK).is_file()
            self._join(is_ended)
            if is_ended:
                (self.folder / _COMPLETION_MARK).touch()
        shutil.rmtree(self.run_folder, ignore_errors=True)
        return dataclasses.replace(self._progress(), is_complete=(self.folder / _COMPLETION_MARK).is_file())

    def begin_run(self, progress: Progress) -> Path:
        """Create and return the folder of a run that continues after `progress`."""
        self.run_folder.mkdir()
        with atomic_write(self.run_folder / _START) as part:
            part.write_text(json.dumps({"fragments": progress.fragments}))
        return self.run_folder

    def end_run(self) -> Progress:
        """Join the files of a run that has succeeded with those before."""
        (self.run_folder / _END_MARK).touch()
        return self.resume()

    def tracks(self) -> list[Track]:
        """Return the renditions as far as they are there."""
        tracks = [cmaf.read_track(self.folder / media_name(number)) for number in range(self._count)]
        return [track for track in tracks if track is not None]

    def _progress(self) -> Progress:
        tracks = self.tracks()
        if len(tracks) < self._count or not tracks[0].fragments:
            return Progress(0, Fraction(0))
        return Progress(len(tracks[0].fragments), Fraction(tracks[0].end, tracks[0].timescale))

    def _join(self, is_ended: bool) -> None:
        """Append the run's fragments that all renditions have; the last one of a killed run may not be on the disk, and is left out."""
        before = int(json.loads((self.run_folder / _START).read_text())["fragments"])
        track_files = [cmaf.read_track(self.run_folder / media_name(number)) for number in range(self._count)]
        tracks = [track for track in track_files if track is not None]
        if len(tracks) < self._count:
            return
        counts = {len(track.fragments) for track in tracks}
        if is_ended and len(counts) > 1:
            raise errors.StageFailed("The renditions have different numbers of segments.")
        count = min(counts) - (0 if is_ended else 1)
        if count < 1:
            return
        for number, track in enumerate(tracks):
            self._append(number, track, count, before)

    def _append(self, number: int, track: Track, count: int, before: int) -> None:
        target, source = self.folder / media_name(number), self.run_folder / media_name(number)
        if before == 0:
            cmaf.truncate(source, track, count)
            with atomic_write(target) as part:
                part.unlink(missing_ok=True)
                link_or_copy(source, part)
            return
        target_track = cmaf.read_track(target)
        if target_track is None or target_track.decoder != track.decoder:
            shutil.rmtree(self.folder)
            raise errors.TransientError("The encoder's parameters have changed. The renditions are made again.")
        cmaf.truncate(target, target_track, before)  # an earlier attempt to join may have been killed
        end = target_track.fragments[before - 1].end
        cmaf.append(target, source, track.fragments[:count], shift=end, first_number=before + 1)
