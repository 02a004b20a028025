"""The extracted WAV has the container's clock."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

import errors
from domain import MediaInfo
from services.media.audio import extract_audio
from services.media.loudness import is_silent
from services.media.probe import probe
from tests.media.samples import audio_source, first_audible_s, make_media, read_samples, video_source


def extract_wav(source: Path) -> Path:
    wav = source.with_suffix(".extracted.wav")
    extract_audio(source, wav, probe(source))
    return wav


def test_audio_is_extracted_as_wav_of_the_same_length(tmp_path: Path) -> None:
    progress: list[tuple[float, float]] = []
    source = make_media(tmp_path / "a.mp4", *video_source(3), *audio_source(3))
    extract_audio(source, tmp_path / "a.wav", probe(source), report=lambda done, total: progress.append((done, total)))
    assert len(read_samples(tmp_path / "a.wav")) / 16000 == pytest.approx(3, abs=0.1)
    assert progress[-1][0] == pytest.approx(progress[-1][1], abs=0.1)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize("ending", ["mkv", "mp4", "ts"])
def test_late_audio_starts_with_silence(tmp_path: Path, ending: str) -> None:
    source = make_media(tmp_path / f"late.{ending}", *video_source(4), "-itsoffset", "1.5", *audio_source(2))
    assert first_audible_s(extract_wav(source)) == pytest.approx(1.5, abs=0.06)


@pytest.mark.parametrize("ending", ["mkv", "mp4", "ts"])
def test_late_video_does_not_shift_the_audio(tmp_path: Path, ending: str) -> None:
    hush = "volume=enable='lt(t,1)':volume=0"
    source = make_media(tmp_path / f"late.{ending}", "-itsoffset", "2", *video_source(2), *audio_source(4), "-af", hush)
    assert first_audible_s(extract_wav(source)) == pytest.approx(1.0, abs=0.06)


def test_gaps_become_silence(tmp_path: Path) -> None:
    cut = "aselect='not(between(t,1,2.5))'"
    source = make_media(tmp_path / "gap.mkv", *audio_source(4), "-af", cut, "-c:a", "pcm_s16le")
    sound = read_samples(extract_wav(source))
    assert len(sound) / 16000 == pytest.approx(4, abs=0.1)
    assert abs(sound[int(1.3 * 16000) : int(2.2 * 16000)]).max() < 0.01
    assert abs(sound[int(3.0 * 16000) : int(3.5 * 16000)]).max() > 0.05


def test_a_container_start_of_one_hour_becomes_zero(tmp_path: Path) -> None:
    source = make_media(tmp_path / "live.ts", *video_source(2), *audio_source(2), "-output_ts_offset", "3600")
    assert first_audible_s(extract_wav(source)) < 0.1
    assert len(read_samples(extract_wav(source))) / 16000 == pytest.approx(2, abs=0.15)


def test_a_recording_without_audio_is_rejected(tmp_path: Path) -> None:
    source = make_media(tmp_path / "mute.mp4", *video_source(1))
    with pytest.raises(errors.UnusableRecording, match="no audio"):
        extract_audio(source, tmp_path / "x.wav", probe(source))


def test_cancelling_leaves_no_files(tmp_path: Path) -> None:
    source = make_media(tmp_path / "a.mp4", *audio_source(3))
    media: MediaInfo = probe(source)

    def cancel() -> None:
        raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        extract_audio(source, tmp_path / "x.wav", media, check=cancel)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4"]


def test_silence_and_a_click_are_not_sound(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    hiss = rng.normal(0, 30, 16000 * 20)
    click = hiss.copy()
    click[5000:5200] = 20000
    quiet_voice = hiss + 900 * np.sin(np.arange(hiss.size) * 0.1)
    for samples, expected in ((np.zeros(16000 * 5), True), (hiss, True), (click, True), (quiet_voice, False), (np.zeros(0), True)):
        path = tmp_path / "sound.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(samples.astype("<i2").tobytes())
        assert is_silent(path) is expected
