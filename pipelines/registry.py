"""All pipelines by name."""

from __future__ import annotations

from pipelines.document_rendering import DOCUMENT_RENDERING
from pipelines.lecture_notes import LECTURE_NOTES
from pipelines.lesson import LESSON
from pipelines.link_import import LINK_IMPORT
from pipelines.link_listing import LINK_LISTING
from pipelines.pipeline import Pipeline
from pipelines.podcast_video import PODCAST_VIDEO
from pipelines.script_writing import SCRIPT_WRITING
from pipelines.streaming import STREAMING
from pipelines.transcript_proofreading import TRANSCRIPT_PROOFREADING
from pipelines.voice_over import VOICE_OVER
from pipelines.youtube_publishing import YOUTUBE_PUBLISHING

_PIPELINES = (
    LECTURE_NOTES,
    DOCUMENT_RENDERING,
    TRANSCRIPT_PROOFREADING,
    LINK_IMPORT,
    LINK_LISTING,
    STREAMING,
    SCRIPT_WRITING,
    LESSON,
    VOICE_OVER,
    PODCAST_VIDEO,
    YOUTUBE_PUBLISHING,
)
PIPELINES: dict[str, Pipeline] = {pipeline.name: pipeline for pipeline in _PIPELINES}
