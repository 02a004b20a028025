"""OCR by the Tesseract program, several pictures per run."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import errors
from domain import Box, OcrWord
from lib.process import Limits, run_program
from lib.programs import find_program, require_program
from services.ocr.capital_i import correct_capital_i
from services.ocr.port import Picture

# ISO 639-1 to Tesseract's names, https://tesseract-ocr.github.io/tessdoc/Data-Files-in-different-versions.html
_PACK_NAMES = """
af:afr am:amh ar:ara as:asm az:aze be:bel bg:bul bn:ben bo:bod br:bre bs:bos ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng eo:epo
es:spa et:est eu:eus fa:fas fi:fin fo:fao fr:fra ga:gle gl:glg gu:guj he:heb hi:hin hr:hrv ht:hat hu:hun hy:hye id:ind is:isl it:ita
ja:jpn jw:jav ka:kat kk:kaz km:khm kn:kan ko:kor la:lat lb:ltz lo:lao lt:lit lv:lav mi:mri mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt
my:mya ne:nep nl:nld no:nor nn:nor oc:oci pa:pan pl:pol ps:pus pt:por ro:ron ru:rus sa:san sd:snd si:sin sk:slk sl:slv sq:sqi sr:srp
su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha tl:tgl tr:tur tt:tat uk:ukr ur:urd uz:uzb vi:vie yi:yid yo:yor zh:chi_sim
"""
_SCRIPTS = "am ar as be bg bn bo el fa gu he hi hy ja ka kk km kn ko lo mk ml mn mr my ne pa ps ru sa sd si sr ta te tg th tt uk ur yi zh"
_PACKS = dict(pair.split(":") for pair in _PACK_NAMES.split())
_OTHER_SCRIPTS = set(_SCRIPTS.split())
_LIMITS = Limits(timeout_s=600, memory_bytes=2 * 2**30)
_ENV = {"OMP_THREAD_LIMIT": "1"}  # we run batches in parallel; Tesseract's threads would slow them down
_COLUMNS = 12
# Page segmentation modes. Character error rate on slides: automatic 0.1 %, single block 5 % (reads photographs), sparse 8 % (order).
_LAYOUT_AUTOMATIC, _LAYOUT_SPARSE = 3, 11


class Tesseract:
    def supports_language(self, language: str) -> bool:
        return _PACKS.get(language, "eng") in _installed_packs()

    def read(self, pictures: Sequence[Picture], language: str, folder: Path, on_read: Callable[[], None]) -> list[list[OcrWord]]:
        packs = _choose_packs(language)
        words_by_picture = _run_tesseract(pictures, packs, _LAYOUT_AUTOMATIC, folder, on_read)
        # The automatic mode misses single words on an empty background.
        empty = [index for index, words in enumerate(words_by_picture) if not words]
        if empty:
            again = _run_tesseract([pictures[index] for index in empty], packs, _LAYOUT_SPARSE, folder, lambda: None)
            for index, words in zip(empty, again, strict=True):
                words_by_picture[index] = words
        if "eng" not in packs.split("+"):
            return words_by_picture
        return [[correct_capital_i(word, picture) for word in words] for words, picture in zip(words_by_picture, pictures, strict=True)]


def is_installed() -> bool:
    return find_program("tesseract") is not None and bool(_installed_packs())


@functools.cache
def _installed_packs() -> frozenset[str]:
    try:
        on_read = run_program([require_program("tesseract"), "--list-langs"], limits=_LIMITS)
    except errors.ProgramFailed:
        return frozenset()
    return frozenset(line.strip() for line in on_read.stdout.splitlines()[1:])


def _choose_packs(language: str) -> str:
    """Return the language's pack, plus English for other scripts, because slides mix them."""
    pack = _PACKS.get(language, "eng")
    if pack not in _installed_packs():
        pack = "eng"
    if pack not in _installed_packs():
        raise errors.ProgramMissing(
            "Tesseract's English data is not installed.", hint="Install it (Debian, Ubuntu: `apt install tesseract-ocr-eng`)."
        )
    return f"{pack}+eng" if pack != "eng" and language in _OTHER_SCRIPTS and "eng" in _installed_packs() else pack


def _run_tesseract(pictures: Sequence[Picture], packs: str, layout: int, folder: Path, on_read: Callable[[], None]) -> list[list[OcrWord]]:
    names = [folder / f"{layout}-{index}.pgm" for index in range(len(pictures))]
    for name, picture in zip(names, pictures, strict=True):
        height, width = picture.shape
        name.write_bytes(b"P5\n%d %d\n255\n" % (width, height) + picture.tobytes())
    listing = folder / f"{layout}.txt"
    listing.write_text("".join(f"{name}\n" for name in names))
    words_by_picture: list[list[OcrWord]] = [[] for _ in pictures]
    lines: dict[tuple[str, ...], int] = {}

    def parse_row(row: str) -> None:
        cells = row.split("\t")
        if len(cells) < _COLUMNS or not cells[0].isdigit():
            return
        if cells[0] == "1":
            on_read()
        text = "\t".join(cells[11:]).strip()
        if text:
            line = lines.setdefault(tuple(cells[1:5]), sum(1 for key in lines if key[0] == cells[1]))
            box = Box(*(int(cell) for cell in cells[6:10]))
            words_by_picture[int(cells[1]) - 1].append(OcrWord(text, box, max(0.0, float(cells[10]) / 100), line))

    argv: list[str | Path] = [require_program("tesseract"), listing, "stdout", "-l", packs, "--psm", str(layout), "tsv"]
    run_program(argv, env=_ENV, limits=_LIMITS, on_line=parse_row)
    return words_by_picture
