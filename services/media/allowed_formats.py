"""The container formats and picture sizes that ffmpeg and PyAV may open."""

from __future__ import annotations

from pathlib import Path

# Self-contained containers only: playlists, concat scripts and image patterns can open other files or hosts.
ALLOWED_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,wav,w64,mp3,aac,flac,aiff,ac3,eac3,amr,amrnb,amrwb,"
    "au,caf,dts,dv,h264,hevc,m4v,mxf,nut,rm,tta,wv,ape,ivf,obu"
)
RAW_AUDIO = {"aac", "mp3", "ac3", "eac3", "amr", "amrnb", "amrwb", "dts"}  # no index: the duration is an estimate
RAW_VIDEO = {"h264", "hevc", "m4v", "mpegvideo"}  # neither an index nor times
MAX_PIXELS = 2**26  # per frame


def file_url(path: Path) -> str:
    """Return a URL that makes ffmpeg take the path literally."""
    return f"file:{path.absolute()}"
