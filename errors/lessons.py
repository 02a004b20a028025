"""Errors of lessons and of the scripts that they are made of."""

from __future__ import annotations

from errors.jobs import StageFailed
from errors.recordings import UnusableRecording
from errors.requests import ValidationFailed


class UnreadableDeck(UnusableRecording):
    """The deck can't be read."""

    code = "unreadable_deck"
    hint = "Send a PowerPoint file (.pptx) or a PDF whose pages contain text. Save other formats as one of these."


class DeckTooLarge(UnreadableDeck):
    """The deck is larger than this server accepts."""

    code = "deck_too_large"
    hint = "Split it: a deck has at most 200 slides and 100 MB."


class UnsafeDeck(UnreadableDeck):
    """The deck contains parts that could do harm."""

    code = "unsafe_deck"
    hint = "Save it as .pptx without macros, and embed linked objects instead of linking them."


class NothingToDraft(ValidationFailed):
    """The text is too short for a lesson."""

    code = "nothing_to_draft"
    hint = "Send at least a sentence; headings, lists and tables in Markdown become scenes of their own."


class TextNotDrafted(StageFailed):
    """No script could be drafted from this text."""

    code = "text_not_drafted"
    hint = "Shorten or divide the part of the text that the message names, or ask for a script by the language model."


class ScriptUnusable(StageFailed):
    """The language model wrote no usable script."""

    code = "script_unusable"
    hint = "Try again. If it happens often, choose a larger model (SCRIPT_MODEL), or send notes and use the writer `draft`."


class LanguageModelTimeout(StageFailed):
    """The language model did not answer in time."""

    code = "language_model_silent"
    hint = "Try again. If it happens often, the operator checks the server of the model, and LANGUAGE_MODEL_TIMEOUT_S for a slow one."
