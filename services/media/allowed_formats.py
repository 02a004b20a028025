"""What is opened, and how much of it: for ffmpeg, ffprobe and PyAV alike."""

from __future__ import annotations

from pathlib import Path

# Containers that hold their own data. Playlists, concat scripts, image patterns and the like open other files or hosts, so they stay out.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,wav,w64,mp3,aac,flac,aiff,ac3,eac3,amr,amrnb,amrwb,"
    "au,caf,dts,dv,h264,hevc,m4v,mxf,nut,rm,tta,wv,ape,ivf,obu"
)
MAX_PIXELS = 2**26  # of one picture


def url_of(path: Path) -> str:
    """The path as ffmpeg takes it literally, whatever characters it has."""
    return f"file:{path.absolute()}"
