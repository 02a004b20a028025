"""Modules import only from lower layers, and only a few modules use Flask, child processes, AWS, HTTP and the environment."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from pathlib import Path

import pytest

from config import PROJECT

RANKS = [
    ["domain", "config", "errors"],
    ["lib.clock", "lib.waiting", "lib.serialization", "lib.request_id", "lib.tracing"],
    ["database", "db"],
    ["tables"],
    ["models", "migrations"],
    ["lib"],
    [
        "services.media",
        "services.captions",
        "services.citations",
        "services.terms",
        "services.search.analysis",
        "services.transcript_text",
        "services.slide_plan",
        "services.language_model",
    ],
    [
        "services.storage",
        "services.downloaders",
        "services.slides",
        "services.ocr",
        "services.speech_to_text",
        "services.speech_synthesis",
        "services.documents",
        "services.proofreading",
        "services.subtitles",
        "services.own_text",
        "services.email",
        "services.identity",
        "services.transcoder_queue",
        "services.payments",
        "services.youtube",
    ],
    ["services.jobs", "services.operations.error_log", "services.outbox.topics"],
    ["services"],
    ["schemas", "pipelines"],
    ["bootstrap"],
    ["routes.container", "routes.caller", "routes"],
    ["admin_routes"],
    ["commands", "cli"],
    ["app"],
    ["wsgi", "lectern", "server_config", "gunicorn.conf"],
]
ADAPTERS = RANKS[7]
ONLY_IN = {
    "flask": [
        *("app.py", "cli.py", "lectern.py", "commands/", "admin_routes.py", "routes/", "database.py", "db/", "bootstrap.py", "migrations/"),
        *("services/jobs/executors/threads.py", "services/jobs/janitor.py"),
    ],
    "subprocess": ["lib/child.py"],
    "boto3": ["services/storage/s3.py", "services/identity/cognito.py", "services/transcoder_queue/sqs.py"],
    "google": ["services/youtube/"],
    "googleapiclient": ["services/youtube/"],
    "requests": ["lib/http_client.py", "lib/api_client.py"],
}
EXCLUDED_FOLDERS = ("tests/", "bench/", "samples/", "scripts/")


@pytest.fixture(scope="module")
def source_files() -> list[Path]:
    result = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [Path(name) for name in result.stdout.split() if not name.startswith(EXCLUDED_FOLDERS)]


@functools.cache
def imports_of(path: Path) -> set[str]:
    """Return the full names that a module imports, including lazy imports, without those for type checkers only."""
    imports = set()
    tree = ast.parse((PROJECT / path).read_text())
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports |= {f"{node.module}.{alias.name}" for alias in node.names}
    return imports


def rank_of(name: str) -> int | None:
    """Return the rank of the longest matching prefix; None for third-party packages."""
    ranks = [(len(prefix), rank) for rank, names in enumerate(RANKS) for prefix in names if name == prefix or name.startswith(prefix + ".")]
    return max(ranks)[1] if ranks else None


def module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def test_every_module_has_a_rank(source_files: list[Path]) -> None:
    assert [str(path) for path in source_files if rank_of(module_name(path)) is None] == []


def test_modules_import_only_from_their_rank_and_lower_ones(source_files: list[Path]) -> None:
    upward = []
    for path in source_files:
        own = rank_of(module_name(path)) or 0
        upward += [f"{path}: {name}" for name in imports_of(path) if (rank_of(name) or 0) > own]
    assert upward == []


def test_adapters_import_neither_each_other_nor_the_database(source_files: list[Path]) -> None:
    wrong = []
    for path in source_files:
        own = next((each for each in ADAPTERS if module_name(path) == each or module_name(path).startswith(each + ".")), None)
        others = [each for each in [*ADAPTERS, "database", "db", "tables", "models"] if each != own] if own else []
        wrong += [f"{path}: {name}" for name in imports_of(path) if any(f"{name}.".startswith(f"{other}.") for other in others)]
    assert wrong == []


def test_stages_import_no_upper_layer(source_files: list[Path]) -> None:
    stages = [path for path in source_files if path.parts[:2] == ("pipelines", "stages")]
    upper_layers = ("database", "db", "models", "flask", "services.jobs", "structlog", "pipelines.runner")
    assert stages
    assert [f"{path}: {name}" for path in stages for name in imports_of(path) if name.startswith(upper_layers)] == []


def test_routes_hold_no_database_access(source_files: list[Path]) -> None:
    routes = [path for path in source_files if path.parts[0] == "routes" or path == Path("admin_routes.py")]
    forbidden = {"sqlalchemy", "flask_sqlalchemy", "database", "db", "models", "bootstrap"}
    assert routes
    assert [f"{path}: {name}" for path in routes for name in imports_of(path) if name.partition(".")[0] in forbidden] == []


def test_some_packages_are_imported_in_few_modules(source_files: list[Path]) -> None:
    wrong = []
    for path in source_files:
        for name in imports_of(path):
            allowed_files = ONLY_IN.get(name.partition(".")[0])
            if allowed_files is not None and not str(path).startswith(tuple(allowed_files)):
                wrong.append(f"{path}: {name}")
    assert wrong == []


def test_only_config_reads_the_environment(source_files: list[Path]) -> None:
    readers = [str(path) for path in source_files if re.search(r"os\.environ|getenv", (PROJECT / path).read_text())]
    allowed_files = ("config/", "lib/process.py", "lib/child.py")  # these pass PATH and the like on to child processes
    assert [path for path in readers if not path.startswith(allowed_files)] == []


MAY_TAKE_SETTINGS = (
    *("database.py", "db/", "bootstrap.py", "config/", "migrations/", "app.py", "routes/", "commands/", "server_config.py"),
    *("services/operations/settings.py", "services/operations/email_settings.py"),  # admins change settings
    *(
        "services/library/known_files.py",
        "services/library/receiving.py",
        "services/library/uploads.py",
        "services/library/chunked_uploads.py",
        "services/library/resumable_uploads.py",
        "services/library/file_replacement.py",
    ),  # limits that admins change at run time
    *("services/library/feature.py", "pipelines/workspaces.py", "schemas/email.py"),
)


def test_only_factories_have_a_settings_parameter(source_files: list[Path]) -> None:
    """Other functions take values, which a `from_settings` function reads from the settings."""
    functions = [
        f"{path}: {function.name}"
        for path in source_files
        if not str(path).startswith(MAY_TAKE_SETTINGS)
        for function in ast.walk(ast.parse((PROJECT / path).read_text()))
        if isinstance(function, ast.FunctionDef) and not function.name.endswith("from_settings")
        for argument in [*function.args.args, *function.args.kwonlyargs]
        if argument.annotation is not None and ast.unparse(argument.annotation) == "Settings"
    ]
    assert functions == []
