"""Features and VAD computed in blocks equal those of faster-whisper."""

from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.vad import get_vad_model

from services.speech_to_text import features, vad
from services.speech_to_text.port import SAMPLE_RATE_HZ
from services.speech_to_text.vad import speech_spans


@pytest.mark.parametrize("seconds", [0.05, 0.3, 1.0, 29.99, 30.0, 30.01, 65.4])
@pytest.mark.parametrize("bands", [80, 128])
def test_blockwise_features_equal_those_of_the_original(seconds: float, bands: int) -> None:
    rng = np.random.default_rng(7)
    audio = (rng.standard_normal(round(seconds * SAMPLE_RATE_HZ)) * np.linspace(0, 0.3, round(seconds * SAMPLE_RATE_HZ))).astype(np.float32)
    original = FeatureExtractor(feature_size=bands)
    blocks = features.BlockwiseFeatureExtractor(original)
    np.testing.assert_allclose(blocks(audio), original(audio), rtol=0, atol=2e-6)
    assert blocks.nb_max_frames == original.nb_max_frames


def test_silence_has_constant_features() -> None:
    audio = np.zeros(2 * SAMPLE_RATE_HZ, np.float32)
    assert np.ptp(features.BlockwiseFeatureExtractor(FeatureExtractor())(audio)) == 0


def test_vad_in_blocks_equals_vad_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    audio = rng.standard_normal(40 * SAMPLE_RATE_HZ).astype(np.float32) * np.repeat(rng.random(80), SAMPLE_RATE_HZ // 2).astype(np.float32)
    model = get_vad_model()
    speech_spans(audio[:SAMPLE_RATE_HZ])
    blocks = model.session
    monkeypatch.setattr(vad, "_BLOCK_WINDOWS", 100)
    samples = np.pad(audio, (0, -len(audio) % 512))
    blockwise = model(samples)
    monkeypatch.setattr(model, "session", blocks._session)
    np.testing.assert_allclose(blockwise, model(samples), rtol=0, atol=1e-5)
    assert np.ptp(blockwise) > 0.01
