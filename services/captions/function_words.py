"""Function words by language: they open a phrase, so a line should begin with them and not end. Our own choice."""

from __future__ import annotations

_TEXTS = {
    "en": """
        a an the of to in on at by for with from into and or but so if that than as this these those my your our his her its their i
        you he she we they it is are was were be been am has have had do does did can could will would should may might must not no
        very who which when where while because there
    """,
    "de": """
        der die das den dem des ein eine einen einem einer eines und oder aber wenn dass weil ob als wie in im an am auf aus bei mit
        nach von vom zu zum zur für über unter durch ich du er sie es wir ihr ist sind war waren hat haben wird werden kann nicht
        kein sehr mein sein ihre
    """,
    "fr": """
        le la les l' un une des du de d' et ou mais si que qui qu' dans en sur sous par pour avec sans à au aux ce cette ces mon ma
        mes son sa ses leur je tu il elle on nous vous ils elles est sont a ont ne n' pas très se s'
    """,
    "es": """
        el la los las un una unos unas de del y e o u pero si que en a al con por para sin sobre su sus mi mis este esta estos estas
        lo le se no es son era ha han muy como cuando
    """,
    "it": """
        il lo la i gli le un uno una di del della dei delle e o ma se che in nel nella a al alla con per da dal su non è sono ha
        hanno molto questo questa mio suo come quando
    """,
    "pt": """
        o a os as um uma de do da dos das e ou mas se que em no na nos nas a ao com por para sem sobre seu sua este esta não é são
        foi tem muito como quando
    """,
    "nl": """
        de het een en of maar als dat die in op aan bij met van voor naar uit door te om ik je hij zij ze we wij is zijn was waren
        heeft hebben wordt kan niet geen zeer mijn dit deze
    """,
    "ru": "и а но или что чтобы если как в во на с со к ко о об у за из от до по для при не ни это я ты он она мы вы они его её их",
}
_WORDS = {language: frozenset(text.split()) for language, text in _TEXTS.items()}
# They follow their word in Japanese and Chinese: a line should not begin with them.
PARTICLES = frozenset("はがをにでともへのねよかわ的了吗呢吧着过们")


def function_words(language: str) -> frozenset[str]:
    """Return the function words of a language (ISO 639-1 code, with or without a region); none for other languages."""
    return _WORDS.get(language[:2].lower(), frozenset())
