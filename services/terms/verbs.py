"""Tells phrases that name something from parts of sentences ("job fails"), by verbs that are hardly ever nouns. English only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache

from services.terms.general_words import is_plural, names_nothing

_VERBS = """
    absorb bend boil carry catch consume dissolve evaporate melt react split spread travel accept accomplish achieve acquire add admit
    agree allow announce appear apply argue arise arrange arrive assign associate assume attach attempt avoid become begin behave
    believe belong bind bring bubble calculate cause choose claim collect combine compare complain compute conclude confirm connect
    consider consist construct contain continue contribute convert convince correspond create decide declare define delete deliver
    demonstrate deny depend derive describe determine develop differ disappear discover discuss distinguish divide draw eliminate embed
    emit enable enclose encounter enforce ensure enter establish evaluate exceed exclude execute exist expect explain explore express
    extend extract fail figure fill find finish fit fix follow forget generate get give go grow guarantee handle happen hear hold
    identify ignore imagine implement imply improve include indicate infer inform inherit initialize insert install introduce invent
    involve keep know lead learn leave let lie listen live lose make manage mean memorize mention meet modify move multiply need obtain
    occur omit operate originate override own pass perform permit persist pick play point prefer prepare press prevent proceed produce
    prove provide publish pull push put raise reach realize receive recall recognize recommend reduce refer reflect refuse relate remain
    remember remind remove replace represent require resolve respond restart restore resume retrieve reveal run satisfy say see seem
    select send serve show simplify sit solve speak specify spend stand start stay stop store subtract succeed suggest supply suppose
    surround take talk teach tell tend think throw treat try turn understand use vary verify wait walk want warn watch wish wonder work
    write yield
"""
_PASTS = """
    arose became become began begun bound brought chose chosen drew drawn felt found forgot forgotten gave given gone got grew grown heard
    held kept knew known lay led left let lost made meant met ran said sat saw seen sent shown solved spent spoke spoken stood taken taught
    thought thrown told took understood went written wrote
"""
_NOUNS_TOO = """
    attempt bubble cause claim draw express extract figure find fit fix insert lead lie live mean move need pass pick play point press pull
    push raise reach run select show split spread start stop store supply talk travel treat try use walk watch wish wonder work yield
"""
_GERUND_NOUNS = """
    add begin boil build combine compute connect create draw drink embed encounter evaporate extend find generate give handle hear know
    learn listen live lose mean meet melt multiply permit plan produce publish quote read reason record refer reflect sit speak spend
    stand surround teach think treat understand wait warn work write
"""  # "machine learning", "exception handling"
_COMMANDS = "continue delete get put remove send throw write"  # "insert operation"
_DOUBLED = "admit begin emit forget infer occur omit permit prefer refer submit"
_WEAK = """
    actual additional arbitrary basic certain common complete conventional correct corresponding current desired exact existing extra
    final former fresh full further furthest identical latter longest main minor multiple nearest necessary numerous original overall
    own past present proper remaining related resulting separate shortest similar special specified split straightforward sufficient
    surrounding tiny total unique usual various wrong
"""
_WEAK_ADJECTIVES = frozenset(_WEAK.split())
_PLURAL_FIRST = "communications mathematics news operations sales series species sports statistics systems"
_PLURALS_IN_COMPOUNDS = frozenset(_PLURAL_FIRST.split())
_MAX_SHORT_NOUN = 4  # "seed", "shed"
_VOWELS = "aeiou"


def names_something(words: Sequence[str], stems: Sequence[str], language: str) -> bool:
    """Whether a phrase in lower case can name something. `stems`: of its words."""
    if len(set(stems)) < len(stems):
        return False  # "scenes scene"
    if language != "en":
        return True
    if any(word in _third_persons() for word in words):
        return False
    last = words[-1]
    if len(words) == 1 and names_nothing(last):
        return False
    if len(words) > 1 and (words[0] in _commands_aside() or _is_clause(words) or _has_plural_inside(words)):
        return False
    if last in _verb_forms() or (len(last) > _MAX_SHORT_NOUN and last.endswith("ed") and not last.endswith("eed")):
        return False
    return words[0] not in _WEAK_ADJECTIVES


def _has_plural_inside(words: Sequence[str]) -> bool:
    """Whether a word before the last is a plural or a verb: "supports references". Parts of compounds are singular."""
    return any(is_plural(word) and word.isalpha() and word not in _PLURALS_IN_COMPOUNDS for word in words[:-1])


def _is_clause(words: Sequence[str]) -> bool:
    """Whether a word that may be a noun is a verb here: "fixes carbon", "reactions split"."""
    return any(word in _third_persons_or_plurals() for word in words[:-1]) or (words[-1] in _verbs_or_nouns() and words[-2].endswith("s"))


@cache
def _verbs_or_nouns() -> frozenset[str]:
    return frozenset(_NOUNS_TOO.split())


@cache
def _third_persons_or_plurals() -> frozenset[str]:
    return frozenset(map(_with_s, _verbs_or_nouns()))


@cache
def _doubled() -> frozenset[str]:
    return frozenset(_DOUBLED.split())


@cache
def _bases() -> frozenset[str]:
    return frozenset(_VERBS.split()) - _verbs_or_nouns()


@cache
def _commands_aside() -> frozenset[str]:
    return _bases() - frozenset(_COMMANDS.split())


@cache
def _third_persons() -> frozenset[str]:
    """The forms that only a verb has: "fails", but not "starts"."""
    return frozenset(map(_with_s, _bases()))


@cache
def _verb_forms() -> frozenset[str]:
    gerunds = map(_gerund, _bases() - frozenset(_GERUND_NOUNS.split()))
    return frozenset([*_bases(), *_PASTS.split(), *gerunds, *itertools.chain.from_iterable(map(_pasts, _bases()))])


def _with_s(verb: str) -> str:
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{verb}s"


def _gerund(verb: str) -> str:
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    base = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
    is_doubled = len(base) < 4 and base[-1] not in "wxy" and base[-1] not in _VOWELS and base[-2] in _VOWELS and base == verb
    return f"{base}{base[-1]}ing" if is_doubled or base in _doubled() else f"{base}ing"


def _pasts(verb: str) -> Iterator[str]:
    """Yield the past of a regular verb, also with a doubled consonant."""
    base = verb[:-1] if verb.endswith("e") else verb
    yield f"{base[:-1]}ied" if verb.endswith("y") and verb[-2] not in _VOWELS else f"{base}ed"
    if verb[-1] not in "ewxy" and verb[-2] in _VOWELS:
        yield f"{verb}{verb[-1]}ed"
