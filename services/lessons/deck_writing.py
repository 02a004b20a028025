"""Write a script as an editable PowerPoint deck: text, tables and charts as such, formulas as pictures, narrations as notes."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from lib.process import Report
from services.lessons import script
from services.lessons.rendering.rich_text import speak_formulas, write_formulas
from services.lessons.rendering.slides import is_right_to_left
from services.lessons.script import LessonScript, Scene
from services.lessons.themes import THEMES, Theme
from services.speech_synthesis.narration import without_pauses

_WIDTH, _HEIGHT = Emu(12_192_000), Emu(6_858_000)  # 16:9, 13.33 by 7.5 inches
_MARGIN = Emu(609_600)
_TITLE_TOP, _TITLE_HEIGHT = Emu(380_000), Emu(1_000_000)
_BODY_TOP = Emu(1_520_000)
_BODY_HEIGHT = Emu(_HEIGHT - _BODY_TOP - _MARGIN)
_TITLE_ONLY_LAYOUT = 5
_RGB: Any = RGBColor  # the library has no types for these two
_ChartData: Any = CategoryChartData
_CHARTS = {"bar": XL_CHART_TYPE.COLUMN_CLUSTERED, "line": XL_CHART_TYPE.LINE_MARKERS, "pie": XL_CHART_TYPE.PIE}
_MAX_PT, _MIN_PT = 28, 12
_ITEM = "• "  # begins a line that is an item of a list
_ITEM_INDENT = Emu(342_900)
_LETTERS_AT_MAX = 330  # that a full slide holds at the largest size


def write_task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Run as a child task. Payload: script, theme, target, pictures: by scene id [file, width, height] in place of its content."""
    lesson = LessonScript.model_validate(payload["script"])
    write_deck(lesson, THEMES[payload["theme"]], payload["pictures"], Path(payload["target"]), report)
    return {"slides": len(lesson.scenes)}


def write_deck(lesson: LessonScript, theme: Theme, pictures: Mapping[str, Sequence[Any]], target: Path, report: Report) -> None:
    """Write the deck. Elements are in the order in which a reader should meet them, the title first."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = _WIDTH, _HEIGHT
    deck.core_properties.title, deck.core_properties.language = lesson.title, lesson.language
    for number, scene in enumerate(lesson.scenes):
        report(number, len(lesson.scenes))
        _Slide(deck, theme, lesson.language).fill(scene, pictures.get(scene.id))
    deck.save(str(target))


class _Slide:
    """One slide and its parts."""

    def __init__(self, deck: Any, theme: Theme, language: str) -> None:
        self._slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY_LAYOUT])
        self._theme, self._language = theme, language
        self._is_rtl = is_right_to_left(language)
        fill = self._slide.background.fill
        fill.solid()
        fill.fore_color.rgb = _colour(theme.background)

    def fill(self, scene: Scene, picture: Sequence[Any] | None) -> None:
        """Add the content of a scene, and its narration as notes."""
        notes = self._slide.notes_slide.notes_text_frame
        notes.text = without_pauses(speak_formulas(scene.narration, self._language))
        self._set_direction(notes)
        content = scene.content
        self._title(content)
        if picture is not None:
            self._picture(*picture, alt=getattr(content, "alt", "") or _heading(content) or content.kind)
            self._captions(content)
            return
        match content:
            case script.Title(subtitle=subtitle):
                self._text([subtitle] if subtitle else [], top=Emu(3_400_000), is_muted=True)
            case script.Bullets(items=items) | script.Summary(items=items):
                self._text([f"{_ITEM}{item}" for item in items])
            case script.TwoColumns(left=left, right=right):
                half = Emu((_WIDTH - 3 * _MARGIN) // 2)
                places = (_MARGIN, Emu(2 * _MARGIN + half))
                for column, at in zip((left, right), reversed(places) if self._is_rtl else places, strict=True):
                    lines = [*([column.heading] if column.heading else []), *(f"{_ITEM}{item}" for item in column.items)]
                    self._text(lines, left=at, width=half)
            case script.Quote(text=text, author=author):
                self._text([f"“{text}”", *([f"— {author}"] if author else [])])
            case script.Definition(definition=definition, example=example):
                self._text([definition, *([example] if example else [])])
            case script.Formula(steps=steps, note=note):
                self._text([*steps, *([note] if note else [])], font="Courier New")
            case script.Code(code=code):
                self._text(code.split("\n"), font="Courier New")
            case script.Table():
                self._table(content)
            case script.Chart():
                self._chart(content)
            case script.Diagram(nodes=nodes, edges=edges):
                labels = {node.id: node.label for node in nodes}
                self._text([f"{labels[edge.source]} → {labels[edge.target]}" for edge in edges] or list(labels.values()))
            case script.Quiz(options=options, answer=answer, explanation=explanation):
                option_lines = [
                    f"{chr(65 + number)}. {option}" + (" ✓" if number == answer else "") for number, option in enumerate(options)
                ]
                self._text([*option_lines, *([explanation] if explanation else [])])
            case script.Clip(recording_id=recording_id, start_s=start_s, end_s=end_s):
                self._text([f"{recording_id}: {start_s:g} s – {end_s:g} s"])
            case script.Callouts(callouts=callouts):
                self._text([each.text for each in callouts])
            case script.Image(caption=caption):
                self._text([caption] if caption else [])

    def _title(self, content: script.Content) -> None:
        shape = self._slide.shapes.title
        is_opening = isinstance(content, script.Title)
        shape.left, shape.width = _MARGIN, Emu(_WIDTH - 2 * _MARGIN)
        shape.top, shape.height = (Emu(2_000_000) if is_opening else _TITLE_TOP), _TITLE_HEIGHT
        shape.text_frame.word_wrap = True
        shape.text_frame.text = _heading(content)
        shape.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        self._style(shape.text_frame, 40 if is_opening else 32, self._theme.accent, self._theme.heading_fonts[0])
        self._set_direction(shape.text_frame)

    def _text(
        self,
        lines: Sequence[str],
        *,
        left: Emu = _MARGIN,
        top: Emu = _BODY_TOP,
        width: Emu | None = None,
        font: str = "",
        is_muted: bool = False,
    ) -> None:
        if not lines:
            return
        box = self._slide.shapes.add_textbox(left, top, width or Emu(_WIDTH - 2 * _MARGIN), Emu(_HEIGHT - top - _MARGIN))
        frame = box.text_frame
        frame.word_wrap = True
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.text = write_formulas(line.removeprefix(_ITEM))
            paragraph.space_after = Pt(6)
            if line.startswith(_ITEM):
                _add_marker(paragraph)
        share = 1.0 if width is None else 0.5
        size = _size(sum(max(len(line), 30 * share) for line in lines) / share)
        self._style(frame, size, self._theme.muted if is_muted else self._theme.text, font or self._theme.body_fonts[0])
        if not font:  # code and formulas run from left to right in every language
            self._set_direction(frame)

    def _set_direction(self, frame: Any) -> None:
        """Let the paragraphs begin at the right in languages that are written from right to left."""
        for paragraph in frame.paragraphs if self._is_rtl else ():
            paragraph.alignment = PP_ALIGN.RIGHT
            paragraph._p.get_or_add_pPr().set("rtl", "1")

    def _style(self, frame: Any, size_pt: float, colour: str, font: str) -> None:
        for paragraph in frame.paragraphs:
            paragraph.font.size, paragraph.font.name = Pt(size_pt), font
            paragraph.font.color.rgb = _colour(colour)

    def _table(self, content: script.Table) -> None:
        rows, columns = len(content.rows) + 1, len(content.columns)
        height = Emu(min(_BODY_HEIGHT, rows * 420_000))
        table = self._slide.shapes.add_table(rows, columns, _MARGIN, _BODY_TOP, Emu(_WIDTH - 2 * _MARGIN), height).table
        table._tbl.tblPr.set("rtl", str(int(self._is_rtl)))  # the first column at the right
        size = max(_MIN_PT, 20 - max(rows - 6, 0))
        for row, cells in enumerate((content.columns, *content.rows)):
            for column, text in enumerate(cells):
                cell = table.cell(row, column)
                cell.text_frame.text = write_formulas(text)
                cell.fill.solid()
                cell.fill.fore_color.rgb = _colour(self._theme.accent if row == 0 else self._theme.surface)
                colour = self._theme.on_accent if row == 0 else self._theme.text
                self._style(cell.text_frame, size, colour, self._theme.body_fonts[0])
                self._set_direction(cell.text_frame)

    def _chart(self, content: script.Chart) -> None:
        data: Any = _ChartData()
        data.categories = list(content.labels)
        for series in content.series:
            data.add_series(series.name or content.unit or content.heading, series.values)
        frame = self._slide.shapes.add_chart(_CHARTS[content.form], _MARGIN, _BODY_TOP, Emu(_WIDTH - 2 * _MARGIN), _BODY_HEIGHT, data)
        chart = frame.chart
        chart.has_title = False
        chart.has_legend = content.form == "pie" or len(content.series) > 1
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.RIGHT, False
        chart.font.size, chart.font.color.rgb = Pt(14), _colour(self._theme.text)
        plot = chart.plots[0]
        if content.form != "pie":
            chart.value_axis.major_gridlines.format.line.color.rgb = _colour(self._theme.line)
        plot.has_data_labels = len(content.labels) * len(content.series) <= 24
        if content.form == "pie":
            for number in range(len(content.labels)):
                self._paint(plot.series[0].points[number].format.fill, number)
        else:
            for number, series in enumerate(plot.series):
                self._paint(series.format.line if content.form == "line" else series.format.fill, number)

    def _paint(self, part: Any, number: int) -> None:
        colour = _colour(self._theme.palette[number % len(self._theme.palette)])
        if hasattr(part, "solid"):
            part.solid()
            part.fore_color.rgb = colour
        else:
            part.color.rgb = colour

    def _picture(self, file: str, width: int, height: int, *, alt: str) -> None:
        room_width, room_height = _WIDTH - 2 * _MARGIN, _BODY_HEIGHT
        scale = min(room_width / width, room_height / height)
        size = Emu(round(width * scale)), Emu(round(height * scale))
        left, top = Emu((_WIDTH - size[0]) // 2), Emu(_BODY_TOP + (room_height - size[1]) // 2)
        picture = self._slide.shapes.add_picture(file, left, top, *size)
        picture._element.nvPicPr.cNvPr.set("descr", alt)
        self._place = functools.partial(_point, left, top, size)

    def _captions(self, content: script.Content) -> None:
        """Add the labels of a picture where they belong, as text that can be moved."""
        if isinstance(content, script.Callouts):
            for each in content.callouts:
                left, top = self._place(each.x, each.y)
                self._label(each.text, left, top, Emu(2_400_000))
        elif isinstance(content, script.Image) and content.caption:
            self._label(content.caption, _MARGIN, Emu(_HEIGHT - _MARGIN), Emu(_WIDTH - 2 * _MARGIN))

    def _label(self, text: str, left: Emu, top: Emu, width: Emu) -> None:
        box = self._slide.shapes.add_textbox(Emu(min(left, _WIDTH - width)), top, width, Emu(380_000))
        box.text_frame.word_wrap = True
        box.text_frame.text = text
        self._style(box.text_frame, 14, self._theme.text, self._theme.body_fonts[0])
        self._set_direction(box.text_frame)


def _point(left: Emu, top: Emu, size: tuple[Emu, Emu], x: float, y: float) -> tuple[Emu, Emu]:
    return Emu(left + round(size[0] * x)), Emu(top + round(size[1] * y))


def _heading(content: script.Content) -> str:
    return str(next((value for name in ("heading", "term", "question") if (value := getattr(content, name, ""))), ""))


def _size(letters: float) -> float:
    """Return a font size at which this number of letters fits; areas grow with the square of the size."""
    fitting: int = round(_MAX_PT * (_LETTERS_AT_MAX / max(letters, 1)) ** 0.5)
    return max(_MIN_PT, min(_MAX_PT, fitting))


def _colour(text: str) -> Any:
    return _RGB.from_string(text.removeprefix("#").upper())


def _add_marker(paragraph: Any) -> None:
    """Give a paragraph the marker of a list, as PowerPoint writes it; the library has no function for it."""
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", str(int(_ITEM_INDENT)))
    properties.set("indent", str(-int(_ITEM_INDENT)))
    properties.append(properties.makeelement(qn("a:buFont"), {"typeface": "Arial"}))
    properties.append(properties.makeelement(qn("a:buChar"), {"char": _ITEM.strip()}))
