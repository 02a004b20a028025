"""Object keys: the documented layout of the store."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

JOBS = "jobs/"  # prefix of everything that jobs store before it is published
_FILENAME_BYTES = 180
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_JOINERS = "\u200c\u200d"


def safe_filename(name: str | None, fallback: str = "recording") -> str:
    """Return the name without folders, control and direction marks, and characters that are unsafe in a path, shell or header."""
    base = PurePath((name or "").replace("\\", "/")).name
    base = unicodedata.normalize("NFC", base)
    base = "".join(c for c in base if unicodedata.category(c) not in _INVISIBLE_CATEGORIES)
    base = re.sub(r'[<>:"/|?*\'`$;&%#{}]+', "_", base).strip(" .")
    stem, dot, suffix = base.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, suffix = base, ""
    max_stem_bytes = _FILENAME_BYTES - len(suffix.encode())
    stem = stem.encode()[:max_stem_bytes].decode(errors="ignore").strip(" .")
    return (f"{stem}.{suffix}" if suffix else stem) if stem else (f"{fallback}.{suffix}" if suffix else fallback)


def title_as_filename(title: str, fallback: str = "recording") -> str:
    """Return a title as the name of a download, without extension. Only characters that no file system takes are replaced.

    Joiners stay: words and emoji of several scripts need them.
    """
    text = unicodedata.normalize("NFC", title)
    text = "".join(c for c in text if c in _JOINERS or unicodedata.category(c) not in _INVISIBLE_CATEGORIES)
    text = re.sub(r'[<>:"/|?*\\]+', "_", text).strip(" .")
    return text.encode()[:_FILENAME_BYTES].decode(errors="ignore").strip(" .") or fallback


def without_extension(name: str) -> str:
    """Return a file's name without folders and extension; a number after a point is not an extension."""
    base = PurePath(name.replace("\\", "/")).name
    return re.sub(r"(?<=.)\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,8}$", "", base)


def recording(recording_id: str, filename: str) -> str:
    return f"videos/{recording_id}/{filename}"


def replaced_recording(recording_id: str, version: str, filename: str) -> str:
    """Return the key of a file that takes the place of another one, which may have the same name."""
    return f"videos/{recording_id}/{version}/{filename}"


def uploaded_file(file_id: str, filename: str) -> str:
    return f"files/{file_id}/{filename}"


def direct_upload(user_id: str, upload_id: str) -> str:
    """Return the key of a file that a client sends to the store: `videos/{user id}/{random id}.mp4`, as iTube documents it."""
    return f"videos/{user_id}/{upload_id}.mp4"


def checked_upload(upload_key: str, random_id: str) -> str:
    """Return the key of the copy of such a file that was checked; clients get no URL that changes it."""
    return f"{upload_key.removesuffix('.mp4')}/{random_id}.mp4"


def thumbnail_of(recording_key: str) -> str:
    """Return the key of a recording's thumbnail, which clients derive from the key of the recording."""
    return re.sub(r"\.mp4$", "", recording_key.replace("videos/", "thumbnails/", 1)) + ".jpg"


def is_thumbnail(key: str) -> bool:
    return key.startswith("thumbnails/")


def recording_of_thumbnail(thumbnail_key: str) -> str:
    """Return the key of the recording to which a thumbnail belongs; the inverse of `thumbnail_of`."""
    return thumbnail_key.replace("thumbnails/", "videos/", 1).removesuffix(".jpg") + ".mp4"


def recording_subtitles(recording_id: str, suffix: str) -> str:
    return f"subtitles/{recording_id}/given{suffix}"


def document(recording_id: str, format_name: str, extension: str) -> str:
    """Return the key of a document: `pdfs/{id}.pdf` and `subtitles/{id}.srt` as documented; every other format under `documents/`."""
    folder = {"pdf": "pdfs", "srt": "subtitles", "vtt": "subtitles"}.get(format_name)
    return f"{folder or 'documents'}/{recording_id}.{extension}"


def edited_transcript(recording_id: str, unique_id: str) -> str:
    return f"transcripts/{recording_id}/{unique_id}.jsonl"


def proofread_input(recording_id: str, unique_id: str) -> str:
    return f"transcripts/{recording_id}/{unique_id}.input.jsonl"


def previous_transcript(recording_id: str, unique_id: str) -> str:
    return f"transcripts/{recording_id}/{unique_id}.previous.jsonl"


def own_text(recording_id: str, unique_id: str) -> str:
    return f"transcripts/{recording_id}/{unique_id}.text"


def lecture_deck(recording_id: str, unique_id: str) -> str:
    return f"decks/{recording_id}/{unique_id}.deck"


def cached_stages(job_id: str) -> str:
    """Return the key prefix of a job's finished stages."""
    return f"{JOBS}{job_id}/stages/"


def attempt(job_id: str, number: int, name: str) -> str:
    """Return the key of an attempt's result before it is promoted."""
    return f"{JOBS}{job_id}/{number}/{name}"
