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
    author: str
    course: str
    slide_text: str
    glossary: str
    index: str
    cite: str
    copy: str
    copied: str
    speaker_notes: str
    not_shown: str
    close: str


_LABELS_BY_LANGUAGE = {
    "en": "Lecture notes|Slide|Contents|Duration|Date|Language|Source|Slides|Shown again|Transcript|Picture|Page|"
    "Author|Course|Text on the slide|Glossary|Index|Cite|Copy|Copied|Speaker notes|Not shown in the recording|Close",
    "de": "Vorlesungsnotizen|Folie|Inhalt|Dauer|Datum|Sprache|Quelle|Folien|Erneut gezeigt|Mitschrift|Bild|Seite|"
    "Autor|Kurs|Text auf der Folie|Glossar|Register|Zitieren|Kopieren|Kopiert|"
    "Notizen zur Folie|In der Aufzeichnung nicht gezeigt|Schließen",
    "fr": "Notes de cours|Diapositive|Sommaire|Durée|Date|Langue|Source|Diapositives|Montrée de nouveau|Transcription|Image|Page|"
    "Auteur|Cours|Texte de la diapositive|Glossaire|Index|Citer|Copier|Copié|"
    "Notes de l’orateur|Non montré dans l’enregistrement|Fermer",
    "es": "Apuntes de clase|Diapositiva|Índice|Duración|Fecha|Idioma|Fuente|Diapositivas|Mostrada de nuevo|Transcripción|Imagen|Página|"
    "Autor|Curso|Texto de la diapositiva|Glosario|Índice alfabético|Citar|Copiar|Copiado|"
    "Notas del orador|No mostrado en la grabación|Cerrar",
    "it": "Appunti della lezione|Diapositiva|Indice|Durata|Data|Lingua|Fonte|Diapositive|Mostrata di nuovo|Trascrizione|Immagine|Pagina|"
    "Autore|Corso|Testo della diapositiva|Glossario|Indice analitico|Cita|Copia|Copiato|"
    "Note del relatore|Non mostrato nella registrazione|Chiudi",
    "pt": "Notas de aula|Slide|Índice|Duração|Data|Idioma|Fonte|Slides|Mostrado novamente|Transcrição|Imagem|Página|"
    "Autor|Curso|Texto do slide|Glossário|Índice remissivo|Citar|Copiar|Copiado|Notas do orador|Não mostrado na gravação|Fechar",
    "ar": "ملاحظات المحاضرة|شريحة|المحتويات|المدة|التاريخ|اللغة|المصدر|الشرائح|عُرضت مجددًا|النص|صورة|صفحة|"
    "المؤلف|المقرر|نص الشريحة|مسرد المصطلحات|الفهرس|اقتباس|نسخ|تم النسخ|ملاحظات المحاضر|لم تُعرض في التسجيل|إغلاق",
    "he": "סיכום ההרצאה|שקופית|תוכן העניינים|משך|תאריך|שפה|מקור|שקופיות|הוצגה שוב|תמלול|תמונה|עמוד|"
    "מחבר|קורס|הטקסט בשקופית|מונחון|מפתח|ציטוט|העתקה|הועתק|הערות המרצה|לא הוצגו בהקלטה|סגירה",
    "ru": "Конспект лекции|Слайд|Содержание|Длительность|Дата|Язык|Источник|Слайды|Показан снова|Расшифровка|Изображение|Страница|"
    "Автор|Курс|Текст слайда|Глоссарий|Указатель|Цитировать|Копировать|Скопировано|"
    "Заметки докладчика|Не показано в записи|Закрыть",
    "uk": "Конспект лекції|Слайд|Зміст|Тривалість|Дата|Мова|Джерело|Слайди|Показано знову|Розшифровка|Зображення|Сторінка|"
    "Автор|Курс|Текст слайда|Глосарій|Покажчик|Цитувати|Копіювати|Скопійовано|"
    "Нотатки доповідача|Не показано в записі|Закрити",
    "pl": "Notatki z wykładu|Slajd|Spis treści|Czas trwania|Data|Język|Źródło|Slajdy|Pokazany ponownie|Transkrypcja|Obraz|Strona|"
    "Autor|Kurs|Tekst slajdu|Słowniczek|Indeks|Cytuj|Kopiuj|Skopiowano|Notatki prelegenta|Niepokazane w nagraniu|Zamknij",
    "nl": "Collegeaantekeningen|Dia|Inhoud|Duur|Datum|Taal|Bron|Dia’s|Opnieuw getoond|Transcript|Afbeelding|Pagina|"
    "Auteur|Cursus|Tekst op de dia|Begrippenlijst|Register|Citeren|Kopiëren|Gekopieerd|"
    "Notities bij de dia|Niet getoond in de opname|Sluiten",
    "tr": "Ders notları|Slayt|İçindekiler|Süre|Tarih|Dil|Kaynak|Slaytlar|Yeniden gösterildi|Metin dökümü|Resim|Sayfa|"
    "Yazar|Ders|Slayttaki metin|Terimler sözlüğü|Dizin|Alıntıla|Kopyala|Kopyalandı|Konuşmacı notları|Kayıtta gösterilmedi|Kapat",
    "el": "Σημειώσεις διάλεξης|Διαφάνεια|Περιεχόμενα|Διάρκεια|Ημερομηνία|Γλώσσα|Πηγή|Διαφάνειες|Εμφανίζεται ξανά|Απομαγνητοφώνηση|"
    "Εικόνα|Σελίδα|Συγγραφέας|Μάθημα|Κείμενο της διαφάνειας|Γλωσσάρι|Ευρετήριο|Παραπομπή|Αντιγραφή|Αντιγράφηκε|"
    "Σημειώσεις ομιλητή|Δεν εμφανίστηκε στην εγγραφή|Κλείσιμο",
    "th": "บันทึกการบรรยาย|สไลด์|สารบัญ|ความยาว|วันที่|ภาษา|แหล่งที่มา|สไลด์|แสดงอีกครั้ง|บทถอดเสียง|รูปภาพ|หน้า|"
    "ผู้เขียน|รายวิชา|ข้อความบนสไลด์|อภิธานศัพท์|ดัชนี|อ้างอิง|คัดลอก|คัดลอกแล้ว|บันทึกของผู้บรรยาย|ไม่ได้แสดงในการบันทึก|ปิด",
    "zh": "课程笔记|幻灯片|目录|时长|日期|语言|来源|幻灯片|再次出现|文字记录|图片|页|"
    "作者|课程|幻灯片文字|术语表|索引|引用|复制|已复制|讲者备注|录像中未展示|关闭",
    "ja": "講義ノート|スライド|目次|長さ|日付|言語|出典|スライド|再表示|文字起こし|画像|ページ|"
    "著者|コース|スライドの文字|用語集|索引|引用|コピー|コピーしました|発表者ノート|録画で表示されなかったページ|閉じる",
    "ko": "강의 노트|슬라이드|목차|길이|날짜|언어|출처|슬라이드|다시 표시|녹취록|그림|쪽|"
    "저자|강좌|슬라이드의 글|용어집|찾아보기|인용|복사|복사됨|발표자 메모|녹화에 나오지 않음|닫기",
    "hi": "व्याख्यान नोट्स|स्लाइड|विषय-सूची|अवधि|दिनांक|भाषा|स्रोत|स्लाइड|फिर से दिखाई गई|प्रतिलेख|चित्र|पृष्ठ|"
    "लेखक|पाठ्यक्रम|स्लाइड का पाठ|शब्दावली|अनुक्रमणिका|उद्धरण|कॉपी करें|कॉपी हो गया|"
    "वक्ता की टिप्पणियाँ|रिकॉर्डिंग में नहीं दिखाया गया|बंद करें",
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
