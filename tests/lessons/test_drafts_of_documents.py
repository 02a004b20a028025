"""Drafts of documents that are no notes for a lesson: manual pages, reStructuredText, READMEs, transcripts, PDF files."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.lessons import pdf_text
from services.lessons.drafting import draft
from services.lessons.outline import outline_of
from services.lessons.outline_types import CodeBlock, ItemList, Outline, Paragraph
from services.lessons.pdf_text import Line
from services.lessons.points import point_of
from services.lessons.script import Bullets, Definition, LessonScript, Summary

MANUAL = """\
pipe(7)                Miscellaneous Information Manual                pipe(7)

NAME
       pipe - overview of pipes and FIFOs

DESCRIPTION
       Pipes  and  FIFOs  provide  a  unidirectional  channel  of  commu\u2010
       nication.  Data written to one end can be read from the other one.

   Pipe capacity
       A pipe has a limited capacity.  See fcntl(2) for more information.

       The following call counts the bytes in the pipe:

           ioctl(fd, FIONREAD, &nbytes);

       -c, --create
              Create a new archive.  Arguments name the files.

              Directories are archived with all that is in them.

       -d     Find differences between the archive and the file system.

SEE ALSO
       mkfifo(1), dup(2)

Linux man-pages 6.03              2022-12-04                          pipe(7)
"""

RST_TEXT = """\
:mod:`email` Architecture
=========================

.. _target: https://example.org

Overview
--------

The :class:`~email.message.Message` class follows :rfc:`5322`, see `the guide <guide.html>`_.

Model
    An object that represents a message,
    and changes it.

Parser
    Takes characters and makes a model of them.

.. note:: Headers are kept in an ordered list.

Lifecycle
^^^^^^^^^

Start it like this::

    >>> parser = Parser()

.. versionadded:: 3.2
.. image:: message.png
   :alt: A message
"""

README = """\
# Tool

[![Build](badge.svg)](ci) [![Docs](badge2.svg)](docs)

[Home](/) | [Docs](/docs) | [Blog](/blog)

## Table of Contents

* [Usage](#usage)
* **[Install](#install)**
  * [Linux](#linux)
* [License](#license)

## HOW TO USE IT:

> [!NOTE]
> The tool reads every file twice.

* Download the tool:

  ```sh
  echo "$HOME $(tool root)/bin:$PATH"
  ```

* Then open a window.

## Team

* ann - Ann Arbor <ann@example.org> (she/her)
* bob - Bob Burns <bob@example.org>

## Contributing to Tool

Send a patch.

## License

Copyright 2026 Ann Arbor. You may copy this.
"""

TRANSCRIPT = """\
How plants make sugar
=====================

Duration: 3:21
Date: 2026-11-29
Source: How plants make sugar.mp4


1. Photosynthesis
-----------------
0:00–0:10

  \u2022 Light becomes sugar

Biology, term 1

[0:00] Every breath depends on it. It happens in leaves.


2. What a plant needs
---------------------
0:10–0:24

  \u2022 Water

Biology, term 1

[0:10] A plant needs three things.


3. Summary of all
-----------------
0:24–0:45

Biology, term 1

[0:24] Plants turn light into sugar.
"""

SUBTITLES = "WEBVTT\n\n" + "\n\n".join(
    f"{number}\n00:00:0{number}.000 --> 00:00:0{number}.900\n{text}"
    for number, text in enumerate(("<v Ann>A leaf needs light,", "water and air.", "It makes sugar."), 1)
)


def texts(outline: Outline) -> list[str]:
    return [block.text for section in outline.sections for block in section.blocks if isinstance(block, Paragraph)]


def items(outline: Outline) -> list[str]:
    return [item for section in outline.sections for block in section.blocks if isinstance(block, ItemList) for item in block.items]


def codes(outline: Outline) -> list[str]:
    return [block.code for section in outline.sections for block in section.blocks if isinstance(block, CodeBlock)]


def items_on_slides(script: LessonScript) -> list[str]:
    return [item for scene in script.scenes if isinstance(scene.content, Bullets | Summary) for item in scene.content.items]


def test_a_manual_page_has_headings_paragraphs_options_and_code() -> None:
    outline = outline_of(MANUAL)
    assert outline.title == "pipe – overview of pipes and FIFOs"
    assert outline_of(MANUAL.replace("NAME\n", "BEZEICHNUNG\n")).title == outline.title
    assert [section.heading for section in outline.sections] == ["Description", "Pipe capacity"]
    assert texts(outline)[0] == (
        "Pipes and FIFOs provide a unidirectional channel of communication. Data written to one end can be read from the other one."
    )
    assert codes(outline) == ["ioctl(fd, FIONREAD, &nbytes);"]
    assert items(outline) == [
        "-c, --create: Create a new archive. Arguments name the files. Directories are archived with all that is in them.",
        "-d: Find differences between the archive and the file system.",
    ]
    narration = " ".join(scene.narration for scene in draft(MANUAL).scenes)
    assert "fcntl" not in narration and "mkfifo" not in narration and "counts the bytes in the pipe" in narration


def test_restructured_text_is_read_without_its_marks() -> None:
    outline = outline_of(RST_TEXT)
    assert outline.title == "email Architecture"
    assert [section.heading for section in outline.sections] == ["Overview", "Lifecycle"]
    assert texts(outline) == [
        "The Message class follows RFC 5322, see the guide.",
        "Headers are kept in an ordered list.",
        "Start it like this:",
    ]
    assert items(outline) == [
        "Model: An object that represents a message, and changes it.",
        "Parser: Takes characters and makes a model of them.",
    ]
    assert codes(outline) == [">>> parser = Parser()"]


def test_navigation_people_and_licences_are_left_out() -> None:
    outline = outline_of(README)
    assert (outline.title, [section.heading for section in outline.sections if section.blocks]) == ("Tool", ["How to use it"])
    assert codes(outline) == ['echo "$HOME $(tool root)/bin:$PATH"']
    script = draft(README)
    narration = " ".join(scene.narration for scene in script.scenes)
    assert "The tool reads every file twice." in narration and "Download the tool." in narration
    assert not any(word in narration for word in ("Blog", "Ann", "patch", "Copyright", "NOTE", "Contents"))


def test_times_and_running_headers_of_transcripts_are_left_out() -> None:
    outline = outline_of(TRANSCRIPT)
    assert (outline.title, [section.heading for section in outline.sections]) == (
        "How plants make sugar",
        ["Photosynthesis", "What a plant needs", "Summary of all"],
    )
    assert texts(outline) == [
        "Every breath depends on it. It happens in leaves.",
        "A plant needs three things.",
        "Plants turn light into sugar.",
    ]
    assert items(outline) == ["Light becomes sugar", "Water"]
    assert texts(outline_of(SUBTITLES)) == ["A leaf needs light, water and air. It makes sugar."]
    clock = "At 9:30 we meet.\n\n12:15 is noon."
    assert texts(outline_of(clock)) == ["At 9:30 we meet.", "12:15 is noon."]


SUBORDINATE = (
    "If all descriptors of the write end have been closed by every process, then reading from the pipe returns an end of file to each of "
    "the processes that still read from it"
)
TWO_CLAUSES = "An application that uses both calls should use suitable calls to close unnecessary descriptors"
LONG_OPENING = "Since the text is long, which happens often, the slide shows the part before the clause"
ITEM = "One. " + "Two and three are words of this item. " * 3


@pytest.mark.parametrize(
    ("sentence", "point"),
    [
        ("However, a pipe is full.", "A pipe is full"),
        ("(On Linux, it is 4096 bytes.)", "On Linux, it is 4096 bytes"),
        (ITEM + "Two and three are words of this item. " * 2, ITEM),
        (SUBORDINATE, SUBORDINATE),
        (TWO_CLAUSES + "; this ensures that the end of a file is delivered when it is appropriate", TWO_CLAUSES),
        (LONG_OPENING + ", because viewers read slowly and listen to the voice while they look at all of the words", LONG_OPENING),
    ],
    ids=["opening", "brackets", "sentences", "subordinate", "semicolon", "clause"],
)
def test_points_are_whole_sentences(sentence: str, point: str) -> None:
    assert point_of(sentence) == point.strip().removesuffix(".")


def test_definitions_are_of_nouns() -> None:
    text = (
        "A pipe is a channel between two processes. The result of that is a number of bytes. The only way to read is a call to read. "
        "This interface is the one that was removed. Your buffer is a good example of it. The kernel is the part that runs first."
    )
    terms = [scene.content.term for scene in draft(text).scenes if isinstance(scene.content, Definition)]
    assert terms == ["Pipe", "Kernel"]


def test_short_paragraphs_share_a_slide() -> None:
    script = draft("# Leaves\n\nA leaf is green.\n\nIt needs light.\n\nIt makes sugar.")
    assert items_on_slides(script) == ["A leaf is green", "It needs light", "It makes sugar"]
    assert sum(isinstance(scene.content, Bullets) for scene in script.scenes) == 1


def pages(*texts: Sequence[Line]) -> list[list[Line]]:
    """Pages with a running header and a number."""
    return [[Line("The MIME database", 9.0), *lines, Line(str(number), 9.0)] for number, lines in enumerate(texts, 1)]


def page_body(name: str) -> list[Line]:
    return [
        *[Line("All desktops and many of the programs on them depend on a database of types of files.", 10.0)] * 9,
        Line("Many programs use the MIME system to represent the types of files. Often, it is neces-", 10.0),
        Line("sary to find the type of a file.", 10.0),
        Line("Each application installs <one> file.", 10.0),
        *(Line(f"• Item {number} of {name}", 10.0) for number in (1, 2)),
        Line(f"def {name}(x):", 10.0, is_code=True),
        Line(f"return {name}", 10.0, is_code=True),
    ]


def test_pdf_files_of_running_text_have_headings_paragraphs_lists_and_code() -> None:
    document = pages(
        [Line("MIME types", 20.0), Line("Introduction . . . . . . . 2", 10.0), Line("1. Introduction", 14.0), *page_body("f")],
        [Line("1.1. Terms", 12.0), *page_body("g")],
        [Line("2. Use", 14.0), *page_body("h")],
    )
    outline = outline_of(pdf_text.to_markdown(document))
    assert outline.title == "MIME types"
    assert [section.heading for section in outline.sections] == ["Introduction", "Terms", "Use"]
    assert texts(outline)[0].endswith(
        "Many programs use the MIME system to represent the types of files. Often, it is necessary to find the type of a file."
    )
    assert texts(outline)[1] == "Each application installs <one> file."
    assert items(outline)[:2] == ["Item 1 of f", "Item 2 of f"]
    assert codes(outline)[0] == "def f(x):\nreturn f"
    long_page = [Line("A long line of running text, as papers and handouts have them.", 10.0)] * 15
    assert pdf_text.is_running_text([long_page], [True])
    assert not pdf_text.is_running_text([long_page], [False]) and not pdf_text.is_running_text([long_page[:3]], [True])
