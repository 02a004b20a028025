"""Create all tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(36)
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC_TIME = sa.DateTime(timezone=True)
STAGED = sa.text("staged_at IS NOT NULL")

TABLES = [
    "login_throttles",
    "used_signatures",
    "users",
    "api_keys",
    "email_tokens",
    "identities",
    "sessions",
    "pending_deletions",
    "multipart_uploads",
    "recordings",
    "artifacts",
    "bookmarks",
    "slide_decks",
    "slide_edits",
    "glossary_terms",
    "transcripts",
    "transcript_segments",
    "transcript_edits",
    "transcript_corrections",
    "job_counters",
    "queue_pauses",
    "stage_durations",
    "fair_shares",
    "uploaded_files",
    "projects",
    "project_members",
    "project_invitations",
    "jobs",
    "job_events",
    "batches",
    "batch_items",
    "site_cookies",
    "script_requests",
    "lesson_scripts",
    "lesson_script_versions",
    "project_assets",
    "notification_preferences",
    "notices",
    "webhooks",
    "deliveries",
    "audit_log",
    "processing_servers",
    "prompts",
    "setting_overrides",
    "active_prompts",
    "error_log",
    "recording_views",
    "recording_likes",
    "comments",
    "share_links",
    "courses",
    "course_recordings",
    "watch_positions",
    "credit_accounts",
    "credit_grants",
    "credit_holds",
    "credit_transactions",
    "credit_entries",
    "billing_customers",
    "subscriptions",
    "payment_events",
    "payment_objects",
    "former_customers",
    "pending_cancellations",
    "pending_revocations",
    "youtube_accounts",
    "youtube_sign_ins",
    "publications",
    "search_documents",
    "recording_slides",
]


def upgrade() -> None:
    _create_accounts()
    _create_recordings()
    _create_bookmarks()
    _create_slide_edits()
    _create_glossary()
    _create_transcripts()
    _create_projects()
    _create_jobs()
    _create_links()
    _create_scripts()
    _create_project_assets()
    _create_notifications()
    _create_operations()
    _create_reactions()
    _create_sharing()
    _create_courses()
    _create_credits()
    _create_subscriptions()
    _create_publishing()
    _create_search()
    _create_search_index()
    _make_ledger_append_only()


def downgrade() -> None:
    _drop_search_index()
    for name in reversed(TABLES):  # children before parents
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION reject_ledger_update")


def _create_accounts() -> None:
    op.create_table(
        "login_throttles",
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", UTC_TIME, nullable=False),
        sa.Column("blocked_until", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("subject", name="pk_login_throttles"),
    )
    op.create_index("ix_login_throttles_last_failure_at", "login_throttles", ["last_failure_at"])

    op.create_table(
        "used_signatures",
        sa.Column("signature", sa.String(64), nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("signature", name="pk_used_signatures"),
    )
    op.create_index("ix_used_signatures_expires_at", "used_signatures", ["expires_at"])

    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_verified", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("username", sa.String(64), nullable=True),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("first_name", sa.String(120), nullable=False),
        sa.Column("last_name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("quota_bytes", sa.BigInteger(), nullable=True),
        sa.Column("quota_jobs", sa.Integer(), nullable=True),
        sa.Column("quota_uploads", sa.Integer(), nullable=True),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("last_login_at", UTC_TIME, nullable=True),
        sa.Column("tokens_valid_from", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.UniqueConstraint("username", name="uq_users_username"),
    )

    op.create_table(
        "api_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_api_keys_user_id", ondelete="CASCADE"), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=True),
        sa.Column("last_used_at", UTC_TIME, nullable=True),
        sa.Column("revoked_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])

    op.create_table(
        "email_tokens",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_email_tokens_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_email_tokens"),
    )
    op.create_index("ix_email_tokens_expires_at", "email_tokens", ["expires_at"])
    op.create_index("ix_email_tokens_user_id", "email_tokens", ["user_id"])

    op.create_table(
        "identities",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_identities_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("picture", sa.String(1000), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])

    op.create_table(
        "sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_sessions_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("refresh_token_id", ID, nullable=False),
        sa.Column("previous_refresh_token_id", ID, nullable=True),
        sa.Column("rotated_at", UTC_TIME, nullable=True),
        sa.Column("upstream_refresh_token", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.String(255), nullable=False),
        sa.Column("ip_address", sa.String(64), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.Column("last_used_at", UTC_TIME, nullable=True),
        sa.Column("revoked_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def _create_recordings() -> None:
    op.create_table(
        "pending_deletions",
        sa.Column("key", sa.String(600), nullable=False),
        sa.Column("due_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_pending_deletions"),
    )
    op.create_index("ix_pending_deletions_due_at", "pending_deletions", ["due_at"])

    op.create_table(
        "multipart_uploads",
        sa.Column("key", sa.String(600), nullable=False),
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_multipart_uploads"),
        sa.ForeignKeyConstraint(["key"], ["pending_deletions.key"], name="fk_multipart_uploads_key", ondelete="CASCADE"),
    )

    op.create_table(
        "recordings",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_recordings_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("has_given_title", sa.Boolean(), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("sent_name", sa.String(500), nullable=False),
        sa.Column("storage_key", sa.String(600), nullable=False),
        sa.Column("upload_key", sa.String(600), nullable=True),
        sa.Column("subtitles_key", sa.String(600), nullable=True),
        sa.Column("thumbnail_key", sa.String(600), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("source_url", sa.String(2000), nullable=False),
        sa.Column("source_id", sa.String(300), nullable=False),
        sa.Column("has_poster", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("author", sa.String(200), server_default="", nullable=False),
        sa.Column("short_code", sa.String(12), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("chapters", JSON, server_default="[]", nullable=False),
        sa.Column("tags", JSON, server_default="[]", nullable=False),
        sa.Column("visibility", sa.String(10), server_default="PRIVATE", nullable=False),
        sa.Column("processing_status", sa.String(12), server_default="COMPLETED", nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("media", JSON, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.Column("deleted_at", UTC_TIME, nullable=True),
        sa.Column("restored_at", UTC_TIME, nullable=True),
        sa.Column("delete_at", UTC_TIME, nullable=True),
        sa.Column("hidden_at", UTC_TIME, nullable=True),
        sa.Column("automatic_streams", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("comments_allowed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("view_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("like_count", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("short_code", name="uq_recordings_short_code"),
        sa.UniqueConstraint("upload_key", name="uq_recordings_upload_key"),
    )
    op.create_index("ix_recordings_created_at", "recordings", ["created_at"])
    in_trash = sa.text("deleted_at IS NOT NULL")
    op.create_index("ix_recordings_deleted_at", "recordings", ["deleted_at"], sqlite_where=in_trash, postgresql_where=in_trash)
    op.create_index("ix_recordings_delete_at", "recordings", ["delete_at"])
    not_deleted = sa.text("deleted_at IS NULL")
    kept = {"sqlite_where": not_deleted, "postgresql_where": not_deleted}
    op.create_index("ix_recordings_kept", "recordings", ["user_id", "created_at", "deleted_at"], **kept)
    listed = sa.text(
        "visibility = 'PUBLIC' AND processing_status = 'COMPLETED' AND deleted_at IS NULL AND hidden_at IS NULL AND storage_key <> ''"
    )
    op.create_index("ix_recordings_listed", "recordings", ["created_at", "user_id"], sqlite_where=listed, postgresql_where=listed)
    op.create_index("ix_recordings_storage_key", "recordings", ["storage_key"])
    op.create_index("ix_recordings_user_id", "recordings", ["user_id"])

    op.create_table(
        "artifacts",
        sa.Column("id", ID, nullable=False),
        sa.Column("recording_id", ID, sa.ForeignKey("recordings.id", name="fk_artifacts_recording_id", ondelete="CASCADE"), nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("storage_key", sa.String(600), nullable=False),
        sa.Column("content_type", sa.String(120), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_artifacts"),
        sa.UniqueConstraint("recording_id", "format", name="uq_artifacts_recording_id_format"),
    )
    op.create_index("ix_artifacts_recording_id", "artifacts", ["recording_id"])


def _create_bookmarks() -> None:
    op.create_table(
        "bookmarks",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_bookmarks_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("recording_id", ID, sa.ForeignKey("recordings.id", name="fk_bookmarks_recording_id", ondelete="CASCADE"), nullable=False),
        sa.Column("time_s", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bookmarks"),
    )
    op.create_index("ix_bookmarks_user_id", "bookmarks", ["user_id"])
    op.create_index("ix_bookmarks_recording_id_user_id", "bookmarks", ["recording_id", "user_id"])


def _create_slide_edits() -> None:
    op.create_table(
        "slide_decks",
        sa.Column(
            "recording_id", ID, sa.ForeignKey("recordings.id", name="fk_slide_decks_recording_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("base", JSON, nullable=False),
        sa.Column("present", JSON, nullable=False),
        sa.Column("published", JSON, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_slide_decks"),
    )

    op.create_table(
        "slide_edits",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column(
            "recording_id",
            ID,
            sa.ForeignKey("slide_decks.recording_id", name="fk_slide_edits_recording_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("is_undone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("change", JSON, nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("edited_by", ID, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slide_edits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_slide_edits_order", "slide_edits", ["recording_id", "id"])


def _create_glossary() -> None:
    op.create_table(
        "glossary_terms",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_glossary_terms_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("term", sa.String(120), nullable=False),
        sa.Column("misheard", JSON, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_glossary_terms"),
        sa.UniqueConstraint("user_id", "term", name="uq_glossary_terms_user_id_term"),
    )
    op.create_index("ix_glossary_terms_user_id", "glossary_terms", ["user_id"])


def _create_transcripts() -> None:
    op.create_table(
        "transcripts",
        sa.Column(
            "recording_id", ID, sa.ForeignKey("recordings.id", name="fk_transcripts_recording_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("engine", sa.String(120), nullable=False),
        sa.Column("raw_sha256", sa.String(64), nullable=False),
        sa.Column("raw_first_word_id", sa.Integer(), nullable=False),
        sa.Column("next_segment_id", sa.Integer(), nullable=False),
        sa.Column("next_word_id", sa.Integer(), nullable=False),
        sa.Column("documents_revision", sa.Integer(), nullable=False),
        sa.Column("transcribe_prompt", sa.Text(), nullable=True),
        sa.Column("proofread_prompt", sa.Text(), nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_transcripts"),
    )

    of_transcript = "transcripts.recording_id"
    op.create_table(
        "transcript_segments",
        sa.Column(
            "recording_id",
            ID,
            sa.ForeignKey(of_transcript, name="fk_transcript_segments_recording_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Double(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("lowest_confidence", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", JSON, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "id", name="pk_transcript_segments"),
    )
    op.create_index("ix_transcript_segments_order", "transcript_segments", ["recording_id", "position"])

    op.create_table(
        "transcript_edits",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column(
            "recording_id",
            ID,
            sa.ForeignKey(of_transcript, name="fk_transcript_edits_recording_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("is_undone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("edited_by", ID, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transcript_edits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_transcript_edits_order", "transcript_edits", ["recording_id", "id"])

    op.create_table(
        "transcript_corrections",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column(
            "recording_id",
            ID,
            sa.ForeignKey(of_transcript, name="fk_transcript_corrections_recording_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("before_words", JSON, nullable=False),
        sa.Column("after_words", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transcript_corrections"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_transcript_corrections_order", "transcript_corrections", ["recording_id", "state", "start_s"])


def _create_projects() -> None:
    op.create_table(
        "uploaded_files",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_uploaded_files_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("storage_key", sa.String(600), nullable=False),
        sa.Column("content_type", sa.String(120), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploaded_files"),
    )
    op.create_index("ix_uploaded_files_user", "uploaded_files", ["user_id", "created_at"])

    op.create_table(
        "projects",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_projects_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("payer_id", ID, sa.ForeignKey("users.id", name="fk_projects_payer_id", ondelete="SET NULL"), nullable=True),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("script_text", sa.Text(), nullable=False),
        sa.Column("script_text_version", sa.Integer(), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("lesson_options", JSON, nullable=False),
        sa.Column("glossary", JSON, nullable=False),
        sa.Column("job_id", ID, nullable=True),
        sa.Column("recording_id", ID, sa.ForeignKey("recordings.id", name="fk_projects_recording_id", ondelete="SET NULL"), nullable=True),
        sa.Column("completed_at", UTC_TIME, nullable=True),
        sa.Column("archived_at", UTC_TIME, nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
    )
    op.create_index("ix_projects_job_id", "projects", ["job_id"])
    op.create_index("ix_projects_payer_id", "projects", ["payer_id"])
    op.create_index("ix_projects_recording_id", "projects", ["recording_id"])
    op.create_index("ix_projects_user", "projects", ["user_id", "created_at"])

    op.create_table(
        "project_members",
        sa.Column("project_id", ID, sa.ForeignKey("projects.id", name="fk_project_members_project_id", ondelete="CASCADE"), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_project_members_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "user_id", name="pk_project_members"),
    )
    op.create_index("ix_project_members_user_id", "project_members", ["user_id"])

    op.create_table(
        "project_invitations",
        sa.Column(
            "project_id", ID, sa.ForeignKey("projects.id", name="fk_project_invitations_project_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_project_invitations_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "user_id", name="pk_project_invitations"),
    )
    op.create_index("ix_project_invitations_user_id", "project_invitations", ["user_id"])


def _create_project_assets() -> None:
    objects = {"recording_id": "recordings", "script_id": "lesson_scripts", "file_id": "uploaded_files"}
    op.create_table(
        "project_assets",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, sa.ForeignKey("projects.id", name="fk_project_assets_project_id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        *(
            sa.Column(name, ID, sa.ForeignKey(f"{table}.id", name=f"fk_project_assets_{name}", ondelete="CASCADE"), nullable=True)
            for name, table in objects.items()
        ),
        sa.Column("is_main", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("added_by", ID, sa.ForeignKey("users.id", name="fk_project_assets_added_by", ondelete="SET NULL"), nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_project_assets"),
        *(sa.UniqueConstraint("project_id", name, name=f"uq_project_assets_project_id_{name}") for name in objects),
    )
    for name in (*objects, "added_by"):
        op.create_index(f"ix_project_assets_{name}", "project_assets", [name])


def _create_jobs() -> None:
    op.create_table(
        "job_counters",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "label", "part", name="pk_job_counters"),
    )

    op.create_table(
        "queue_pauses",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("paused_by", sa.String(254), nullable=False),
        sa.Column("paused_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queue_pauses"),
    )

    op.create_table(
        "stage_durations",
        sa.Column("pipeline", sa.String(40), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("run_weight", sa.Double(), nullable=False),
        sa.Column("sum_media_s", sa.Double(), nullable=False),
        sa.Column("sum_wall_s", sa.Double(), nullable=False),
        sa.Column("sum_media_squared", sa.Double(), nullable=False),
        sa.Column("sum_media_times_wall", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "stage", name="pk_stage_durations"),
    )

    op.create_table(
        "fair_shares",
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_fair_shares_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("last_served_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_fair_shares"),
    )

    op.create_table(
        "jobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_jobs_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("payer_id", ID, sa.ForeignKey("users.id", name="fk_jobs_payer_id", ondelete="SET NULL"), nullable=True),
        sa.Column("is_free", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("recording_id", ID, sa.ForeignKey("recordings.id", name="fk_jobs_recording_id", ondelete="CASCADE"), nullable=True),
        sa.Column("project_id", ID, sa.ForeignKey("projects.id", name="fk_jobs_project_id", ondelete="SET NULL"), nullable=True),
        sa.Column("pipeline", sa.String(40), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("request_id", sa.String(64), server_default="", nullable=False),
        sa.Column("traceparent", sa.String(55), server_default="", nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(8), server_default="short", nullable=False),
        sa.Column("media_s", sa.Double(), server_default="0", nullable=False),
        sa.Column("expected_duration_s", sa.Double(), nullable=True),
        sa.Column("wait_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("progress_at_last_loss", sa.Double(), server_default="0", nullable=False),
        sa.Column("run_after", UTC_TIME, nullable=True),
        sa.Column("staged_at", UTC_TIME, nullable=True),
        sa.Column("worker", sa.String(120), nullable=True),
        sa.Column("lease_expires_at", UTC_TIME, nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("cancelled_by", sa.String(254), nullable=True),
        sa.Column("cancellation_reason", sa.Text(), nullable=True),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("seconds_left", sa.Double(), nullable=True),
        sa.Column("warnings", JSON, nullable=False),
        sa.Column("metrics", JSON, nullable=False),
        sa.Column("error_code", sa.String(60), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_hint", sa.Text(), nullable=True),
        sa.Column("error_stage", sa.String(40), nullable=True),
        sa.Column("error_log", sa.Text(), nullable=True),
        sa.Column("retryable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("queued_at", UTC_TIME, nullable=False),
        sa.Column("started_at", UTC_TIME, nullable=True),
        sa.Column("finished_at", UTC_TIME, nullable=True),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_claim_order", "jobs", ["state", "priority", "lane", "user_id", "queued_at"])
    op.create_index("ix_jobs_payer_id", "jobs", ["payer_id"])
    op.create_index("ix_jobs_project_id", "jobs", ["project_id"])
    op.create_index("ix_jobs_recording_id", "jobs", ["recording_id"])
    op.create_index("ix_jobs_staged_at", "jobs", ["staged_at"], sqlite_where=STAGED, postgresql_where=STAGED)
    op.create_index("ix_jobs_user_id", "jobs", ["user_id"])

    op.create_table(
        "job_events",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("job_id", ID, sa.ForeignKey("jobs.id", name="fk_job_events_job_id", ondelete="CASCADE"), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_job_events_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_job_events_job_id", "job_events", ["job_id"])
    op.create_index("ix_job_events_user_id", "job_events", ["user_id"])


def _create_links() -> None:
    op.create_table(
        "batches",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_batches_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("sealed_password", sa.Text(), nullable=False),
        sa.Column("list_job_id", ID, sa.ForeignKey("jobs.id", name="fk_batches_list_job_id", ondelete="SET NULL"), nullable=True),
        sa.Column("conversion", sa.String(40), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("audio_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("takes_known", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_truncated", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("wait_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("listed_at", UTC_TIME, nullable=True),
        sa.Column("cancelled_at", UTC_TIME, nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_user_id", "batches", ["user_id"])

    op.create_table(
        "batch_items",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, sa.ForeignKey("batches.id", name="fk_batch_items_batch_id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("has_title", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("source_id", sa.String(300), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column(
            "recording_id", ID, sa.ForeignKey("recordings.id", name="fk_batch_items_recording_id", ondelete="SET NULL"), nullable=True
        ),
        sa.Column("error_code", sa.String(60), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_hint", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_batch_items"),
        sa.UniqueConstraint("batch_id", "position", name="uq_batch_items_batch_id_position"),
    )
    op.create_index("ix_batch_items_recording_id", "batch_items", ["recording_id"])
    op.create_index("ix_batch_items_state", "batch_items", ["state"])

    op.create_table(
        "site_cookies",
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_site_cookies_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("sealed_text", sa.Text(), nullable=False),
        sa.Column("domains", JSON, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_site_cookies"),
    )


def _create_scripts() -> None:
    op.create_table(
        "script_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_script_requests_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("chat_id", sa.String(128), nullable=False),
        sa.Column("source_kind", sa.String(12), nullable=False),
        sa.Column("writer", sa.String(8), nullable=False),
        sa.Column("source", JSON, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_script_requests"),
    )
    op.create_index("ix_script_requests_chat", "script_requests", ["user_id", "chat_id", "created_at"])

    op.create_table(
        "lesson_scripts",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_lesson_scripts_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column(
            "request_id", ID, sa.ForeignKey("script_requests.id", name="fk_lesson_scripts_request_id", ondelete="SET NULL"), nullable=True
        ),
        sa.Column("job_id", ID, sa.ForeignKey("jobs.id", name="fk_lesson_scripts_job_id", ondelete="SET NULL"), nullable=True),
        sa.Column("variant", sa.Integer(), nullable=False),
        sa.Column("approach", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_scripts"),
    )
    op.create_index("ix_lesson_scripts_job_id", "lesson_scripts", ["job_id"])
    op.create_index("ix_lesson_scripts_request_id", "lesson_scripts", ["request_id"])
    op.create_index("ix_lesson_scripts_user", "lesson_scripts", ["user_id", "created_at"])

    op.create_table(
        "lesson_script_versions",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "script_id",
            ID,
            sa.ForeignKey("lesson_scripts.id", name="fk_lesson_script_versions_script_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("script", JSON, nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("scene_count", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_script_versions"),
        sa.UniqueConstraint("script_id", "number", name="uq_lesson_script_versions_script_id_number"),
    )


def _create_notifications() -> None:
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_notification_preferences_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("in_app", JSON, nullable=False),
        sa.Column("email", JSON, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_notification_preferences"),
    )

    op.create_table(
        "notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_notices_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("job_id", ID, sa.ForeignKey("jobs.id", name="fk_notices_job_id", ondelete="CASCADE"), nullable=True),
        sa.Column("recording_id", ID, sa.ForeignKey("recordings.id", name="fk_notices_recording_id", ondelete="CASCADE"), nullable=True),
        sa.Column("project_id", ID, sa.ForeignKey("projects.id", name="fk_notices_project_id", ondelete="CASCADE"), nullable=True),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("read_at", UTC_TIME, nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_created_at", "notices", ["created_at"])
    op.create_index("ix_notices_job_id", "notices", ["job_id"])
    op.create_index("ix_notices_recording_id", "notices", ["recording_id"])
    op.create_index("ix_notices_project_id", "notices", ["project_id"])
    op.create_index("ix_notices_user_id_created_at", "notices", ["user_id", "created_at"])

    op.create_table(
        "webhooks",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_webhooks_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("job_id", ID, sa.ForeignKey("jobs.id", name="fk_webhooks_job_id", ondelete="CASCADE"), nullable=True),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("events", JSON, nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("failing_since", UTC_TIME, nullable=True),
        sa.Column("disabled_reason", sa.String(200), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_job_id", "webhooks", ["job_id"])
    op.create_index("ix_webhooks_user_id", "webhooks", ["user_id"])

    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_deliveries_user_id", ondelete="CASCADE"), nullable=True),
        sa.Column("webhook_id", ID, sa.ForeignKey("webhooks.id", name="fk_deliveries_webhook_id", ondelete="CASCADE"), nullable=True),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("job_id", ID, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UTC_TIME, nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("response", sa.String(500), nullable=False),
        sa.Column("error", sa.String(500), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("last_attempt_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"])
    op.create_index("ix_deliveries_user_id", "deliveries", ["user_id"])
    op.create_index("ix_deliveries_webhook_id", "deliveries", ["webhook_id"])


def _create_operations() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("actor_email", sa.String(254), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("target_kind", sa.String(20), nullable=False),
        sa.Column("target_id", sa.String(80), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_log_actor_id", "audit_log", ["actor_id"])
    op.create_index("ix_audit_log_created_at", "audit_log", ["created_at"])
    op.create_index("ix_audit_log_target_id", "audit_log", ["target_id"])

    op.create_table(
        "processing_servers",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("health", JSON, nullable=False),
        sa.Column("checked_at", UTC_TIME, nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processing_servers"),
        sa.UniqueConstraint("name", name="uq_processing_servers_name"),
    )

    op.create_table(
        "prompts",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_prompts"),
        sa.UniqueConstraint("name", "version", name="uq_prompts_name_version"),
        sqlite_autoincrement=True,
    )

    op.create_table(
        "setting_overrides",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("changed_by", sa.String(254), nullable=False),
        sa.Column("changed_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_setting_overrides"),
    )

    op.create_table(
        "active_prompts",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column(
            "prompt_id", BIG_KEY, sa.ForeignKey("prompts.id", name="fk_active_prompts_prompt_id", ondelete="RESTRICT"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name="pk_active_prompts"),
        sa.UniqueConstraint("prompt_id", name="uq_active_prompts_prompt_id"),
    )

    op.create_table(
        "error_log",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("job_id", ID, sa.ForeignKey("jobs.id", name="fk_error_log_job_id", ondelete="CASCADE"), nullable=True),
        sa.Column("recording_id", ID, nullable=True),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_error_log_user_id", ondelete="CASCADE"), nullable=True),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_error_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_error_log_created_at", "error_log", ["created_at"])
    op.create_index("ix_error_log_job_id", "error_log", ["job_id"])
    op.create_index("ix_error_log_user_id", "error_log", ["user_id"])


def _create_reactions() -> None:
    recording = sa.ForeignKey("recordings.id", name="fk_recording_views_recording_id", ondelete="CASCADE")
    op.create_table(
        "recording_views",
        sa.Column("recording_id", ID, recording, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("viewer", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "day", "viewer", name="pk_recording_views"),
    )
    op.create_index("ix_recording_views_day", "recording_views", ["day"])

    recording = sa.ForeignKey("recordings.id", name="fk_recording_likes_recording_id", ondelete="CASCADE")
    op.create_table(
        "recording_likes",
        sa.Column("recording_id", ID, recording, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_recording_likes_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "user_id", name="pk_recording_likes"),
    )
    op.create_index("ix_recording_likes_user_id", "recording_likes", ["user_id"])

    op.create_table(
        "comments",
        sa.Column("id", ID, nullable=False),
        sa.Column("recording_id", ID, sa.ForeignKey("recordings.id", name="fk_comments_recording_id", ondelete="CASCADE"), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_comments_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("time_s", sa.Double(), nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_recording_id_created_at", "comments", ["recording_id", "created_at"])
    op.create_index("ix_comments_user_id", "comments", ["user_id"])


def _create_sharing() -> None:
    op.create_table(
        "share_links",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "recording_id", ID, sa.ForeignKey("recordings.id", name="fk_share_links_recording_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("expires_at", UTC_TIME, nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_share_links"),
    )
    op.create_index("ix_share_links_recording_id", "share_links", ["recording_id"])


def _create_courses() -> None:
    op.create_table(
        "courses",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_courses_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(10), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_courses"),
    )
    op.create_index("ix_courses_user_id", "courses", ["user_id"])
    op.create_index("ix_courses_visibility", "courses", ["visibility"])

    recording = sa.ForeignKey("recordings.id", name="fk_course_recordings_recording_id", ondelete="CASCADE")
    op.create_table(
        "course_recordings",
        sa.Column("course_id", ID, sa.ForeignKey("courses.id", name="fk_course_recordings_course_id", ondelete="CASCADE"), nullable=False),
        sa.Column("recording_id", ID, recording, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("course_id", "recording_id", name="pk_course_recordings"),
    )
    op.create_index("ix_course_recordings_recording_id", "course_recordings", ["recording_id"])

    recording = sa.ForeignKey("recordings.id", name="fk_watch_positions_recording_id", ondelete="CASCADE")
    op.create_table(
        "watch_positions",
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_watch_positions_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("recording_id", ID, recording, nullable=False),
        sa.Column("position_s", sa.Double(), nullable=False),
        sa.Column("is_watched", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "recording_id", name="pk_watch_positions"),
    )
    op.create_index("ix_watch_positions_recording_id", "watch_positions", ["recording_id"])


def _create_credits() -> None:
    op.create_table(
        "credit_accounts",
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_credit_accounts_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_credit_accounts"),
    )
    op.create_table(
        "credit_grants",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_credit_grants_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(255), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("starts_at", UTC_TIME, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_credit_grants"),
    )
    op.create_index("ix_credit_grants_expires_at", "credit_grants", ["expires_at"])
    op.create_index("ix_credit_grants_reference", "credit_grants", ["reference"])
    op.create_index("ix_credit_grants_user_id", "credit_grants", ["user_id"])
    op.create_table(
        "credit_holds",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_credit_holds_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("job_id", ID, sa.ForeignKey("jobs.id", name="fk_credit_holds_job_id", ondelete="SET NULL"), nullable=True),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.Column("ended_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_credit_holds"),
    )
    is_open = sa.text("state = 'held'")
    op.create_index("ix_credit_holds_job_id", "credit_holds", ["job_id"])
    op.create_index("ix_credit_holds_open", "credit_holds", ["expires_at"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_credit_holds_user_id", "credit_holds", ["user_id"])
    op.create_table(
        "credit_transactions",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_credit_transactions_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column(
            "hold_id", ID, sa.ForeignKey("credit_holds.id", name="fk_credit_transactions_hold_id", ondelete="CASCADE"), nullable=True
        ),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_credit_transactions"),
        sa.UniqueConstraint("key", name="uq_credit_transactions_key"),
    )
    op.create_index("ix_credit_transactions_hold_id", "credit_transactions", ["hold_id"])
    op.create_index("ix_credit_transactions_statement", "credit_transactions", ["user_id", "created_at"])
    op.create_table(
        "credit_entries",
        "billing_customers",
        "subscriptions",
        "payment_events",
        "payment_objects",
        "former_customers",
        "pending_cancellations",
        "pending_revocations",
        "youtube_accounts",
        "youtube_sign_ins",
        "publications",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column(
            "transaction_id",
            ID,
            sa.ForeignKey("credit_transactions.id", name="fk_credit_entries_transaction_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_credit_entries_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("account", sa.String(12), nullable=False),
        sa.Column("grant_id", ID, sa.ForeignKey("credit_grants.id", name="fk_credit_entries_grant_id", ondelete="CASCADE"), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_credit_entries"),
    )
    op.create_index("ix_credit_entries_balance", "credit_entries", ["user_id", "account", "grant_id", "amount"])
    op.create_index("ix_credit_entries_grant_id", "credit_entries", ["grant_id"])
    op.create_index("ix_credit_entries_transaction_id", "credit_entries", ["transaction_id"])


def _create_subscriptions() -> None:
    op.create_table(
        "billing_customers",
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_billing_customers_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("customer_id", sa.String(255), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_billing_customers"),
        sa.UniqueConstraint("customer_id", name="uq_billing_customers_customer_id"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_subscriptions_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("plan", sa.String(40), nullable=False),
        sa.Column("next_plan", sa.String(40), nullable=False),
        sa.Column("plan_rank", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(30), nullable=False),
        sa.Column("price_id", sa.String(255), nullable=False),
        sa.Column("period_start", UTC_TIME, nullable=True),
        sa.Column("period_end", UTC_TIME, nullable=True),
        sa.Column("cancels_at_period_end", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("entitled_until", UTC_TIME, nullable=True),
        sa.Column("quota_bytes", sa.BigInteger(), nullable=True),
        sa.Column("quota_jobs", sa.Integer(), nullable=True),
        sa.Column("quota_uploads", sa.Integer(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_user_id", "subscriptions", ["user_id"])
    op.create_table(
        "payment_events",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("object_kind", sa.String(40), nullable=False),
        sa.Column("object_id", sa.String(255), nullable=False),
        sa.Column("received_at", UTC_TIME, nullable=False),
        sa.Column("due_at", UTC_TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment_events"),
    )
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_payment_events_due", "payment_events", ["due_at"], sqlite_where=is_due, postgresql_where=is_due)
    op.create_index("ix_payment_events_received_at", "payment_events", ["received_at"])
    op.create_table(
        "payment_objects",
        sa.Column("object_id", sa.String(255), nullable=False),
        sa.Column("requested", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("object_id", name="pk_payment_objects"),
    )
    op.create_table(
        "former_customers",
        sa.Column("customer_id", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_former_customers"),
    )
    op.create_table(
        "pending_cancellations",
        sa.Column("subscription_id", sa.String(255), nullable=False),
        sa.Column("due_at", UTC_TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", name="pk_pending_cancellations"),
    )


def _create_publishing() -> None:
    op.create_table(
        "pending_revocations",
        sa.Column("id", ID, nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("due_at", UTC_TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pending_revocations"),
    )
    op.create_table(
        "youtube_accounts",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_youtube_accounts_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("channel_title", sa.String(200), nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("error_code", sa.String(60), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_youtube_accounts"),
        sa.UniqueConstraint("user_id", "channel_id", name="uq_youtube_accounts_user_id_channel_id"),
    )
    op.create_table(
        "youtube_sign_ins",
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_youtube_sign_ins_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("sealed_verifier", sa.Text(), nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_youtube_sign_ins"),
    )
    op.create_index("ix_youtube_sign_ins_expires_at", "youtube_sign_ins", ["expires_at"])
    op.create_index("ix_youtube_sign_ins_user_id", "youtube_sign_ins", ["user_id"])
    op.create_table(
        "publications",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_publications_user_id", ondelete="CASCADE"), nullable=False),
        sa.Column(
            "recording_id", ID, sa.ForeignKey("recordings.id", name="fk_publications_recording_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column(
            "account_id", ID, sa.ForeignKey("youtube_accounts.id", name="fk_publications_account_id", ondelete="SET NULL"), nullable=True
        ),
        sa.Column("job_id", ID, sa.ForeignKey("jobs.id", name="fk_publications_job_id", ondelete="SET NULL"), nullable=True),
        sa.Column("metadata_sent", JSON, nullable=False),
        sa.Column("video_id", sa.String(64), nullable=False),
        sa.Column("privacy", sa.String(16), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("published_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
    )
    for column in ("account_id", "job_id", "recording_id", "user_id"):
        op.create_index(f"ix_publications_{column}", "publications", [column])


def _make_ledger_append_only() -> None:
    """Reject updates of the ledger. Rows are deleted only with the whole account of a user."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute(
            "CREATE FUNCTION reject_ledger_update() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE EXCEPTION 'The ledger is append-only.'; END$$"
        )
    for table in ("credit_transactions", "credit_entries"):
        event = f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table}"
        if is_postgresql:
            op.execute(f"{event} FOR EACH ROW EXECUTE FUNCTION reject_ledger_update()")
        else:
            op.execute(f"{event} BEGIN SELECT RAISE(ABORT, 'The ledger is append-only.'); END")


def _create_search() -> None:
    op.create_table(
        "search_documents",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column(
            "recording_id", ID, sa.ForeignKey("recordings.id", name="fk_search_documents_recording_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("outdated", sa.String(36), nullable=True),
        sa.Column("language", sa.String(16), server_default="", nullable=False),
        sa.Column("offset_s", sa.Double(), server_default="0", nullable=False),
        sa.Column("slides_version", sa.String(64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_documents"),
        sa.UniqueConstraint("recording_id", name="uq_search_documents_recording_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_search_documents_language", "search_documents", ["language"])
    outdated = sa.text("outdated IS NOT NULL")
    is_outdated = {"sqlite_where": outdated, "postgresql_where": outdated}
    op.create_index("ix_search_documents_outdated", "search_documents", ["id", "outdated"], **is_outdated)

    op.create_table(
        "recording_slides",
        sa.Column(
            "recording_id", ID, sa.ForeignKey("recordings.id", name="fk_recording_slides_recording_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("visits", JSON, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("has_picture", sa.Boolean(), nullable=False),
        sa.Column("picture_hash", sa.String(64), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("group", sa.String(48), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "number", name="pk_recording_slides"),
    )
    op.create_index("ix_recording_slides_group", "recording_slides", ["group"])


def _create_search_index() -> None:
    """Create the tables of terms. Their names begin with `search_index_`, which comparisons with the models leave out."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE search_index_recordings (document_id bigint PRIMARY KEY"
            " REFERENCES search_documents (id) ON DELETE CASCADE, terms tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_search_index_recordings_terms ON search_index_recordings USING gin (terms)")
        op.execute(
            "CREATE TABLE search_index_moments (document_id bigint NOT NULL REFERENCES search_documents (id) ON DELETE CASCADE,"
            " moment bigint NOT NULL, terms tsvector NOT NULL, PRIMARY KEY (document_id, moment))"
        )
        return
    op.execute(
        "CREATE VIRTUAL TABLE search_index_recordings"
        " USING fts5 (title, about, slides, speech, typos, marks, tokenize = 'ascii', prefix = '2 3')"
    )
    op.execute("CREATE VIRTUAL TABLE search_index_moments USING fts5 (terms, tokenize = 'ascii', prefix = '2 3')")
    op.execute(
        "CREATE TRIGGER search_documents_deleted AFTER DELETE ON search_documents BEGIN"
        " DELETE FROM search_index_recordings WHERE rowid = old.id;"
        " DELETE FROM search_index_moments WHERE rowid BETWEEN old.id << 32 AND (old.id << 32) + 4294967295;"
        " END"
    )


def _drop_search_index() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER search_documents_deleted")
    op.execute("DROP TABLE search_index_moments")
    op.execute("DROP TABLE search_index_recordings")
