"""Files of another type than their name says, and files that refer to other files or URLs."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

from bench.adversarial.canary import Canary
from bench.adversarial.case import Case, recording
from bench.adversarial.make import ffmpeg, remux

_NOT_MEDIA = "not_media"
_XML = "<?xml version='1.0'?>"
_PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nREFERENCE\n#EXT-X-ENDLIST\n",
    "m3u8-key": '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXT-X-KEY:METHOD=AES-128,URI="REFERENCE"\n#EXTINF:10,\nREFERENCE\n#EXT-X-ENDLIST\n',
    "ffconcat": "ffconcat version 1.0\nfile 'REFERENCE'\nduration 10\n",
    "concat": "file 'REFERENCE'\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=REFERENCE\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "dash": f"{_XML}<MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static' mediaPresentationDuration='PT10S'><Period><BaseURL>REFERENCE"
    "</BaseURL><AdaptationSet mimeType='video/mp4'><Representation id='1' bandwidth='1'/></AdaptationSet></Period></MPD>",
    "ffmetadata": ";FFMETADATA1\ntitle=REFERENCE\n",
    "asx": "<asx version='3.0'><entry><ref href='REFERENCE'/></entry></asx>",
    "xspf": f"{_XML}<!DOCTYPE x [<!ENTITY e SYSTEM 'REFERENCE'>]><playlist>"
    "<trackList><track><location>&e;</location></track></trackList></playlist>",
    "imf": f"{_XML}<AssetMap xmlns='http://www.smpte-ra.org/schemas/429-9/2007/AM'><Path>REFERENCE</Path></AssetMap>",
}


def cases(folder: Path, base: Path, canary: Canary) -> list[Case]:
    return _misnamed_files(folder, base) + _playlists(folder, base, canary)


def _misnamed_files(folder: Path, base: Path) -> list[Case]:
    image = ffmpeg(folder / "picture.png", "-f", "lavfi", "-i", "testsrc=size=64x64", "-frames:v", "1", "-update", "1")
    jpeg = ffmpeg(folder / "picture.jpg", "-i", str(image), "-update", "1")
    gif = ffmpeg(folder / "moving.gif", "-f", "lavfi", "-i", "testsrc=size=64x64:d=1")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zip_file:
        zip_file.writestr("lecture.mp4", base.read_bytes())
        zip_file.writestr("../../escape.txt", "out")
        zip_file.writestr("bomb", bytes(50 * 2**20))
    contents: dict[str, bytes] = {
        "text": b"Dear students, the recording is attached.\n" * 200,
        "pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n",
        "zip-with-a-bomb": archive.getvalue(),
        "gzip-bomb": gzip.compress(bytes(100 * 2**20)),
        "png": image.read_bytes(),
        "jpeg": jpeg.read_bytes(),
        "gif": gif.read_bytes(),
        "html": b"<!doctype html><video src='http://127.0.0.1/'></video><script>alert(1)</script>",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        "json": json.dumps({"format": {"duration": 60}}).encode(),
        "elf": b"\x7fELF\x02\x01\x01" + bytes(4000),
        "shell-script": b"#!/bin/sh\ntouch /tmp/owned\n",
        "python-pickle": b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.",
        "sqlite": b"SQLite format 3\0" + bytes(4080),
        "tar": b"a".ljust(257, b"\0") + b"ustar" + bytes(2000),
        "midi": b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
        "id3-and-text": b"ID3\x03\0\0\0\0\0\x0a" + b"words " * 2000,
        "ftyp-and-text": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"words " * 2000,
        "riff-and-nothing": b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff",
        "ebml-and-nothing": b"\x1aE\xdf\xa3" + b"\xff" * 64,
        "annexb-one-header": b"\0\0\0\1\x67\x42\0\x0a\xf8\x41\xa2",
        "mpeg-sync-bytes": b"\x47\x40\0\x10" * 4000,
    }
    return [recording("mislabeled", name, content, "not_media unusable_recording") for name, content in contents.items()]


def _playlists(folder: Path, base: Path, canary: Canary) -> list[Case]:
    """Playlists that a demuxer would follow: named as playlists, and two of each kind of target named as videos."""
    (folder / "beside.mp4").write_bytes(base.read_bytes())
    all_cases: list[Case] = []
    for scheme, target in (("file", canary.file.as_uri()), ("http", f"{canary.url}/segment.ts"), ("path", str(canary.file))):
        playlists = {kind: text.replace("REFERENCE", target) for kind, text in _PLAYLISTS.items()}
        all_cases += [
            recording("playlists", f"{kind}-{scheme}", text.encode(), _NOT_MEDIA, filename=f"lecture.{kind.partition('-')[0]}")
            for kind, text in playlists.items()
        ]
        all_cases.append(recording("playlists", f"m3u8-{scheme}-as-mp4", playlists["m3u8"].encode(), _NOT_MEDIA))
        all_cases.append(
            recording("playlists", f"ffconcat-{scheme}-as-mkv", playlists["ffconcat"].encode(), _NOT_MEDIA, filename="lecture.mkv")
        )
    return [*all_cases, *_links(folder, base, canary)]


def _links(folder: Path, base: Path, canary: Canary) -> list[Case]:
    """References inside valid containers."""
    content = base.read_bytes()
    url = canary.file.as_uri().encode() + b"\0"
    reference = (len(url) + 12).to_bytes(4, "big") + b"url " + bytes(4) + url
    external_reference = content.replace(b"\0\0\0\x0curl \0\0\0\1", b"\0\0\0\x0curl \0\0\0\0")
    video = remux(base, folder / "linked.mkv", "-metadata", f"title={canary.url}/title", "-metadata", f"comment={canary.file}").read_bytes()
    position = video.index(b"\x15\x49\xa9\x66")
    name = str(canary.file).encode()
    next_segment = (b"\x3c\xb9\x23" + bytes([0x80 | 16]) + bytes(16)) + b"\x3e\x83\xbb" + (0x4000 | len(name)).to_bytes(2, "big") + name
    avi = remux(base, folder / "linked.avi", "-metadata", f"title={canary.url}")
    return [
        recording("playlists", "mov-data-elsewhere", external_reference, ""),
        recording("playlists", "mov-data-url-atom", content.replace(b"\0\0\0\x0curl \0\0\0\1", reference), ""),
        recording(
            "playlists", "mkv-next-segment", video[: position + 12] + next_segment + video[position + 12 :], "", filename="linked.mkv"
        ),
        recording("playlists", "mkv-titles", video, "accepted", filename="titles.mkv"),
        recording("playlists", "avi-titles", avi, "accepted"),
    ]
