"""Subtitles as people really have them become a transcript, or a clear refusal."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import errors
from domain import Caption, SpeechSource, Transcript
from services.subtitles import read_captions, read_subtitles, read_subtitles_sandboxed

SRT = "1\n00:00:01,000 --> 00:00:03,000\nHello dear\nstudents.\n\n2\n00:00:04,000 --> 00:00:05,500\nToday: graphs.\n"


def read(tmp_path: Path, content: str | bytes, duration_s: float = 60, name: str = "a.srt") -> Transcript:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    transcript = read_subtitles(path, duration_s)
    words = [word for segment in transcript.segments for word in segment.words]
    assert all(0 <= word.start_s <= word.end_s <= duration_s for word in words)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in itertools.pairwise(words))
    return transcript


def texts(transcript: Transcript) -> list[str]:
    return [segment.text for segment in transcript.segments]


def test_srt_words_share_their_cue(tmp_path: Path) -> None:
    transcript = read(tmp_path, SRT)
    assert texts(transcript) == ["Hello dear students.", "Today: graphs."]
    assert transcript.source is SpeechSource.SUBTITLES
    first = transcript.segments[0]
    assert [word.text for word in first.words] == [" Hello", " dear", " students."]
    assert (first.start_s, first.end_s) == (1.0, 3.0)
    assert first.words[0].end_s == pytest.approx(1 + 2 * 5 / 18, abs=0.01)


def test_webvtt_with_styles_notes_settings_and_short_times(tmp_path: Path) -> None:
    vtt = (
        "WEBVTT - title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE not this\n\n"
        "intro\n00:01.000 --> 00:03.000 align:start position:0%\n<v Roger Bingham><c.yellow>We are <00:02.000><i>here</i></c>\n\n"
        "00:00:04.000 --> 00:00:05.000\nA &lt;b&gt; tag &amp; more&nbsp;text\n"
    )
    assert texts(read(tmp_path, vtt, name="a.vtt")) == ["We are here", "A <b> tag & more text"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings(tmp_path: Path, encoding: str) -> None:
    content = SRT.replace("graphs", "Übergänge und ε-Umgebungen").encode(encoding)
    assert "Übergänge und ε-Umgebungen" in texts(read(tmp_path, content))[1]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "L'été dernier, les élèves ont préféré étudier la théorie générale des systèmes à l'université."),
        ("cp1254", "Bugün çizge kuramının temellerini göreceğiz ve şimdi ağaçları inceleyeceğiz."),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy o teorii grafů, které dnes probereme."),
        ("gb18030", "今天我们讨论图论及其在计算机科学中的应用。"),
        ("cp1251", "Сегодня мы рассмотрим основные понятия теории вероятностей и математической статистики."),
        ("cp1256", "سنتحدث اليوم عن نظرية الاحتمالات وعن تطبيقاتها في علوم الحاسوب والهندسة"),
    ],
)
def test_old_windows_encodings_are_guessed(tmp_path: Path, encoding: str, text: str) -> None:
    content = "".join(f"{n}\n00:00:{n:02d},000 --> 00:00:{n:02d},900\n{text}\n\n" for n in range(1, 12)).encode(encoding)
    assert texts(read(tmp_path, content))[0] == text


def test_old_mac_and_windows_line_ends(tmp_path: Path) -> None:
    for end in ("\r\n", "\r"):
        assert len(read(tmp_path, SRT.replace("\n", end)).segments) == 2


def test_overlapping_empty_and_disordered_cues(tmp_path: Path) -> None:
    srt = (
        "5\n00:00:10,000 --> 00:00:20,000\nlater\n\n1\n00:00:01,000 --> 00:00:06,000\nfirst one\n\n"
        "2\n00:00:02,000 --> 00:00:04,000\nsecond\n\n3\n00:00:07,000 --> 00:00:08,000\n\n\n4\n00:00:09,000 --> 00:00:09,000\nno time\n"
    )
    transcript = read(tmp_path, srt)
    assert texts(transcript) == ["first one", "second", "no time", "later"]


def test_two_speakers_in_one_moment_both_stay(tmp_path: Path) -> None:
    srt = "1\n00:00:01,000 --> 00:00:03,000\n- Who?\n\n2\n00:00:01,000 --> 00:00:03,000\n- Me.\n\n3\n00:00:03,000 --> 00:00:04,000\nSo.\n"
    assert texts(read(tmp_path, srt)) == ["- Who?", "- Me.", "So."]


def test_cues_past_the_end_are_cut(tmp_path: Path) -> None:
    transcript = read(tmp_path, SRT, duration_s=4.5)
    assert transcript.segments[-1].end_s <= 4.5
    assert len(read(tmp_path, SRT, duration_s=3.5).segments) == 1


def test_signs_without_spaces_are_timed_one_by_one(tmp_path: Path) -> None:
    transcript = read(tmp_path, "1\n00:00:01,000 --> 00:00:03,000\n机器学习，OK 今天\n")
    assert [word.text for word in transcript.segments[0].words] == [" 机", "器", "学", "习，", "OK", " 今", "天"]
    assert transcript.segments[0].text == "机器学习，OK 今天"


def test_music_and_sound_notes_stay_as_text(tmp_path: Path) -> None:
    srt = "1\n00:00:01,000 --> 00:00:03,000\n♪ [MUSIC] ♪\n\n2\n00:00:03,000 --> 00:00:04,000\nif a < b and c > d {\\an8}then\n"
    assert texts(read(tmp_path, srt)) == ["♪ [MUSIC] ♪", "if a < b and c > d then"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n\n",
        b"just some text\nwithout times\n",
        b"WEBVTT\n",
        b"\x00\x01\x02\xff" * 100,
        b"%PDF-1.7\n\xe2\xe3\xcf\xd3",
        b"1\n00:00:01,000 --> \nx\n",
    ],
)
def test_a_file_without_subtitles_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(errors.BadSubtitles):
        read(tmp_path, content)


def test_subtitles_of_another_recording_are_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.BadSubtitles, match="duration"):
        read(tmp_path, SRT.replace("00:00:0", "02:00:0"))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "content",
    [
        b"\n" * 400_000,
        b" \n" * 500_000,
        b"\t" * 1_000_000,
        b"1" * 1_000_000,
        b"00:00 --> " * 100_000,
        b"1\n" + b"9" * 5000 + b":00:01.000 --> " + b"9" * 5000 + b":00:02.000\nx\n",
        b"1\n00:00:01,000 --> 00:00:02,000\n" + b"word " * 100_000,
    ],
    ids=["blank lines", "spaces", "tabs", "digits", "arrows", "hours without end", "a line without end"],
)
def test_no_text_takes_long_to_refuse(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "slow.srt"
    path.write_bytes(content)
    with pytest.raises(errors.BadSubtitles):
        read_subtitles_sandboxed(path, 60)


def test_a_child_reads_the_same(tmp_path: Path) -> None:
    expected = read(tmp_path, SRT)
    assert read_subtitles_sandboxed(tmp_path / "a.srt", 60) == expected


def test_captions_of_a_person_keep_lines_and_times(tmp_path: Path) -> None:
    assert read(tmp_path, SRT).captions == (
        Caption(1000, 3000, ("Hello dear", "students.")),
        Caption(4000, 5500, ("Today: graphs.",)),
    )


def test_captions_end_with_the_recording(tmp_path: Path) -> None:
    assert [caption.end_ms for caption in read(tmp_path, SRT, duration_s=4.5).captions] == [3000, 4500]
    assert len(read(tmp_path, SRT, duration_s=4).captions) == 1


def test_a_caption_without_duration_gets_the_time_to_read_it(tmp_path: Path) -> None:
    (first, _) = read(tmp_path, SRT.replace("00:00:03,000", "00:00:01,000")).captions
    assert (first.start_ms, first.end_ms) == (1000, 2118)


def test_captions_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text("WEBVTT\n\n00:05.000 --> 00:06.000\n<b>Later</b>\n\n00:01.000 --> 00:02.000\nEarlier\n", encoding="utf-8")
    assert read_captions(path) == (Caption(5000, 6000, ("Later",)), Caption(1000, 2000, ("Earlier",)))
