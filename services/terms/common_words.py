"""Common words that are no terms by themselves. Our own choice; function words are in services/captions."""

from __future__ import annotations

_TEXTS = {
    "en": """
        according against alright although amazing among amongst anyway awesome beyond bunch despite except folks gonna guy guys hey
        hmm allow allows allowed contain contains create creates created creating execute following newly notable provide provides
        provided require requires required including literally onto regarding stuff throughout towards uh um unless upon versus via
        wanna whereas whether whom whose yeah
        away herself himself itself myself off ourselves themselves yourself
        ain aren couldn didn doesn don hadn hasn haven isn mightn mustn needn shan shouldn wasn weren won wouldn
        built causes explicit explicitly implicit implicitly optional optionally subsequent subsequently visible
        able apparent appear appeared apply appropriate assume available avoid aware became careful clearly completely consider
        considered currently depend describe described directly entire entirely evident evidently explain explained finally generally
        guess happened happening helped hope imagine indeed initially lastly mention mentioned nearly needed neither noted notice
        noticed obvious obviously occur occurred otherwise particular particularly possibly prefer previous previously recent
        recently refer relatively respectively significantly similarly specifically suggest suggested suitable suppose therefore
        tried typical typically unable unfortunately wanted whenever wherever whichever wonder
        about above per across actually after again ago all almost along already also always another answer any anybody anyone
        anything around ask away back basically because become before begin behind being below best better between big bit both
        bring call case certain change come common course day different done down during each early easy either else end enough
        even ever every everybody everyone everything exactly example fact far fast feel few fewer find first follow get getting
        give given go goes going good great half happen hard hear hello help here high hold how however idea important instead
        interesting just keep kind know large last late later least leave left less let lets like likely little long look lot
        lots lovely low main make making many matter maybe mean mention might mind moment more most much name need never new
        next nice normal nothing now number often okay old once one only open order other others over own part people perhaps
        person picture piece place plain point possible pretty probably problem put question quick quite rather real really
        reason remember right said same say see seem seen several show shown side simple simply since single slide slow small
        some somebody someone something sometimes soon sort start step still stop such sure take talk tell thank thanks then
        there thing things think third though thought three through time times today together told too took toward true try turn
        two under understand until up use used useful using usually very want way ways week welcome well went what whatever
        whole why within without word words work works world wrong yes yet average second four five six seven eight nine ten
        hundred thousand million fourth half lecture chapter section page figure minute minutes hour hours year years
    """,
    "de": """
        also alle allem allen aller alles anders anfang beim beispiel bereits bisschen bitte dabei dafür dagegen daher damit
        danach dann daran darauf daraus darin davon dazu denn deshalb dieser diese dieses diesem diesen doch dort drei eben
        eigentlich einfach einmal ende erst erste ersten etwas fall folie fast frage ganz gar genau genug gerade gesagt gibt
        gleich groß gut guten hallo heute hier hin immer irgendwie ja jede jedem jeden jeder jedes jetzt klein kommen kommt
        könnte lange lassen leute machen macht mal man manchmal mehr meist minute moment muss müssen na nächste natürlich neu
        noch nun nur oft paar punkt richtig sache sagen schon schritt sehen seit selbst sieht so sogar solche soll sollte
        sondern sonst später stelle stunde stück tag teil tun überhaupt usw viel viele vielleicht vier vorlesung wann warum was
        weg weiter welche welcher wenig wer wichtig wieder wird wirklich wissen wo woche wort zahl zeigen zeit ziemlich zuerst
        zusammen zwar zwei zwischen
        gute guter gutes gutem großer große großes großen großem kleine kleiner kleines kleinen kleinem neue neuer neues neuen neuem
        wichtige wichtiger wichtiges wichtigen wichtigem einfache einfacher einfaches einfachen einfachem wesentliche wesentlichen
        möglichkeit möglichkeiten ergebnis ergebnisse beispiele beispielen zusammenhang vorteil vorteile nachteil nachteile unterschied
        unterschiede weise ziel ziele anzahl bedeutung vergleich gegensatz abbildung übung aufgabe aufgaben antwort antworten thema themen
        bereich bereiche seite seiten richtung grund gründe rolle situation fälle probleme fragen dinge ding menschen mensch jahr jahre
        jahren beginn mitte schluss überblick hinweis hinweise eindruck gedanke gedanken meinung erfahrung sinn blick kapitel abschnitt
        schritte punkte teile zahlen wörter worte sekunde sekunden minuten stunden tage wochen kurs studierende studenten
    """,
}
_ENDINGS = (("s", ""), ("es", ""), ("ies", "y"))
_WORDS = {language: frozenset(text.split()) for language, text in _TEXTS.items()}


def common_words(language: str) -> frozenset[str]:
    """Return common words of a language in lower case; none for languages without a list."""
    return _WORDS.get(language[:2].lower(), frozenset())


def is_common(word: str, language: str) -> bool:
    """Whether a word in lower case is a common one; in English also with the ending of a plural or a verb ("happens").

    Stems would say too much: "probability" has that of "probably". So would past forms: a named entity, an ordered set.
    """
    common = common_words(language)
    if word in common or language[:2].lower() != "en":
        return word in common
    return any(word.endswith(ending) and word[: -len(ending)] + base in common for ending, base in _ENDINGS)
