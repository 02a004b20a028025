"""The labels in documents, in the lecture's language if we have a translation."""

from __future__ import annotations

from dataclasses import dataclass

from services.documents.text import language_code


@dataclass(frozen=True)
class Labels:
    notes: str
    slide: str
    contents: str
    duration: str
    date: str
    language: str
    source: str
    slides: str
    shown_again: str
    transcript: str
    picture: str
    page: str


_LABELS_BY_LANGUAGE = {
    "en": "Lecture notes|Slide|Contents|Duration|Date|Language|Source|Slides|Shown again|Transcript|Picture|Page",
    "de": "Vorlesungsnotizen|Folie|Inhalt|Dauer|Datum|Sprache|Quelle|Folien|Erneut gezeigt|Mitschrift|Bild|Seite",
    "fr": "Notes de cours|Diapositive|Sommaire|Durée|Date|Langue|Source|Diapositives|Montrée de nouveau|Transcription|Image|Page",
    "es": "Apuntes de clase|Diapositiva|Índice|Duración|Fecha|Idioma|Fuente|Diapositivas|Mostrada de nuevo|Transcripción|Imagen|Página",
    "it": "Appunti della lezione|Diapositiva|Indice|Durata|Data|Lingua|Fonte|Diapositive|Mostrata di nuovo|Trascrizione|Immagine|Pagina",
    "pt": "Notas de aula|Slide|Índice|Duração|Data|Idioma|Fonte|Slides|Mostrado novamente|Transcrição|Imagem|Página",
    "ar": "ملاحظات المحاضرة|شريحة|المحتويات|المدة|التاريخ|اللغة|المصدر|الشرائح|عُرضت مجددًا|النص|صورة|صفحة",
    "he": "סיכום ההרצאה|שקופית|תוכן העניינים|משך|תאריך|שפה|מקור|שקופיות|הוצגה שוב|תמלול|תמונה|עמוד",
    "zh": "课程笔记|幻灯片|目录|时长|日期|语言|来源|幻灯片|再次出现|文字记录|图片|页",
    "ja": "講義ノート|スライド|目次|長さ|日付|言語|出典|スライド|再表示|文字起こし|画像|ページ",
    "ko": "강의 노트|슬라이드|목차|길이|날짜|언어|출처|슬라이드|다시 표시|녹취록|그림|쪽",
    "hi": "व्याख्यान नोट्स|स्लाइड|विषय-सूची|अवधि|दिनांक|भाषा|स्रोत|स्लाइड|फिर से दिखाई गई|प्रतिलेख|चित्र|पृष्ठ",
}  # order: the fields of Labels
_LANGUAGE_NAMES = {
    "ar": "العربية", "bn": "বাংলা", "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "el": "Ελληνικά", "en": "English", "es": "Español",
    "fa": "فارسی", "fi": "Suomi", "fr": "Français", "he": "עברית", "hi": "हिन्दी", "hu": "Magyar", "id": "Bahasa Indonesia",
    "it": "Italiano", "ja": "日本語", "ko": "한국어", "nl": "Nederlands", "no": "Norsk", "pl": "Polski", "pt": "Português", "ro": "Română",
    "ru": "Русский", "sv": "Svenska", "ta": "தமிழ்", "th": "ไทย", "tr": "Türkçe", "uk": "Українська",
    "ur": "اردو", "vi": "Tiếng Việt", "zh": "中文",
}  # fmt: skip


def labels_for(language: str) -> Labels:
    return Labels(*_LABELS_BY_LANGUAGE.get(language_code(language), _LABELS_BY_LANGUAGE["en"]).split("|"))


def language_name(language: str) -> str:
    """Return the language's own name, or its code if unknown."""
    return _LANGUAGE_NAMES.get(language_code(language), language) if language else ""
