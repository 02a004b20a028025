"""The deck of a recording: its pages replace the pictures, and the coverage says what was shown."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import typst
from flask import Flask

from services.library import stored_inputs
from services.storage import keys
from tables.columns import new_id
from tests.conftest import SAMPLES, User

pytestmark = pytest.mark.usefixtures("cached_stages")


def test_a_deck_is_matched_and_can_be_taken_back(
    app: Flask, user: User, stranger: User, tiny_subtitles: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {"subtitles": (io.BytesIO(tiny_subtitles), "tiny.srt"), "formats": "md"}
    recording = user.upload(SAMPLES / "tiny.mp4", **fields).json["video_id"]
    user.wait(recording)
    path = f"/api/v1/recordings/{recording}"
    slides = user.get(f"{path}/slides").json["slides"]
    texts = [slide["text"] for slide in slides]
    source = tmp_path / "deck.typ"
    source.write_text(
        "#set page(width: 16cm, height: 9cm)\n"
        + "\n#pagebreak()\n".join(f"#raw(read({str(number)!r}))".replace("'", '"') for number in range(len(texts) + 1))
    )
    for number, text in enumerate([*texts, "Something quite different that nobody has seen"]):
        (tmp_path / str(number)).write_text(text)
    typst.compile(str(source), output=str(tmp_path / "deck.pdf"), root=str(tmp_path))
    deck = (tmp_path / "deck.pdf").read_bytes()

    def send(sender: User, content: bytes) -> int:
        body = {"deck": (io.BytesIO(content), "deck.pdf")}
        return sender.http.put(f"{path}/deck", data=body, headers=sender.headers).status_code

    ids: list[str] = []
    monkeypatch.setattr(stored_inputs, "new_id", lambda: ids.append(new_id()) or ids[-1])

    def stored_decks() -> int:
        """Count the stored decks; those of earlier requests must not wait for the janitor."""
        return sum(app.extensions["lectern"].store.size(keys.lecture_deck(recording, each)) is not None for each in ids)

    assert user.get(f"{path}/deck").status_code == 404
    assert send(stranger, deck) == 404 and send(user, b"no deck") == 422
    settings = app.extensions["lectern"].settings
    settings.user_quota_bytes, before = 1, settings.user_quota_bytes
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.library.receiving._check_before_body", lambda *_: None)  # as if other uploads had ended since
        assert send(user, deck) == 413
    assert stored_decks() == 0
    settings.user_quota_bytes = before
    assert send(user, deck + b"\n") == 202 and send(user, deck) == 202
    assert stored_decks() == 1
    user.wait(recording)
    coverage = user.get(f"{path}/deck").json
    assert coverage["is_rendered"] and coverage["skipped"] == 1
    assert [page["slides"] for page in coverage["pages"]] == [[slide["number"]] for slide in slides] + [[]]
    assert all(page["shown_s"] > 0 for page in coverage["pages"][:-1])
    assert "images/deck-001.jpg" in names_of(user, path)
    assert user.http.delete(f"{path}/deck", headers=user.headers).status_code == 200
    assert stored_decks() == 0
    user.wait(recording)
    assert "images/deck-001.jpg" not in names_of(user, path)


@pytest.mark.parametrize("replaces", [True, False])
def test_a_deck_may_change_while_a_job_fetches_it(
    app: Flask, user: User, tiny_subtitles: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaces: bool
) -> None:
    recording = user.upload(SAMPLES / "tiny.mp4", subtitles=(io.BytesIO(tiny_subtitles), "tiny.srt"), formats="md").json["video_id"]
    user.wait(recording)
    path = f"/api/v1/recordings/{recording}"
    decks = []
    for name in ("One", "Two"):
        (tmp_path / "deck.typ").write_text(f"#set page(width: 16cm, height: 9cm)\n{name} of two decks")
        typst.compile(str(tmp_path / "deck.typ"), output=str(tmp_path / f"{name}.pdf"))
        decks.append((tmp_path / f"{name}.pdf").read_bytes())

    def send(content: bytes) -> int:
        return user.http.put(f"{path}/deck", data={"deck": (io.BytesIO(content), "deck.pdf")}, headers=user.headers).status_code

    store = app.extensions["lectern"].store
    fetch = store.fetch
    changes: list[int] = []

    def fetch_after_a_change(key: str, target: Path) -> None:
        if target.name == "deck" and not changes:
            changes.append(0)
            changes[0] = send(decks[1]) if replaces else user.http.delete(f"{path}/deck", headers=user.headers).status_code
        fetch(key, target)

    monkeypatch.setattr(store, "fetch", fetch_after_a_change)
    assert send(decks[0]) == 202
    assert user.wait(recording)["status"] == "completed"
    assert changes == [202 if replaces else 200]
    if replaces:
        [page] = user.get(f"{path}/deck").json["pages"]
        assert page["title"] == "Two of two decks"
    else:
        assert user.get(f"{path}/deck").status_code == 404


def names_of(user: User, path: str) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(user.get(f"{path}/documents.zip").data)) as documents:
        notes = documents.read(documents.namelist()[0])
    return zipfile.ZipFile(io.BytesIO(notes)).namelist()
