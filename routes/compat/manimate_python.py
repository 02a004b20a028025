"""The paths of Manimate's Python server, which wrote scripts and rendered videos without chats."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request

from routes.caller import caller, login_required
from routes.compat.manimate_lessons import NOT_FOUND_DOC, WRITING_DOC, LimitQuery, failure_of, job_body, render, update, write_scripts
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from schemas.manimate import GenerateScriptsIn, GenerationOptions, script_out
from services.lessons.writer import WriterOptions
from services.operations import setup_check
from services.scripts import reading, renders
from services.speech_synthesis import VoiceOptions

manimate_python = Blueprint("manimate_python", __name__, scope="content", tag="Manimate")


@manimate_python.post("/api/generate_scripts")
@endpoint(rate_limits=("upload",))
@login_required
@manimate_python.input(GenerateScriptsIn)
@manimate_python.doc(responses={200: "The tokens of the scripts", **WRITING_DOC})
def generate_scripts(json_data: GenerateScriptsIn) -> Any:
    """Write three scripts about a topic. Tokens of scripts that are still being written are included."""
    scripts = write_scripts(json_data.topic, "")
    usable_scripts = [each for each in scripts if each.state == "ready" or each.is_pending]
    if not usable_scripts:
        raise failure_of(scripts)
    return jsonify(topic=json_data.topic, tokens=[each.row.id for each in usable_scripts], count=len(usable_scripts))


@manimate_python.get("/api/script/<script_id>")
@login_required
@manimate_python.doc(responses={200: "The script", 409: "It is not written yet", **NOT_FOUND_DOC})
def show_script(script_id: str) -> Any:
    """Show a script with its current scenes."""
    return jsonify(script_out(reading.get_written(caller(), script_id)[1]))


@manimate_python.post("/api/script/<script_id>")
@login_required
@manimate_python.doc(responses={200: "The script", **NOT_FOUND_DOC})
def change_script(script_id: str) -> Any:
    """Change a script: its title, and scenes by their `seq`."""
    script = update(script_id, request.get_json())
    return jsonify(token=script_id, script=script, message="The script was updated.")


@manimate_python.post("/api/generate/<script_id>")
@endpoint(rate_limits=("upload",))
@login_required
@manimate_python.input(GenerationOptions)
@manimate_python.doc(responses={200: "The job", **NOT_FOUND_DOC})
def generate(script_id: str, json_data: GenerationOptions) -> Any:
    """Make the video of a script as it is now."""
    return jsonify(job_id=render(script_id, json_data), status="pending", message="The video is being made.", token=script_id)


@manimate_python.get("/api/job/<render_id>")
@login_required
@manimate_python.doc(responses={200: "The job", **NOT_FOUND_DOC})
def show_job(render_id: str) -> Any:
    """Show a job that makes a video."""
    return jsonify(job_body(renders.get_render(caller(), render_id)))


@manimate_python.get("/api/jobs")
@login_required
@manimate_python.input(LimitQuery, location="query")
@manimate_python.doc(responses={200: "The jobs, newest first"})
def list_jobs(query_data: LimitQuery) -> Any:
    """List the caller's jobs that make videos."""
    rows, total = renders.list_renders(caller(), query_data.limit)
    return jsonify(jobs=[job_body(row) for row in rows], total=total)


@manimate_python.delete("/api/job/<render_id>")
@login_required
@manimate_python.doc(responses={200: "Deleted", **NOT_FOUND_DOC})
def delete_job(render_id: str) -> Any:
    """Stop a job and delete its record; a finished video stays."""
    renders.delete_render(caller(), render_id)
    return jsonify(message="The job was deleted.")


@manimate_python.post("/api/validate_config")
@login_required
@manimate_python.doc(responses={200: "Whether topics can be written and videos spoken, with the reasons if not"})
def validate_config() -> Any:
    """Check the settings that lessons depend on."""
    components = container()
    options = components.engines.get(WriterOptions), components.engines.get(VoiceOptions)
    problems = setup_check.lesson_problems(*options, components.settings.tts_provider)
    body = {"valid": False, "errors": problems} if problems else {"valid": True, "message": "Topics can be written, and videos spoken."}
    return jsonify(body)
