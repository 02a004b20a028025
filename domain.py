"""Frozen values that cross stages and layers: media, speech, slides and the notes made of them.

Times are seconds (float) on the container's clock, on which picture, sound and subtitles run together.
Boxes are in pixels of the picture they belong to, origin at the top left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class TimeRange:
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return max(0.0, self.end_s - self.start_s)

    def holds(self, time_s: float) -> bool:
        """Whether `time_s` lies in the half-open range [start, end)."""
        return self.start_s <= time_s < self.end_s


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int


# ---------------------------------------------------------------- media


@dataclass(frozen=True)
class VideoStream:
    """The video stream as displayed: `width` and `height` include rotation and pixel aspect ratio.

    `transfer`: the transfer function, as ffmpeg names it; "" if unknown. `frame_rate`: frames per second on average; `nominal_frame_rate`:
    the lowest rate at which every frame has a time of its own, larger where the rate varies; 0.0 if unknown.
    """

    codec: str
    width: int
    height: int
    frame_rate: float
    start_s: float = 0.0
    rotation: int = 0
    transfer: str = ""
    index: int = 0
    nominal_frame_rate: float = 0.0


@dataclass(frozen=True)
class AudioStream:
    """`index`: the stream's number in the file, from 0; `start_s` comes from the container; 0.0 if it has none."""

    codec: str
    channels: int
    sample_rate: int
    start_s: float = 0.0
    index: int = 0
    title: str = ""


@dataclass(frozen=True)
class MediaInfo:
    """A file's properties. `video` and `audio` are the streams to use, the first ones of `video_streams` and `audio_streams`.

    `start_s`: the time in the file at which the container's clock is 0. `announced_s`: the duration that the container states, if the file
    is cut off and `duration_s` is that of the part that is there; else 0.
    """

    format_name: str
    duration_s: float
    size_bytes: int
    video: VideoStream | None = None
    audio: AudioStream | None = None
    start_s: float = 0.0
    video_streams: tuple[VideoStream, ...] = ()
    audio_streams: tuple[AudioStream, ...] = ()
    announced_s: float = 0.0


# ---------------------------------------------------------------- speech


class Style(StrEnum):
    """The style of a part of a text."""

    ITALIC = "italic"
    BOLD = "bold"
    SUPERSCRIPT = "superscript"
    SUBSCRIPT = "subscript"


@dataclass(frozen=True)
class Mark:
    """The layout at a word: its styles, and what stands before it.

    `heading` is the text of a heading before the word, which nobody spoke; `heading_level` counts from 1. The others compare a text with
    the recognised one: `is_inserted` if the word is not in that, `deleted_before` and `deleted_after` hold words that only that has.
    """

    styles: tuple[Style, ...] = ()
    starts_paragraph: bool = False
    heading: str = ""
    heading_level: int = 1
    is_inserted: bool = False
    deleted_before: str = ""
    deleted_after: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word. `text` includes the leading space in languages that use spaces: join words with `"".join`.

    `probability` is the recogniser's, 0 to 1; 1.0 for words that came from subtitles or that a person wrote.
    """

    text: str
    start_s: float
    end_s: float
    probability: float = 1.0
    mark: Mark | None = None


@dataclass(frozen=True)
class Segment:
    """A run of words: a phrase in a `Transcript`, a paragraph in `LectureNotes`."""

    start_s: float
    end_s: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words).strip()


@dataclass(frozen=True)
class FlaggedSegment:
    """Words that the engine returned but that were probably not said. They are left out of documents and can be restored.

    `reason`: repetition, compression_ratio, log_probability, no_speech, too_fast or wrong_script.
    """

    segment: Segment
    reason: str


@dataclass(frozen=True)
class Caption:
    """Lines that are shown together. Times are whole milliseconds, the resolution of SRT and VTT."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


class SpeechSource(StrEnum):
    RECOGNISED = "recognised"
    SUBTITLES = "subtitles"
    NONE = "none"


@dataclass(frozen=True)
class Transcript:
    """All speech, in time order. `language` is an ISO 639-1 code, or "" if there is no speech.

    `captions`: the cues of uploaded subtitles that a person made; empty for recognised speech and automatic captions.
    `warnings`: what a person should check. `flagged`: what was recognised but left out of `segments`.
    """

    language: str
    segments: tuple[Segment, ...]
    source: SpeechSource
    engine: str = ""
    language_probability: float = 1.0
    captions: tuple[Caption, ...] = ()
    warnings: tuple[str, ...] = ()
    flagged: tuple[FlaggedSegment, ...] = ()


# ---------------------------------------------------------------- slides


@dataclass(frozen=True)
class BuildStep:
    """A state of a slide before its final one; `time_s` is when that state was complete, `image` a file name or None."""

    time_s: float
    image: str | None = None


@dataclass(frozen=True)
class DetectedSlide:
    """A distinct slide, the times at which it was shown, and a time at which its final state is still and unobstructed.

    `resembles_earlier`: its picture hardly differs from that of a slide before it.
    """

    visits: tuple[TimeRange, ...]
    frame_time_s: float
    image: str | None = None
    width: int = 0
    height: int = 0
    builds: tuple[BuildStep, ...] = ()
    resembles_earlier: bool = False


@dataclass(frozen=True)
class SlideTimeline:
    """The slide engine's result: slides in order of first appearance, the slide region of the frame, and the ignored regions."""

    slides: tuple[DetectedSlide, ...]
    region: Box | None = None
    ignored: tuple[Box, ...] = ()
    unstable_share: float = 0.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A word recognised in an image, its box and the engine's confidence (0 to 1). `line` numbers lines from the top."""

    text: str
    box: Box
    confidence: float
    line: int = 0


@dataclass(frozen=True)
class SlideText:
    """The recognised text of one slide, in reading order; `title` is "" if none was found."""

    words: tuple[OcrWord, ...]
    title: str = ""


# ---------------------------------------------------------------- notes


@dataclass(frozen=True)
class Visit:
    """One appearance of a slide and the paragraphs spoken over it."""

    time: TimeRange
    paragraphs: tuple[Segment, ...] = ()


@dataclass(frozen=True)
class Slide:
    """A slide of the finished notes. `number` counts from 1; `image` is a file name beside the notes.

    `deck_page` is the page of the lecture's deck that it shows, 0 if there is none; `speaker_notes` come from that.
    """

    number: int
    title: str
    image: str
    width: int
    height: int
    frame_time_s: float
    visits: tuple[Visit, ...]
    ocr: tuple[OcrWord, ...] = ()
    builds: tuple[BuildStep, ...] = ()
    deck_page: int = 0
    speaker_notes: str = ""


@dataclass(frozen=True)
class DeckPageUse:
    """The use of a page of the lecture's deck: the numbers of its slides, none if it was not shown, and for how long.

    `is_step`: an earlier build step of a page that was shown.
    """

    number: int
    title: str
    slides: tuple[int, ...] = ()
    shown_s: float = 0.0
    is_step: bool = False
    speaker_notes: str = ""


@dataclass(frozen=True)
class QualityReport:
    """Signs of trouble that need no ground truth. Shares and confidences are 0 to 1."""

    slides_per_minute: float = 0.0
    near_duplicate_risk: float = 0.0
    unstable_share: float = 0.0
    ocr_confidence: float | None = None
    speech_coverage: float | None = None
    needs_review: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class LectureNotes:
    """The one value every renderer takes. Every spoken word is in exactly one place.

    `source_url` is a link into the recording or "" ; a time is appended by renderers as `#t=SECONDS`. `source_offset_s` is the time in that
    recording at which the notes begin.
    `created_on` is the job's date, ISO 8601 (YYYY-MM-DD): the same notes give the same bytes.
    `unplaced` holds the paragraphs over no slide: all of them in an audio recording, none where there are slides.
    `captions`: see `Transcript`; subtitle files are written from them where there are any, else from the words.
    `author` and `course` are "" if unknown; `lecture_number` is the place in the course from 1, or 0. `moment_url` is the address to which
    "/" and the code of a moment is appended (services/citations), or "".
    `deck` has the pages of the deck that was given with the recording (services/lecture_deck).
    """

    title: str
    duration_s: float
    language: str
    created_on: str
    source_url: str = ""
    source_name: str = ""
    speech_source: SpeechSource = SpeechSource.NONE
    slides: tuple[Slide, ...] = ()
    unplaced: tuple[Segment, ...] = ()
    region: Box | None = None
    ignored: tuple[Box, ...] = ()
    quality: QualityReport = field(default_factory=QualityReport)
    captions: tuple[Caption, ...] = ()
    source_offset_s: float = 0.0
    author: str = ""
    course: str = ""
    lecture_number: int = 0
    moment_url: str = ""
    deck: tuple[DeckPageUse, ...] = ()


class Visibility(StrEnum):
    """The people who may watch a recording: everybody who finds it, everybody who knows its address, or its owner."""

    PUBLIC = "PUBLIC"
    UNLISTED = "UNLISTED"
    PRIVATE = "PRIVATE"


class ProcessingStatus(StrEnum):
    """Whether a recording is ready for viewers; the words are those of iTube."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class JobState(StrEnum):
    """A job's life: queued -> running -> succeeded | failed | cancelled; cancelling while a running one is being stopped."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL_STATES = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
ACTIVE_STATES = (JobState.QUEUED, JobState.RUNNING)  # as the database knows them; `cancelling` is a running job
