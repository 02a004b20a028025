"""The stages that check a recording and prepare it for players."""

from __future__ import annotations

import json
from pathlib import Path

import errors
from domain import MediaInfo
from lib.files import link_or_copy
from lib.hashing import sha256_of
from lib.serialization import atomic_write, read_json, to_plain, write_json
from pipelines.stage import StageInput
from services import transcoder_queue
from services.media import streaming, voice_level
from services.media.ladder import MAX_RUNGS
from services.media.probe import probe
from services.media.stream_sound import StreamSound
from services.media.streams import choose_tracks
from services.media.thumbnails import SPRITE
from services.media.unfinished_streams import media_name
from services.transcoder_queue import TranscoderQueue

FACTS_FILE, INDEX_FILE, ANNOUNCED_FILE, LOUDNESS_FILE = "source.json", "streams.json", "announced.json", "loudness.json"
SOUND_FILE = "sound.mp4"
MEDIA_FILES = tuple(media_name(number) for number in range(MAX_RUNGS + 1))
FOLDER = "streams"  # unfinished renditions


def check(stage_input: StageInput) -> None:
    """Probe the recording and write its properties and hash. Raises NotMedia and the like, and TooLong."""
    source = stage_input.work.path("source")
    media = probe(source, check=stage_input.check)
    limit_s = float(stage_input.options["max_duration_s"])
    if media.duration_s > limit_s:
        raise errors.TooLong(f"It runs for {media.duration_s:.0f} s, the limit is {limit_s:.0f} s.")
    facts = {"sha256": stage_input.work.known_hashes.get("source") or sha256_of(source), "media": to_plain(media)}
    stage_input.work.path(FACTS_FILE).write_text(json.dumps(facts))
    write_json(stage_input.work.path("probed.json"), choose_tracks(media))


def announce(stage_input: StageInput) -> None:
    """Notify the external transcoder of the recording, if a queue is configured."""
    options = stage_input.options
    transcoder_queue.announce(stage_input.engines.get(TranscoderQueue), options["storage_key"], int(options["size_bytes"]))
    stage_input.work.path(ANNOUNCED_FILE).write_text("{}")


def measure_loudness(stage_input: StageInput) -> None:
    """Write the gain that brings the sound to the loudness of the settings; 0 without one."""
    work, target_lufs = stage_input.work, stage_input.engines.get(StreamSound).target_lufs
    audio = read_json(MediaInfo, work.path("probed.json")).audio
    gain_db = 0.0
    if target_lufs and audio is not None:
        loudness_lufs = voice_level.measure_lufs(work.path("source"), audio.index, check=stage_input.check)
        gain_db = round(voice_level.gain_db(loudness_lufs, target_lufs), 2)
    work.path(LOUDNESS_FILE).write_text(json.dumps({"gain_db": gain_db}))


def encode_sound(stage_input: StageInput) -> None:
    """Write the sound for players; the file is empty without one."""
    work = stage_input.work
    media = read_json(MediaInfo, work.path("probed.json"))
    target = work.path(SOUND_FILE)
    if media.audio is None:
        target.write_bytes(b"")
        return
    gain_db = float(json.loads(work.path(LOUDNESS_FILE).read_text())["gain_db"])
    streaming.encode_sound(work.path("source"), target, media, gain_db=gain_db, report=stage_input.report, check=stage_input.check)


def prepare(stage_input: StageInput) -> None:
    """Write the renditions, the playlists and the pictures; files that this recording does not need are empty."""
    work = stage_input.work
    media = read_json(MediaInfo, work.path("probed.json"))
    folder, sound = work.path(FOLDER), work.path(SOUND_FILE)
    streams = streaming.prepare(
        work.path("source"),
        folder,
        media,
        sound if sound.stat().st_size else None,
        plan=json.loads(work.path(FACTS_FILE).read_text())["sha256"],
        report=stage_input.report,
        check=stage_input.check,
    )
    index = {
        "playlists": streams.playlists,
        "thumbnails": streams.thumbnails,
        "rungs": to_plain(streams.rungs),
        "has_audio": streams.has_audio,
    }
    for name in (*MEDIA_FILES, SPRITE, streaming.POSTER):
        _take(folder / name, work.path(name))
    with atomic_write(work.path(INDEX_FILE)) as part:
        part.write_text(json.dumps(index))


def _take(file: Path, target: Path) -> None:
    """Link the file, which stays where it was until the job has ended, so that a killed stage can be continued."""
    target.unlink(missing_ok=True)
    if file.is_file():
        link_or_copy(file, target)
    else:
        target.write_bytes(b"")
