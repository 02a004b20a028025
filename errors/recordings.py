"""Errors of files that can't be converted."""

from __future__ import annotations

from errors.base import LecternError


class UnusableRecording(LecternError):
    """This recording can't be converted."""

    code = "unusable_recording"
    status = 422
    hint = "Check that the file plays on your computer; if so, convert it to MP4 and upload that."


class NotMedia(UnusableRecording):
    """This file is not a video or audio recording."""

    code = "not_media"
    status = 415
    hint = "Upload MP4, WebM, MKV, MOV, AVI, MP3, M4A, WAV, OGG or FLAC."


class UnknownCodec(UnusableRecording):
    """The video or audio codec of this recording is not supported."""

    code = "unknown_codec"
    status = 415
    hint = "Convert it to MP4 with H.264 and AAC, then upload that."


class EmptyFile(UnusableRecording):
    """The file is empty."""

    code = "empty_file"
    status = 400
    hint = "Check that the recording was saved completely."


class NoSlidesNoSpeech(UnusableRecording):
    """This recording contains neither slides nor speech."""

    code = "no_slides_no_speech"
    hint = "Check that you uploaded the right file and that its audio is not muted."


class NoSpeech(NoSlidesNoSpeech):
    """This recording contains no speech."""

    code = "no_speech"


class BadSubtitles(UnusableRecording):
    """The subtitles are invalid."""

    code = "bad_subtitles"
    hint = "Upload SRT or WebVTT text with at least one timed line."


class UnreadableText(UnusableRecording):
    """The text can't be read."""

    code = "unreadable_text"
    hint = "Send plain text, Markdown, or a Word document (.docx). Text with times is SRT or WebVTT: send it as `subtitles`."


class TextDoesNotFit(UnusableRecording):
    """The text is not what is said in the recording."""

    code = "text_does_not_fit"
    hint = "Send another text to POST /api/v1/transcripts/ID/own-text, or delete it there and convert the recording again without it."


class TooLong(UnusableRecording):
    """The recording is longer than this server accepts."""

    code = "too_long"
    hint = "Split the recording, or ask the operator to raise MAX_DURATION_S."


class UnusableReferenceDocument(UnusableRecording):
    """This Word file can't be the template of documents."""

    code = "unusable_reference_document"
    hint = "Start from the template of this server, change its styles in Word, and save it as .docx without macros."
