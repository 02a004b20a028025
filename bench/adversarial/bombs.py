"""Small files that demand much time, memory, disk or many streams."""

from __future__ import annotations

import struct
from pathlib import Path

from bench.adversarial.case import Case, recording
from bench.adversarial.make import ffmpeg, remux

_HOUR = 3600


def cases(folder: Path, base: Path) -> list[Case]:
    return (
        false_headers(base)
        + _long_recordings(folder, base)
        + _large_frames(folder, base)
        + _many_parts(folder, base)
        + _changing_frame_sizes(folder)
    )


def false_headers(base: Path) -> list[Case]:
    """Headers that claim more than the file contains."""
    content = base.read_bytes()
    sizes = {"20000x20000": (20_000, 20_000), "65535x65535": (65_535, 65_535), "1x65535": (1, 65_535), "0x0": (0, 0)}
    false_sizes = [
        recording("bombs", f"mp4-head-says-{name}", _with_size(content, *size), "unusable_recording accepted not_media")
        for name, size in sizes.items()
    ]
    return [
        *false_sizes,
        recording("bombs", "mp4-claims-500-hours", _with_duration(content, 500 * _HOUR), "too_long accepted unusable_recording"),
        recording("bombs", "mp4-claims-nothing", _with_duration(content, 0), "accepted unusable_recording"),
        recording("bombs", "mp4-claims-2^32", _with_duration(content, 0xFFFFFFFF // 1000), "too_long accepted unusable_recording"),
        recording("bombs", "3000-streams", _avi_with_streams(3000), "unusable_recording not_media"),
        recording("bombs", "20000-program-streams", _transport_packets(20_000), "unusable_recording not_media"),
    ]


def _long_recordings(folder: Path, base: Path) -> list[Case]:
    still = ["-f", "lavfi", "-i", "color=gray:s=64x64:r=1/600:d=360000"]
    quiet = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono:d=36000"]
    rare = ["-f", "lavfi", "-i", "color=gray:s=64x64:r=1/10:d=3500"]
    hour = ffmpeg(folder / "hour.mkv", *rare, "-c:v", "libx264", "-preset", "ultrafast")
    claimed_durations = {"3-s": 3.0, "minus-5-s": -5.0, "nan": float("nan"), "infinity": float("inf"), "100-h": 360_000.0}
    with_false_duration = [
        recording("bombs", f"an-hour-says-{name}", _matroska_duration(hour.read_bytes(), value), "", filename="hour.mkv", max_wait_s=240)
        for name, value in claimed_durations.items()
    ]
    hundred = ffmpeg(folder / "hundred-hours.mp4", *still, "-c:v", "libx264", "-preset", "ultrafast")
    late = remux(base, folder / "late.mkv", "-output_ts_offset", "60000000")
    return [
        *with_false_duration,
        recording("bombs", "a-still-for-100-hours", hundred, "too_long"),
        recording("bombs", "silence-for-10-hours", ffmpeg(folder / "quiet.flac", *quiet), "too_long"),
        recording("bombs", "an-hour-of-a-few-frames", hour, "accepted no_slides_no_speech", max_wait_s=240),
        recording("bombs", "starts-after-two-years", late, "", max_wait_s=240),
        recording("bombs", "sound-hours-after-picture", _recording_with_late_audio(folder, base), "too_long"),
        recording("bombs", "a-gap-of-50-minutes", _recording_with_gap(folder, base), "", max_wait_s=240),
        recording("bombs", "raw-mp3-of-noise", _noise_mp3(folder), ""),
    ]


def _with_duration(content: bytes, seconds: int) -> bytes:
    """Change the duration in mvhd, tkhd and mdhd (ISO 14496-12), version 0 boxes."""
    content_copy = bytearray(content)
    for box, scale_at, duration_at in ((b"mvhd", 12, 16), (b"tkhd", None, 20), (b"mdhd", 12, 16)):
        at = content_copy.find(box)
        while at >= 0:
            scale = int.from_bytes(content_copy[at + 4 + scale_at : at + 8 + scale_at], "big") if scale_at else 1000
            struct.pack_into(">I", content_copy, at + 4 + duration_at, min(0xFFFFFFFF, seconds * scale))
            at = content_copy.find(box, at + 4)
    return bytes(content_copy)


def _matroska_duration(content: bytes, seconds: float) -> bytes:
    at = content.index(b"\x44\x89\x88")
    return content[: at + 3] + struct.pack(">d", seconds * 1000) + content[at + 11 :]


def _recording_with_late_audio(folder: Path, base: Path) -> Path:
    return ffmpeg(folder / "apart.mkv", "-i", str(base), "-itsoffset", "7000", "-i", str(base), "-map", "0:v", "-map", "1:a", "-c", "copy")


def _recording_with_gap(folder: Path, base: Path) -> Path:
    script = folder / "gap.ffconcat"
    script.write_text(f"ffconcat version 1.0\nfile '{base}'\nduration 3000\nfile '{base}'\n")
    return ffmpeg(folder / "gap.mkv", "-f", "concat", "-safe", "0", "-i", str(script), "-c", "copy")


def _noise_mp3(folder: Path) -> Path:
    """Create noise full of MPEG sync words, so that the demuxer resynchronises all the time."""
    path = folder / "noise.mp3"
    path.write_bytes((b"\xff\xfb\x90\x64" + bytes(range(256))) * 8000)
    return path


def _large_frames(folder: Path, base: Path) -> list[Case]:
    real = ffmpeg(
        folder / "16000.mkv",
        "-f",
        "lavfi",
        "-i",
        "color=gray:s=16000x16000:r=1:d=1",
        "-frames:v",
        "1",
        "-c:v",
        "mjpeg",
        "-pix_fmt",
        "yuvj420p",
    )
    frames = ffmpeg(folder / "8000.mkv", "-f", "lavfi", "-i", "color=gray:s=8000x8000:r=1:d=2", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p")
    one = ffmpeg(folder / "1x1.mkv", "-f", "lavfi", "-i", "color=red:s=2x2:r=5:d=3,format=gray,scale=1:1", "-c:v", "png")
    thin = ffmpeg(folder / "thin.mkv", "-f", "lavfi", "-i", "testsrc=s=16000x2:r=5:d=2", "-c:v", "ffv1")
    return [
        recording("bombs", "16000x16000-that-decodes", real, "unusable_recording"),
        recording("bombs", "8000x8000-that-decodes", frames, "", max_wait_s=240),
        recording("bombs", "one-pixel", one, "unusable_recording"),
        recording("bombs", "16000x2", thin, "unusable_recording"),
        recording(
            "bombs", "small-head-large-stream", _with_size(real.read_bytes(), 320, 180, matroska=True), "", filename="small-head.mkv"
        ),
        recording("bombs", "aspect-250-to-1", remux(base, folder / "aspect.mkv", "-aspect", "250:1"), ""),
    ]


def _with_size(content: bytes, width: int, height: int, *, matroska: bool = False) -> bytes:
    content_copy = bytearray(content)
    if matroska:
        for sign, side in ((b"\xb0\x82", width), (b"\xba\x82", height)):
            at = content_copy.index(sign)
            content_copy[at + 2 : at + 4] = side.to_bytes(2, "big")
        return bytes(content_copy)
    at = content_copy.index(b"avc1", content_copy.index(b"stsd"))
    struct.pack_into(">HH", content_copy, at + 28, min(width, 65_535), min(height, 65_535))
    tkhd = content_copy.index(b"tkhd")
    struct.pack_into(">II", content_copy, tkhd + 80, (width << 16) & 0xFFFFFFFF, (height << 16) & 0xFFFFFFFF)
    return bytes(content_copy)


def _many_parts(folder: Path, base: Path) -> list[Case]:
    note = folder / "attached.txt"
    note.write_text("attached\n" * 100)
    attachments = [part for number in range(300) for part in ("-attach", str(note), f"-metadata:s:t:{number}", "mimetype=text/plain")]
    big = folder / "attached.bin"
    big.write_bytes(b"lectern " * 2**20)
    heavy = [part for number in range(4) for part in ("-attach", str(big), f"-metadata:s:t:{number}", "mimetype=application/octet-stream")]
    words = folder / "words.srt"
    words.write_text("\n".join(f"{n}\n00:00:00,{n % 900:03d} --> 00:00:02,000\n{'word ' * 40}\n" for n in range(1, 20_000)))
    target = ffmpeg(folder / "bombed.mkv", "-i", str(base), "-i", str(words), "-map", "0", "-map", "1", "-c", "copy")
    audio_maps = [part for _ in range(90) for part in ("-map", "0:a")]
    return [
        recording("bombs", "300-attachments", remux(base, folder / "attachments.mkv", *attachments), "unusable_recording"),
        recording("bombs", "32-MiB-of-attachments", remux(base, folder / "heavy.mkv", *heavy), "accepted unusable_recording"),
        recording(
            "bombs",
            "attachment-without-end",
            _with_unknown_length(remux(base, folder / "endless.mkv", *heavy[:4])),
            "",
            filename="endless.mkv",
        ),
        recording("bombs", "92-sounds", remux(base, folder / "sounds.mkv", "-map", "0:v", *audio_maps), "accepted unusable_recording"),
        recording("bombs", "20000-subtitles-inside", target, "accepted"),
        recording("bombs", "5000-chapters", _recording_with_chapters(folder, base), "accepted unusable_recording"),
        recording("bombs", "a-title-of-4-MiB", _recording_with_long_title(folder, base), "accepted unusable_recording"),
    ]


def _with_unknown_length(path: Path) -> bytes:
    """Set the attachment's length to Matroska's unknown size."""
    content = bytearray(path.read_bytes())
    at = content.index(b"\x46\x5c")
    content[at + 2 : at + 10] = b"\x01" + b"\xff" * 7
    return bytes(content)


def _avi_with_streams(count: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)

    head = chunk(b"strh", b"vids" + b"MJPG" + struct.pack("<IHHIIIIIIIIhhhh", 0, 0, 0, 0, 1, 25, 0, 25, 1000, 0, 0, 0, 0, 16, 16))
    form = chunk(b"strf", struct.pack("<IiiHH4sIiiII", 40, 16, 16, 1, 24, b"MJPG", 768, 0, 0, 0, 0))
    streams = chunk(b"LIST", b"strl" + head + form) * count
    main = chunk(b"avih", struct.pack("<14I", 40_000, 0, 0, 16, 25, 0, count, 0, 16, 16, 0, 0, 0, 0))
    body = b"AVI " + chunk(b"LIST", b"hdrl" + main + streams) + chunk(b"LIST", b"movi" + chunk(b"00dc", b"\xff\xd8\xff\xd9"))
    return chunk(b"RIFF", body)


def _transport_packets(count: int) -> bytes:
    """Return MPEG transport packets, each of another stream."""
    packets = [
        b"\x47" + bytes([0x40 | (pid >> 8 & 0x1F), pid & 0xFF, 0x10]) + b"\0\0\1\xe0\0\0\x80\0\0" + bytes(175) for pid in range(32, 8000)
    ]
    return b"".join(packets[number % len(packets)] for number in range(count))


def _recording_with_chapters(folder: Path, base: Path) -> Path:
    metadata = folder / "chapters.txt"
    metadata.write_text(
        ";FFMETADATA1\n" + "".join(f"[CHAPTER]\nTIMEBASE=1/10000\nSTART={n}\nEND={n + 1}\ntitle={'x' * 100}\n" for n in range(5000))
    )
    return ffmpeg(folder / "chapters.mkv", "-i", str(base), "-i", str(metadata), "-map_metadata", "1", "-c", "copy")


def _recording_with_long_title(folder: Path, base: Path) -> Path:
    metadata = folder / "title.txt"
    metadata.write_text(";FFMETADATA1\ntitle=" + "x" * 4 * 2**20 + "\nrotate=" + "9" * 2**20 + "\n")
    return ffmpeg(folder / "title.mkv", "-i", str(base), "-i", str(metadata), "-map_metadata", "1", "-map_metadata:s:v", "1", "-c", "copy")


def _changing_frame_sizes(folder: Path) -> list[Case]:
    """Videos whose frame size changes: concatenated raw streams."""
    sizes = {"small": "320x180", "tall": "90x640", "dots": "16x16", "large": "7680x4320", "over": "16000x9000"}
    parts = {
        name: ffmpeg(
            folder / f"{name}.h264",
            "-f",
            "lavfi",
            "-i",
            f"testsrc=s={size}:r=5:d=1",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
        ).read_bytes()
        for name, size in sizes.items()
        if name != "over"
    }
    big = ffmpeg(
        folder / "over.mjpeg",
        "-f",
        "lavfi",
        "-i",
        f"color=gray:s={sizes['over']}:r=1:d=1",
        "-frames:v",
        "1",
        "-c:v",
        "mjpeg",
        "-f",
        "mjpeg",
    )
    small = ffmpeg(folder / "small.mjpeg", "-f", "lavfi", "-i", "testsrc=s=320x180:r=1:d=4", "-c:v", "mjpeg", "-f", "mjpeg")
    (folder / "mixed.mjpeg").write_bytes(small.read_bytes() + big.read_bytes() + small.read_bytes())
    video = ffmpeg(folder / "mixed.avi", "-f", "mjpeg", "-i", str(folder / "mixed.mjpeg"), "-c", "copy")
    return [
        recording("bombs", "size-changes-up-and-down", parts["small"] + parts["tall"] + parts["small"], "", filename="shifting.h264"),
        recording("bombs", "size-jumps-to-8k", parts["small"] + parts["large"], "", filename="jumping.h264", max_wait_s=240),
        recording("bombs", "size-shrinks-to-dots", parts["small"] + parts["dots"], "", filename="shrinking.h264"),
        recording("bombs", "size-jumps-to-16000x9000", video, "", max_wait_s=240),
    ]
