"""The WAV for the speech engine runs on the container's clock."""

from __future__ import annotations

from pathlib import Path

import pytest

import errors
from domain import MediaInfo
from services.media.audio import extract_audio
from services.media.probe import probe
from tests.media.samples import first_sound_s, make, picture, samples_of, tone


def extracted(source: Path) -> Path:
    wav = source.with_suffix(".extracted.wav")
    extract_audio(source, wav, probe(source))
    return wav


def test_sound_comes_as_plain_wav_of_the_same_length(tmp_path: Path) -> None:
    seen: list[tuple[float, float]] = []
    source = make(tmp_path / "a.mp4", *picture(3), *tone(3))
    extract_audio(source, tmp_path / "a.wav", probe(source), report=lambda done, total: seen.append((done, total)))
    assert len(samples_of(tmp_path / "a.wav")) / 16000 == pytest.approx(3, abs=0.1)
    assert seen[-1][0] == pytest.approx(seen[-1][1], abs=0.1)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize("ending", ["mkv", "mp4", "ts"])
def test_sound_that_starts_late_is_led_by_silence(tmp_path: Path, ending: str) -> None:
    source = make(tmp_path / f"late.{ending}", *picture(4), "-itsoffset", "1.5", *tone(2))
    assert first_sound_s(extracted(source)) == pytest.approx(1.5, abs=0.06)


@pytest.mark.parametrize("ending", ["mkv", "mp4", "ts"])
def test_a_picture_that_starts_late_does_not_shift_the_sound(tmp_path: Path, ending: str) -> None:
    hush = "volume=enable='lt(t,1)':volume=0"
    source = make(tmp_path / f"late.{ending}", "-itsoffset", "2", *picture(2), *tone(4), "-af", hush)
    assert first_sound_s(extracted(source)) == pytest.approx(1.0, abs=0.06)


def test_a_gap_stays_a_gap(tmp_path: Path) -> None:
    cut = "aselect='not(between(t,1,2.5))'"
    source = make(tmp_path / "gap.mkv", *tone(4), "-af", cut, "-c:a", "pcm_s16le")
    sound = samples_of(extracted(source))
    assert len(sound) / 16000 == pytest.approx(4, abs=0.1)
    assert abs(sound[int(1.3 * 16000) : int(2.2 * 16000)]).max() < 0.01
    assert abs(sound[int(3.0 * 16000) : int(3.5 * 16000)]).max() > 0.05


def test_a_container_that_starts_at_an_hour_begins_at_zero(tmp_path: Path) -> None:
    source = make(tmp_path / "live.ts", *picture(2), *tone(2), "-output_ts_offset", "3600")
    assert first_sound_s(extracted(source)) < 0.1
    assert len(samples_of(extracted(source))) / 16000 == pytest.approx(2, abs=0.15)


def test_no_sound_is_said(tmp_path: Path) -> None:
    source = make(tmp_path / "mute.mp4", *picture(1))
    with pytest.raises(errors.UnusableRecording, match="no sound"):
        extract_audio(source, tmp_path / "x.wav", probe(source))


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", *tone(3))
    media: MediaInfo = probe(source)

    def cancelled() -> None:
        raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        extract_audio(source, tmp_path / "x.wav", media, check=cancelled)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4"]
