"""The codecs whose decoders may be opened: those of cameras, lecture recorders, browsers and editors.

Many of the vulnerabilities that are found in ffmpeg are in decoders that recordings do not need (https://ffmpeg.org/security.html).
"""

from __future__ import annotations

_CODECS = """
    h261 h263 h263p h264 hevc vvc av1 vp6 vp6a vp6f vp8 vp9 theora flv1 mpeg1video mpeg2video mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4v3
    vc1 wmv1 wmv2 wmv3 mss1 mss2 mts2 rv30 rv40 mjpeg png gif bmp jpeg2000 rawvideo v210 ffv1 huffyuv ffvhuff utvideo prores dnxhd
    dvvideo cfhd qtrle rpza svq1 svq3 cinepak msvideo1 msrle flashsv flashsv2 tscc tscc2 g2m zmbv vmnc screenpresso cscd

    aac aac_latm mp1 mp2 mp3 ac3 eac3 dts truehd mlp opus vorbis speex flac alac ape tta wavpack cook sipr nellymoser gsm gsm_ms
    amr_nb amr_wb wmav1 wmav2 wmapro wmalossless wmavoice adpcm_g722 adpcm_g726 adpcm_ms adpcm_ima_wav adpcm_ima_qt adpcm_swf
    adpcm_yamaha pcm_alaw pcm_mulaw pcm_s8 pcm_u8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_u16le pcm_u16be
    pcm_u24le pcm_u24be pcm_u32le pcm_u32be pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_s16le_planar pcm_s16be_planar
    pcm_s24le_planar pcm_s32le_planar pcm_dvd pcm_bluray s302m dvaudio
"""
_OTHER_DECODERS = """
    libdav1d libvpx libvpx-vp9 flv mpegvideo msmpeg4 camtasia camstudio mp1float mp2float mp3float dca libopus g722 g726 amrnb amrwb
    libopencore_amrnb libopencore_amrwb subrip srt ass ssa mov_text webvtt text
"""  # those of these codecs whose names differ, and those of subtitles
ALLOWED_CODECS = frozenset(_CODECS.split())
ALLOWED_DECODERS = ",".join([*_CODECS.split(), *_OTHER_DECODERS.split()])  # ffmpeg's codec_whitelist
