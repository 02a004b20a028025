"""The few phrases that drafted scripts add to the text of their author, by language. Other languages use none where they can."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """`define`: the question for a term, with `{}`; `belongs`: that for an item below a heading; `cloze`: that for a gap in a sentence.

    An empty one: leave it out.

    `definition`: a pattern of sentences that define a term, with the groups `term` and `text`.
    """

    contents: str = ""
    summary: str = ""
    questions: str = ""
    define: str = "{}?"
    belongs: str = ""
    cloze: str = "…?"
    answer: str = "{}"
    definition: str = ""


_EN = Phrases(
    contents="Contents",
    summary="Summary",
    questions="Questions",
    define="What is {}?",
    belongs="Which of these belongs to “{}”?",
    cloze="Which word is missing?",
    answer="The answer is: {}",
    definition=r"^(?P<term>(?:(?:An?|The)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:is|are)\s+(?P<text>(?:an?|the|any|one of)\s+.{7,})$",
)
_PHRASES = {
    "en": _EN,
    "de": Phrases(
        contents="Inhalt",
        summary="Zusammenfassung",
        questions="Fragen",
        define="Was ist {}?",
        belongs="Was davon gehört zu „{}“?",
        cloze="Welches Wort fehlt?",
        answer="Die Antwort lautet: {}",
        definition=r"^(?P<term>(?:(?:Der|Die|Das|Ein|Eine)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:ist|sind)\s+"
        r"(?P<text>(?:ein|eine|einer|der|die|das|jede[rs]?)\s+.{7,})$",
    ),
    "fr": Phrases(
        contents="Sommaire",
        summary="Résumé",
        questions="Questions",
        define="Qu’est-ce que {} ?",
        belongs="Lequel de ces éléments relève de « {} » ?",
        cloze="Quel mot manque ?",
        answer="La réponse est : {}",
        definition=r"^(?P<term>(?:(?:Le|La|Les|Un|Une)\s+|L[’'])?[^\W\d_][^,.;:()]{1,60}?)\s+(?:est|sont)\s+"
        r"(?P<text>(?:une?|le|la|les|l[’'])\s*.{7,})$",
    ),
    "es": Phrases(
        contents="Contenido",
        summary="Resumen",
        questions="Preguntas",
        define="¿Qué es {}?",
        belongs="¿Cuál de estos corresponde a «{}»?",
        cloze="¿Qué palabra falta?",
        answer="La respuesta es: {}",
        definition=r"^(?P<term>(?:(?:El|La|Los|Las|Un|Una)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:es|son)\s+(?P<text>(?:una?|el|la|los|las)\s+.{7,})$",
    ),
    "it": Phrases(
        contents="Indice",
        summary="Riepilogo",
        questions="Domande",
        define="Che cos’è {}?",
        belongs="Quale di questi appartiene a «{}»?",
        cloze="Quale parola manca?",
        answer="La risposta è: {}",
        definition=r"^(?P<term>(?:(?:Il|Lo|La|I|Gli|Le|Un|Una)\s+|L[’'])?[^\W\d_][^,.;:()]{1,60}?)\s+(?:è|sono)\s+"
        r"(?P<text>(?:una?|uno|il|lo|la|i|gli|le|l[’'])\s*.{7,})$",
    ),
    "pt": Phrases(
        contents="Conteúdo",
        summary="Resumo",
        questions="Perguntas",
        define="O que é {}?",
        belongs="Qual destes pertence a «{}»?",
        cloze="Que palavra falta?",
        answer="A resposta é: {}",
        definition=r"^(?P<term>(?:(?:O|A|Os|As|Um|Uma)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:é|são)\s+(?P<text>(?:uma?|o|a|os|as)\s+.{7,})$",
    ),
    "nl": Phrases(
        contents="Inhoud",
        summary="Samenvatting",
        questions="Vragen",
        define="Wat is {}?",
        belongs="Wat hiervan hoort bij ‘{}’?",
        cloze="Welk woord ontbreekt?",
        answer="Het antwoord is: {}",
        definition=r"^(?P<term>(?:(?:De|Het|Een)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:is|zijn)\s+(?P<text>(?:een|de|het)\s+.{7,})$",
    ),
    "ru": Phrases(
        contents="Содержание",
        summary="Итоги",
        questions="Вопросы",
        define="Что такое {}?",
        belongs="Что из этого относится к теме «{}»?",
        cloze="Какое слово пропущено?",
        answer="Ответ: {}",
        definition=r"^(?P<term>[^\W\d_][^,.;:()]{1,60}?)\s+(?:—|–|это)\s+(?P<text>(?:это\s+)?.{7,})$",
    ),
    "ar": Phrases(
        contents="المحتويات",
        summary="الخلاصة",
        questions="أسئلة",
        define="ما هو {}؟",
        belongs="أيّ مما يلي يندرج تحت «{}»؟",
        cloze="ما الكلمة الناقصة؟",
        answer="الجواب: {}",
        definition=r"^(?P<term>[^،.;:]{2,40}?)\s+(?:هو|هي)\s+(?P<text>.{10,})$",
    ),
    "zh": Phrases(
        contents="目录",
        summary="总结",
        questions="问题",
        define="什么是{}？",
        belongs="以下哪一项属于“{}”？",
        cloze="缺少哪个词？",
        answer="答案是：{}",
        definition="^(?P<term>[^，。、；：]{2,12}?)是(?P<text>[^，]{4,})$",
    ),
    "ja": Phrases(
        contents="目次",
        summary="まとめ",
        questions="質問",
        define="{}とは何ですか？",
        belongs="「{}」に当てはまるのはどれですか？",
        cloze="抜けている語は何ですか？",
        answer="答えは、{}",
        definition="^(?P<term>[^、。]{2,20}?)とは、?(?P<text>.{4,})$",
    ),
}


def phrases_of(language: str) -> Phrases:
    """Return the phrases of a language; signs only for one that is not listed."""
    return _PHRASES.get(language.partition("-")[0].lower(), Phrases())
