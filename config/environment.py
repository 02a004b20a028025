"""Environment variables that are not settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

# Variables from other systems' documentation that have no effect, with what to use instead. They are accepted, and `flask doctor` lists
# those that are set.
UNUSED_VARIABLES = {
    "DIA_TTS_BASE_URL": "VOICE_BASE_URL is the address of a speech API with OpenAI's protocol.",
    "MANIM_MODEL": "No code is written by a model: scenes are data. SCRIPT_MODEL writes the scripts.",
    "USE_BATCH_MANIM": "No code is written by a model: scenes are data.",
    "THINKING_BUDGET": "It is a parameter of Gemini's own API; SCRIPT_MODEL is used over OpenAI's protocol.",
    "PYTHON_API_URL": "One server answers the paths of both programs.",
    "PYTHON_API_PORT": "One server answers the paths of both programs, at PORT.",
    "VIDEO_STORAGE_PATH": "Videos are in DATA_DIR, or in the bucket S3_BUCKET_NAME.",
    "FLASK_ENV": "It never turns on debugging; `flask run --debug` does.",
    "API_HOST": "gunicorn's option --bind sets the address.",
    "API_PORT": "PORT sets the port.",
    "CREDITS_IMAGE_GENERATION": "CREDIT_PRICES has one price for each kind of job; pictures are not generated.",
    "CREDITS_VIDEO_GENERATION": "CREDIT_PRICES has one price for each kind of job, such as `lesson=3`.",
    "STRIPE_PRICE_BASIC": "PLANS has the prices of each plan (`price_ids`).",
    "STRIPE_PRICE_ID_BASIC": "PLANS has the prices of each plan (`price_ids`).",
    "YOUTUBE_UPLOAD_RETRY": "An upload continues after interruptions with the bytes that YouTube has.",
    "MAX_CONCURRENT_JOBS_PER_USER": "MAX_JOBS_PER_USER bounds the running jobs of a user, USER_ACTIVE_JOBS the unfinished ones.",
    "MAX_JOBS_PER_USER_HOUR": "USER_ACTIVE_JOBS and USER_UPLOADS_PER_DAY bound what a user can start.",
    "WORKER_CONCURRENCY": "JOB_THREADS is the number of concurrent jobs of a process.",
    "WORKER_MAX_RETRIES": "Jobs are tried again by rules of their errors, at most five times without progress.",
    "FIREBASE_SERVICE_ACCOUNT_KEY": "Firebase's tokens are verified with its public keys; FIREBASE_PROJECT_ID is enough.",
    "GOOGLE_APPLICATION_CREDENTIALS": "Firebase's tokens are verified with its public keys; FIREBASE_PROJECT_ID is enough.",
    "DISABLE_FIREBASE": "Without FIREBASE_PROJECT_ID no token of Firebase is accepted.",
    "ENABLE_WORKER_API": "JOB_EXECUTOR=remote lets remote workers run the jobs.",
    "INTERNAL_WORKER_SECRET": "WORKER_API_KEY is the key of remote workers.",
    "WORKER_HEARTBEAT_TIMEOUT": "LEASE_S is the time after which a job without a heartbeat goes to another worker.",
    "LECTURE2PDF_PATH": "The conversion is part of this program.",
    "MAX_CONTENT_LENGTH": "MAX_UPLOAD_BYTES bounds uploads.",
    "WHISPER_MODEL": "SPEECH_MODEL and SPEECH_MODEL_FOLDER choose the model.",
    "WHISPER_DEVICE": "SPEECH_DEVICE chooses CPU or GPU.",
    "TRANSCRIBE_CHUNK_SECONDS": "Recordings are divided at pauses of the speech.",
}


def unused_variables(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return those of these variables that are set, with what to use instead."""
    variables = os.environ if environment is None else environment
    return {name: instead for name, instead in UNUSED_VARIABLES.items() if variables.get(name)}


def share_metrics(folder: Path) -> None:
    """Make prometheus_client of this process and its forks count in files of this folder. Call it before importing that library."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def metrics_folder() -> Path | None:
    """Return the folder in which the processes of one server count together, if there is one."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(folder) if folder else None
