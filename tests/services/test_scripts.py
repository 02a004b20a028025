"""Scripts as use cases: versions, edits of scenes, conflicts, estimates and the jobs that render them."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

import errors
from database import session, transaction
from lib.paging import Paging
from models import Job, ScriptVersion
from services.accounts import Caller
from services.jobs import queue
from services.jobs.queue import maintenance
from services.jobs.scheduling import duration_model
from services.jobs.scheduling.scheduler import LaneThresholds
from services.lessons.duration import narration_s
from services.lessons.errors import LessonTooLong
from services.lessons.script import Bullets, Clip, LessonScript, Quiz, Scene, Title
from services.scripts import editing, reading, rendering
from services.scripts.errors import ScriptBeingRendered, ScriptChanged, TooManyScripts, UnknownScene, UnusableScript
from tests.conftest import User


def scene(scene_id: str, narration: str = "Light falls on the leaf.") -> Scene:
    return Scene(id=scene_id, narration=narration, content=Bullets(heading="Leaves", items=("Light", "Water")))


SCRIPT = LessonScript(title="Photosynthesis", scenes=(scene("a"), scene("b"), scene("c")))


@pytest.fixture
def ada(user: User) -> Caller:
    return Caller(user.id, user.email, "user", "")


@pytest.fixture
def mallory(stranger: User) -> Caller:
    return Caller(stranger.id, stranger.email, "user", "")


@pytest.fixture
def job_limits() -> rendering.JobLimits:
    return rendering.JobLimits(True, 5, LaneThresholds(), max_duration_s=43_200, quota_bytes=10**9)


def ids_of(caller: Caller, script_id: str) -> list[str]:
    return [each.id for each in reading.get_written(caller, script_id)[1].scenes]


def test_every_edit_is_a_version_and_each_can_be_restored(app: Flask, ada: Caller) -> None:
    with app.app_context():
        script_id = editing.create(ada, SCRIPT).id
        editing.reorder(ada, script_id, ["c", "a", "b"], 1)
        editing.insert_scene(ada, script_id, scene("d"), 1, 2)
        editing.delete_scene(ada, script_id, "a", 3)
        editing.put_scene(ada, script_id, scene("b", "Roots drink."), 4)
        assert ids_of(ada, script_id) == ["c", "d", "b"]
        assert reading.get_written(ada, script_id)[1].scenes[2].narration == "Roots drink."
        editing.put_scene(ada, script_id, scene("b", "Roots drink."), 5)  # changes nothing
        assert [each.number for each in reading.list_versions(ada, script_id)] == [5, 4, 3, 2, 1]
        editing.restore(ada, script_id, 1, None)
        script, content = reading.get_written(ada, script_id)
        assert (script.row.version, content) == (6, SCRIPT)


def test_an_edit_of_an_older_version_is_a_conflict(app: Flask, ada: Caller) -> None:
    with app.app_context():
        script_id = editing.create(ada, SCRIPT).id
        editing.delete_scene(ada, script_id, "a", 1)
        with pytest.raises(ScriptChanged, match="current version is 2"):
            editing.delete_scene(ada, script_id, "b", 1)
        assert ids_of(ada, script_id) == ["b", "c"]


def test_edits_that_do_not_fit_are_refused(app: Flask, ada: Caller) -> None:
    with app.app_context():
        script_id = editing.create(ada, SCRIPT).id
        with pytest.raises(UnknownScene):
            editing.put_scene(ada, script_id, scene("z"), None)
        with pytest.raises(errors.Conflict):
            editing.insert_scene(ada, script_id, scene("a"), None, None)
        with pytest.raises(errors.ValidationFailed):
            editing.reorder(ada, script_id, ["a", "b"], None)
        one_scene_id = editing.create(ada, LessonScript(title="One", scenes=(scene("a"),))).id
        with pytest.raises(errors.ValidationFailed):
            editing.delete_scene(ada, one_scene_id, "a", None)


def test_scripts_are_private(app: Flask, ada: Caller, mallory: Caller) -> None:
    with app.app_context():
        script_id = editing.create(ada, SCRIPT).id
        for operation in (reading.get, editing.delete):
            with pytest.raises(errors.NotFound):
                operation(mallory, script_id)
        with pytest.raises(errors.NotFound):
            editing.delete_scene(mallory, script_id, "a", None)
        assert ids_of(ada, script_id) == ["a", "b", "c"]


def test_a_render_keeps_the_version_that_was_confirmed(app: Flask, ada: Caller, job_limits: rendering.JobLimits) -> None:
    with app.app_context():
        maintenance.pause_queue("test", "")
        script_id = editing.create(ada, SCRIPT).id
        job_id = rendering.submit(ada, script_id, {"height": 720}, job_limits).id
        assert rendering.submit(ada, script_id, {"height": 720}, job_limits).id == job_id  # sent twice
        editing.put_scene(ada, script_id, scene("a", "Something else."), 1)
        options = session().get_one(Job, job_id).options
        version = session().get_one(ScriptVersion, options["script_version_id"])
        assert options["height"] == 720 and reading.content_of(version) == SCRIPT
        assert rendering.submit(ada, script_id, {"height": 720}, job_limits).id != job_id  # the edited version
        assert rendering.submit(ada, script_id, {"height": 720}, job_limits, version=1).id == job_id
        with pytest.raises(ScriptBeingRendered):
            editing.delete(ada, script_id)
        with transaction() as write_session:
            for job in write_session.query(Job):
                queue.request_cancel(job.id)
        editing.delete(ada, script_id)
        with pytest.raises(errors.NotFound):
            reading.get(ada, script_id)


def test_estimates_follow_the_language_and_the_kinds_of_scenes(app: Flask, ada: Caller) -> None:
    assert narration_s("word " * 150, "en") == pytest.approx(60)
    assert narration_s("wort " * 150, "de") > 60
    assert narration_s("光合作用" * 65, "zh") == pytest.approx(60)
    assert narration_s("A [pause 2.5s] B", "en") == pytest.approx(2.5 + 2 * 60 / 150)
    quiz = Quiz(question="Why?", options=("Light", "Dark"), answer=0)
    scenes = (
        Scene(id="a", content=Title(heading="Silent")),
        Scene(id="b", narration="word " * 150, content=quiz),
        Scene(id="c", content=Clip(recording_id="x", start_s=2, end_s=12)),
    )
    with app.app_context():
        script_id = editing.create(ada, LessonScript(title="Kinds", scenes=scenes)).id
        estimate = reading.estimate(ada, script_id)
    assert [each.duration_s for each in estimate.scenes] == [4.0, 63.6, 10.0]
    assert (estimate.duration_s, estimate.is_measured) == (77.6, False)
    assert 0.3 * 77.6 < estimate.render_s < 77.6
    with app.app_context():
        with transaction() as write_session:
            duration_model.record(write_session, "lesson", 100.0, {duration_model.TOTAL: 200.0})
        estimate = reading.estimate(ada, script_id)
    assert (estimate.render_s, estimate.is_measured) == (pytest.approx(155.2), True)


def test_a_stored_script_that_breaks_a_newer_rule_is_refused_with_a_hint(app: Flask, ada: Caller) -> None:
    with app.app_context():
        script = editing.create(ada, SCRIPT)
        with transaction() as write_session:
            version = write_session.query(ScriptVersion).filter_by(script_id=script.id).one()
            version.script = {**version.script, "scenes": []}
        with pytest.raises(UnusableScript):
            reading.get_written(ada, script.id)
        other = editing.create(ada, SCRIPT)
        states = {each.row.id: each.state for each in reading.list_page(ada, Paging(1, 10)).rows}
        assert states == {script.id: "unusable", other.id: "ready"}
        editing.replace(ada, script.id, SCRIPT, 1)
        assert reading.get_written(ada, script.id)[1] == SCRIPT


def test_old_versions_are_deleted_unless_a_video_was_made_of_them(
    app: Flask, ada: Caller, monkeypatch: pytest.MonkeyPatch, job_limits: rendering.JobLimits
) -> None:
    monkeypatch.setattr(editing, "MAX_VERSIONS", 3)
    with app.app_context():
        maintenance.pause_queue("test", "")
        script_id = editing.create(ada, SCRIPT).id
        rendering.submit(ada, script_id, {}, job_limits)
        for number in range(5):
            editing.put_scene(ada, script_id, scene("a", f"Text {number}."), None)
        assert [each.number for each in reading.list_versions(ada, script_id)] == [6, 5, 4, 1]


def test_the_bytes_of_all_versions_are_bounded(app: Flask, ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        script_id = editing.create(ada, SCRIPT).id
        size_bytes = reading.get_version(ada, script_id, 1).size_bytes
        monkeypatch.setattr(editing, "MAX_USER_BYTES", 2 * size_bytes)
        editing.create(ada, SCRIPT)
        with pytest.raises(TooManyScripts):
            editing.create(ada, SCRIPT)


def test_lessons_count_against_the_quota_and_have_a_maximum_duration(app: Flask, ada: Caller, job_limits: rendering.JobLimits) -> None:
    silent_script = SCRIPT.model_copy(update={"scenes": (scene("a", "[pause 30s]" * 900),)})
    with app.app_context():
        maintenance.pause_queue("test", "")
        script_id, silent_id = editing.create(ada, SCRIPT).id, editing.create(ada, silent_script).id
        with pytest.raises(errors.QuotaExceeded):
            rendering.submit(ada, script_id, {}, dataclasses.replace(job_limits, quota_bytes=1000))
        with pytest.raises(LessonTooLong, match="It takes"):
            rendering.submit(ada, script_id, {}, dataclasses.replace(job_limits, max_duration_s=5))
        with pytest.raises(LessonTooLong, match="'a'"):
            rendering.submit(ada, silent_id, {}, job_limits)
