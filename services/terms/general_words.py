"""English words that belong to every field, so that they are rarely terms by themselves. Our own choice."""

from __future__ import annotations

from collections.abc import Iterator

_ALONE = """
    advantage aim alternative amount appearance approach aspect attempt beginning benefit bitwise black blue bottom center centre chance
    choice consequence contrast custom default detail difference difficulty disadvantage effort element end equivalent example existence
    explanation final floating formal general goal green group individual interest issue item kind letter level main manner maximum
    middle minimum mistake notion occasion opinion original outcome overview pair part percent piece point possibility primary problem
    purpose rate red remark result right secondary side situation size solution sort standard summary surrounding thing today top topic
    total trouble usage variety version way white width yellow
    monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november
    december
"""
_GENERAL = """
    abstract access activity addition analysis answer application area argument author background base basis behavior behaviour binary
    body book box case category cause chain change chapter character class clause code collection color colour column combination
    command comparison complex component computer concept condition configuration connection constant contact content context
    contribution control convention copy corner cost count data date decision degree description design development direction discussion
    document duration edge effect entry error evidence exercise expectation experience experiment expression factor failure feature
    field figure file focus form format formula frame friend guide half hand height history idea image impact implementation implication
    importance improvement increase indication influence information input instance instruction intention interval job label language
    length library limit limitation line link list literature load location machine map material meaning measure measurement member
    memory message method mode model motivation movement name nature negative neutral note number object objective observation
    occurrence operation operator opportunity option order origin output page paragraph parameter party path pattern percentage period
    person phase phrase picture plan plot position positive power practice presence present principle priority private procedure process
    product program progress project property proportion proposal public quality quantity question range ratio reader reading reality
    reason reference region relation relationship relative report representation request requirement research respect response return
    review role row rule run sample scale scenario scheme school science score screen section sense sentence sequence series session set
    setting shape sign signal significance similarity skill source space special speed spot square stage state statement status step
    story strategy string structure student study style subject success sum support surface symbol system table target task teacher team
    technique technology tendency term test text theme theory title tool truth type unit update user value variable variant variation
    view volume warning weight word world writer year
"""
_NAMES_NOTHING = frozenset(_ALONE.split())
_EVERY_FIELD = frozenset(_GENERAL.split())
_SINGULAR_ENDINGS = ("ss", "us", "is", "os", "as", "ics", "ens")  # "class", "status", "basis", "chaos", "gas", "physics", "lens"
_MIN_PLURAL = 4  # letters


def names_nothing(word: str) -> bool:
    """Whether a word in lower case is never a term by itself: "attempt"."""
    return not {word, *singulars(word)}.isdisjoint(_NAMES_NOTHING)


def is_general(word: str, language: str) -> bool:
    """Whether a word in lower case is a term only where it is the subject: "class" in a course on programming."""
    return language == "en" and not {word, *singulars(word)}.isdisjoint(_EVERY_FIELD)


def is_plural(word: str) -> bool:
    """Whether a word in lower case looks like a plural."""
    return len(word) >= _MIN_PLURAL and word.endswith("s") and not word.endswith(_SINGULAR_ENDINGS)


def singulars(word: str) -> Iterator[str]:
    """Yield what a word may be the plural of."""
    if is_plural(word):
        yield word[:-1]
        if word.endswith("ies"):
            yield f"{word[:-3]}y"
        elif word.endswith("es"):
            yield word[:-2]
