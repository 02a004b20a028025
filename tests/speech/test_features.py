"""Features and voice computed in blocks are those of faster-whisper itself."""

from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.vad import get_vad_model

from services.speech_to_text import features, vad
from services.speech_to_text.port import SAMPLE_RATE
from services.speech_to_text.vad import speech_spans


@pytest.mark.parametrize("seconds", [0.05, 0.3, 1.0, 29.99, 30.0, 30.01, 65.4])
@pytest.mark.parametrize("bands", [80, 128])
def test_they_are_the_same(seconds: float, bands: int) -> None:
    chance = np.random.default_rng(7)
    sound = (chance.standard_normal(round(seconds * SAMPLE_RATE)) * np.linspace(0, 0.3, round(seconds * SAMPLE_RATE))).astype(np.float32)
    whole = FeatureExtractor(feature_size=bands)
    blocks = features.FeaturesInBlocks(whole)
    np.testing.assert_allclose(blocks(sound), whole(sound), rtol=0, atol=2e-6)
    assert blocks.nb_max_frames == whole.nb_max_frames


def test_silence_is_silence() -> None:
    sound = np.zeros(2 * SAMPLE_RATE, np.float32)
    assert np.ptp(features.FeaturesInBlocks(FeatureExtractor())(sound)) == 0


def test_voice_is_found_in_blocks_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(7)
    sound = chance.standard_normal(40 * SAMPLE_RATE).astype(np.float32) * np.repeat(chance.random(80), SAMPLE_RATE // 2).astype(np.float32)
    model = get_vad_model()
    speech_spans(sound[:SAMPLE_RATE])
    blocks = model.session
    monkeypatch.setattr(vad, "_BLOCK_WINDOWS", 100)
    padded = np.pad(sound, (0, -len(sound) % 512))
    found = model(padded)
    monkeypatch.setattr(model, "session", blocks._session)
    np.testing.assert_allclose(found, model(padded), rtol=0, atol=1e-5)
    assert np.ptp(found) > 0.01
