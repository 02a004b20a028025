"""The few phrases that drafted scripts add to the text of their author, by language. Other languages use none where they can."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """`define`: the question for a term, with `{}`; `cloze`: that for a gap in a sentence. An empty one: leave it out.

    `definition`: a pattern of sentences that define a term, with the groups `term` and `text`.
    """

    contents: str = ""
    summary: str = ""
    define: str = "{}?"
    cloze: str = "…?"
    answer: str = "{}"
    definition: str = ""


_EN = Phrases(
    contents="Contents",
    summary="Summary",
    define="What is {}?",
    cloze="Which word is missing?",
    answer="The answer is: {}",
    definition=r"^(?P<term>(?:(?:An?|The)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:is|are)\s+(?P<text>(?:an?|the|any|one of)\s+.{7,})$",
)
_PHRASES = {
    "en": _EN,
    "de": Phrases(
        contents="Inhalt",
        summary="Zusammenfassung",
        define="Was ist {}?",
        cloze="Welches Wort fehlt?",
        answer="Die Antwort lautet: {}",
        definition=r"^(?P<term>(?:(?:Der|Die|Das|Ein|Eine)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:ist|sind)\s+"
        r"(?P<text>(?:ein|eine|einer|der|die|das|jede[rs]?)\s+.{7,})$",
    ),
    "fr": Phrases(
        contents="Sommaire",
        summary="Résumé",
        define="Qu’est-ce que {} ?",
        cloze="Quel mot manque ?",
        answer="La réponse est : {}",
        definition=r"^(?P<term>(?:(?:Le|La|Les|Un|Une)\s+|L[’'])?[^\W\d_][^,.;:()]{1,60}?)\s+(?:est|sont)\s+"
        r"(?P<text>(?:une?|le|la|les|l[’'])\s*.{7,})$",
    ),
    "es": Phrases(
        contents="Contenido",
        summary="Resumen",
        define="¿Qué es {}?",
        cloze="¿Qué palabra falta?",
        answer="La respuesta es: {}",
        definition=r"^(?P<term>(?:(?:El|La|Los|Las|Un|Una)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:es|son)\s+(?P<text>(?:una?|el|la|los|las)\s+.{7,})$",
    ),
    "it": Phrases(
        contents="Indice",
        summary="Riepilogo",
        define="Che cos’è {}?",
        cloze="Quale parola manca?",
        answer="La risposta è: {}",
        definition=r"^(?P<term>(?:(?:Il|Lo|La|I|Gli|Le|Un|Una)\s+|L[’'])?[^\W\d_][^,.;:()]{1,60}?)\s+(?:è|sono)\s+"
        r"(?P<text>(?:una?|uno|il|lo|la|i|gli|le|l[’'])\s*.{7,})$",
    ),
    "pt": Phrases(
        contents="Conteúdo",
        summary="Resumo",
        define="O que é {}?",
        cloze="Que palavra falta?",
        answer="A resposta é: {}",
        definition=r"^(?P<term>(?:(?:O|A|Os|As|Um|Uma)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:é|são)\s+(?P<text>(?:uma?|o|a|os|as)\s+.{7,})$",
    ),
    "nl": Phrases(
        contents="Inhoud",
        summary="Samenvatting",
        define="Wat is {}?",
        cloze="Welk woord ontbreekt?",
        answer="Het antwoord is: {}",
        definition=r"^(?P<term>(?:(?:De|Het|Een)\s+)?[^\W\d_][^,.;:()]{1,60}?)\s+(?:is|zijn)\s+(?P<text>(?:een|de|het)\s+.{7,})$",
    ),
    "ru": Phrases(
        contents="Содержание",
        summary="Итоги",
        define="Что такое {}?",
        cloze="Какое слово пропущено?",
        answer="Ответ: {}",
        definition=r"^(?P<term>[^\W\d_][^,.;:()]{1,60}?)\s+(?:—|–|это)\s+(?P<text>(?:это\s+)?.{7,})$",
    ),
    "ar": Phrases(
        contents="المحتويات",
        summary="الخلاصة",
        define="ما هو {}؟",
        cloze="ما الكلمة الناقصة؟",
        answer="الجواب: {}",
        definition=r"^(?P<term>[^،.;:]{2,40}?)\s+(?:هو|هي)\s+(?P<text>.{10,})$",
    ),
    "zh": Phrases(
        contents="目录",
        summary="总结",
        define="什么是{}？",
        cloze="缺少哪个词？",
        answer="答案是：{}",
        definition="^(?P<term>[^，。、；：]{2,12}?)是(?P<text>[^，]{4,})$",
    ),
    "ja": Phrases(
        contents="目次",
        summary="まとめ",
        define="{}とは何ですか？",
        cloze="抜けている語は何ですか？",
        answer="答えは、{}",
        definition="^(?P<term>[^、。]{2,20}?)とは、?(?P<text>.{4,})$",
    ),
}


def phrases_of(language: str) -> Phrases:
    """Return the phrases of a language; signs only for one that is not listed."""
    return _PHRASES.get(language.partition("-")[0].lower(), Phrases())
