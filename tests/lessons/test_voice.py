"""Speech synthesis: sentences, pauses, word times, engines, loudness, and errors that say what to set."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import math
import threading
import wave
from array import array
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config import Settings
from lib.programs import find_program
from lib.serialization import read_json
from services.media.voice_level import RATE_HZ, TARGET_LUFS, level, measure_lufs
from services.speech_synthesis import Narration, UnknownVoice, VoiceMissing, VoiceOptions, VoiceRequest, estimate, from_settings, speak
from services.speech_synthesis.engines import choose_voice, list_voices, usable_engines
from services.speech_synthesis.maths_speech import find_package, read_formulas
from services.speech_synthesis.narration import Piece, apply_pronunciations, pieces, timed_words

needs_node = pytest.mark.skipif(find_program("node") is None, reason="node is not installed")
needs_espeak = pytest.mark.skipif(find_program("espeak-ng") is None, reason="espeak-ng is not installed")


class _SpeechServer(BaseHTTPRequestHandler):
    """Answers POST /v1/audio/speech with a tone of 0.1 s per word; the first request is refused with 429."""

    requests: list[dict[str, object]]
    keys: list[str | None]

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.requests.append(request)
        self.keys.append(self.headers.get("Authorization"))
        if len(self.requests) == 1:
            self.send_response(429)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = io.BytesIO()
        with wave.open(body, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16_000)
            count = 1600 * len(request["input"].split())
            file.writeframes(array("h", (int(8000 * math.sin(each / 5)) for each in range(count))).tobytes())
        self.send_response(200)
        self.send_header("Content-Length", str(len(body.getvalue())))
        self.end_headers()
        self.wfile.write(body.getvalue())

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextlib.contextmanager
def serve(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def speech_server() -> Iterator[tuple[str, type[_SpeechServer]]]:
    handler = type("Handler", (_SpeechServer,), {"requests": [], "keys": []})
    with serve(handler) as url:
        yield f"{url}/v1", handler


def test_narrations_are_divided_into_sentences_and_pauses() -> None:
    text = "Dr. Hill waits, e.g. here. [pause 1.5s] Then 3.5 km! [pause] “Done?” Yes."
    texts = [(piece.text, piece.pause_s) for piece in pieces(text)]
    assert texts == [("Dr. Hill waits, e.g. here.", 0), ("", 1.5), ("Then 3.5 km!", 0), ("", 1.0), ("“Done?”", 0), ("Yes.", 0)]
    assert [piece.text for piece in pieces("光合成です。葉は緑です。")] == ["光合成です。", "葉は緑です。"]
    assert pieces("[pause 500ms]") == [Piece(pause_s=0.5)]
    assert pieces("[pause 999s]") == [Piece(pause_s=30)]


def test_pronunciations_replace_whole_words() -> None:
    assert apply_pronunciations("ATP, atp and ATPase", {"ATP": "A T P"}) == "A T P, A T P and ATPase"
    assert apply_pronunciations("C++ and C", {"C++": "see plus plus"}) == "see plus plus and C"


def test_words_share_the_time_of_their_sentence() -> None:
    words = timed_words("Leaves, then roots.", 1.0, 3.0)
    assert [word.text for word in words] == ["Leaves,", " then", " roots."]
    assert words[0].start_s == 1.0
    assert words[-1].end_s == pytest.approx(3.0, abs=0.01)
    assert words[1].start_s - words[0].end_s > 0.1  # the comma
    assert "".join(word.text for word in timed_words("光合成です。", 0, 1)) == "光合成です。"


def test_times_are_estimated_without_a_voice() -> None:
    silent = estimate("One sentence of six words here. [pause 2s] Another one.")
    assert silent.engine == ""
    assert 4 < silent.duration_s < 9
    assert estimate("One sentence.", speed=1.15).duration_s < estimate("One sentence.").duration_s


@needs_espeak
def test_espeak_speaks_with_pauses(tmp_path: Path) -> None:
    options = VoiceOptions(folder=tmp_path, engine="espeak-ng")
    texts = [("Leaves are green. [pause 2s] Roots are not.", tmp_path / "a"), ("", tmp_path / "b")]
    warnings = speak(texts, VoiceRequest("en"), options)
    assert "espeak-ng" in warnings[0]
    narration = read_json(Narration, tmp_path / "a.json")
    assert "".join(word.text for word in narration.words) == "Leaves are green. Roots are not."
    assert narration.words[3].start_s - narration.words[2].end_s > 2
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(narration.duration_s, abs=0.01)
    level(tmp_path / "a.wav", tmp_path / "level.wav")
    assert measure_lufs(tmp_path / "level.wav") == pytest.approx(TARGET_LUFS, abs=1.5)
    with wave.open(str(tmp_path / "level.wav")) as file:
        assert file.getframerate() == RATE_HZ
    assert read_json(Narration, tmp_path / "b.json").words == ()


def test_a_speech_api_is_asked_again_when_it_is_busy(tmp_path: Path, speech_server: tuple[str, type[_SpeechServer]]) -> None:
    url, handler = speech_server
    options = VoiceOptions(folder=tmp_path, base_url=url, api_key="secret", model="kokoro", default_voice="nova")
    speak([("Leaves are green.", tmp_path / "a")], VoiceRequest("en", speed=1.1, pronunciations={"green": "verdant"}), options)
    assert len(handler.requests) == 2
    assert handler.requests[1] == {
        "model": "kokoro",
        "input": "Leaves are verdant.",
        "voice": "nova",
        "response_format": "wav",
        "speed": 1.1,
    }
    assert handler.keys == ["Bearer secret"] * 2
    narration = read_json(Narration, tmp_path / "a.json")
    assert narration.engine == "api"
    assert [word.text for word in narration.words] == ["Leaves", " are", " green."]


class _GeminiServer(BaseHTTPRequestHandler):
    """Answers POST /v1beta/models/MODEL:generateContent with PCM in base64, at first with an answer that has no sound."""

    requests: list[tuple[str, str | None, dict[str, Any]]]

    def do_POST(self) -> None:
        self.requests.append(
            (self.path, self.headers.get("x-goog-api-key"), json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        )
        data = array("h", (int(8000 * math.sin(each / 5)) for each in range(24_000))).tobytes()
        sound = {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": base64.b64encode(data).decode()}}
        parts = [sound] if len(self.requests) > 1 else []
        body = json.dumps({"candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def test_gemini_speaks_where_it_was_chosen(tmp_path: Path) -> None:
    handler = type("Handler", (_GeminiServer,), {"requests": []})
    with serve(handler) as url:
        options = VoiceOptions(
            folder=tmp_path, engine="gemini", gemini_key="secret", base_url=f"{url}/v1beta", default_voice="Puck", model="tts-1"
        )
        speak([("Leaves are green.", tmp_path / "a")], VoiceRequest("en"), options)
    path, key, request = handler.requests[1]
    assert (path, key, len(handler.requests)) == ("/v1beta/models/gemini-2.5-flash-preview-tts:generateContent", "secret", 2)
    assert request["contents"] == [{"parts": [{"text": "Leaves are green."}]}]
    voice = request["generationConfig"]["speechConfig"]["voiceConfig"]["prebuiltVoiceConfig"]["voiceName"]
    assert (voice, request["generationConfig"]["responseModalities"]) == ("Puck", ["AUDIO"])
    narration = read_json(Narration, tmp_path / "a.json")
    assert (narration.engine, narration.voice, narration.duration_s) == (
        "gemini",
        "Puck",
        pytest.approx(1.28, abs=0.1),
    )  # with the pause after a sentence
    assert usable_engines(VoiceOptions(folder=tmp_path, gemini_key="a key for chat")) != ("gemini",)
    assert usable_engines(VoiceOptions(folder=tmp_path, engine="gemini")) == ()


def test_the_documented_settings_of_manimate_choose_gemini(tmp_path: Path) -> None:
    settings = [
        from_settings(Settings(data_dir=tmp_path, tts_provider="gemini", gemini_api_key=SecretStr(key), voice_engine=engine)).engine
        for key, engine in (("k", ""), ("", ""), ("k", "kokoro"))
    ]
    assert settings == ["gemini", "", "kokoro"]


def test_without_any_voice_the_error_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(VoiceMissing) as error:
        choose_voice(VoiceOptions(folder=tmp_path, engine="kokoro"), "en", "")
    assert "lectern voices install" in error.value.hint
    assert "VOICE_BASE_URL" in error.value.hint
    assert usable_engines(VoiceOptions(folder=tmp_path, engine="api")) == ()


@needs_espeak
def test_unknown_voices_and_languages_are_refused(tmp_path: Path) -> None:
    options = VoiceOptions(folder=tmp_path, engine="espeak-ng")
    with pytest.raises(UnknownVoice):
        choose_voice(options, "en", "nobody")
    of_another_engine = VoiceOptions(folder=tmp_path, engine="espeak-ng", default_voice="Kore")
    assert choose_voice(of_another_engine, "en", "").voice == "en-us"
    with pytest.raises(VoiceMissing, match="'xx'"):
        choose_voice(options, "xx", "")
    assert list_voices(options, "de-AT") == [("de", "espeak-ng")]


def test_formulas_are_not_read_without_the_package_or_in_an_unknown_language(tmp_path: Path) -> None:
    assert find_package(tmp_path) is None
    assert read_formulas(["x^2"], "en", tmp_path) == {}
    (tmp_path / "package.json").write_text("{}")
    assert find_package(tmp_path) == tmp_path
    assert read_formulas(["x^2"], "ru", tmp_path) == {}
    assert read_formulas([], "en", tmp_path) == {}


@needs_node
def test_a_damaged_package_leaves_the_formulas_to_the_own_reading(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"main": "missing.js"}')
    assert read_formulas(["x^2"], "en", tmp_path) == {}
    assert read_formulas(["x^2"], "no-NO", tmp_path) == {}
