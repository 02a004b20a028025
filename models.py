"""All tables, re-exported from `tables/`. Importing this module fills the metadata."""

from __future__ import annotations

from tables.accounts import ApiKey, EmailToken, Identity, LoginSession, LoginThrottle, UsedSignature, User
from tables.bookmarks import Bookmark
from tables.courses import Course, CourseRecording, WatchPosition
from tables.credits import CreditAccount, CreditEntry, CreditGrant, CreditHold, CreditTransaction
from tables.files import UploadedFile
from tables.jobs import FairShare, Job, JobCounter, JobEvent, QueuePause, StageDuration
from tables.links import Batch, BatchItem, SiteCookies
from tables.multipart_uploads import MultipartUpload
from tables.notifications import Delivery, Notice, NotificationPreference, Webhook
from tables.operations import ActivePrompt, AuditEntry, ErrorEntry, ProcessingServer, Prompt, SettingOverride
from tables.projects import Project, ProjectAsset, ProjectInvitation, ProjectMember
from tables.publishing import PendingRevocation, Publication, YouTubeAccount, YouTubeSignIn
from tables.reactions import Comment, RecordingLike, RecordingView
from tables.recordings import Artifact, PendingDeletion, Recording
from tables.scripts import Script, ScriptRequest, ScriptVersion
from tables.search import RecordingSlide, SearchDocument
from tables.sharing import ShareLink
from tables.slide_edits import SlideDeck, SlideEdit
from tables.subscriptions import BillingCustomer, FormerCustomer, PaymentEvent, PaymentObject, PendingCancellation, Subscription
from tables.transcripts import GlossaryTerm, Transcript, TranscriptCorrection, TranscriptEdit, TranscriptSegment

__all__ = [
    "ActivePrompt",
    "ApiKey",
    "Artifact",
    "AuditEntry",
    "Batch",
    "BatchItem",
    "BillingCustomer",
    "Bookmark",
    "Comment",
    "Course",
    "CourseRecording",
    "CreditAccount",
    "CreditEntry",
    "CreditGrant",
    "CreditHold",
    "CreditTransaction",
    "Delivery",
    "EmailToken",
    "ErrorEntry",
    "FairShare",
    "FormerCustomer",
    "GlossaryTerm",
    "Identity",
    "Job",
    "JobCounter",
    "JobEvent",
    "LoginSession",
    "LoginThrottle",
    "MultipartUpload",
    "Notice",
    "NotificationPreference",
    "PaymentEvent",
    "PaymentObject",
    "PendingCancellation",
    "PendingDeletion",
    "PendingRevocation",
    "ProcessingServer",
    "Project",
    "ProjectAsset",
    "ProjectInvitation",
    "ProjectMember",
    "Prompt",
    "Publication",
    "QueuePause",
    "Recording",
    "RecordingLike",
    "RecordingSlide",
    "RecordingView",
    "Script",
    "ScriptRequest",
    "ScriptVersion",
    "SearchDocument",
    "SettingOverride",
    "ShareLink",
    "SiteCookies",
    "SlideDeck",
    "SlideEdit",
    "StageDuration",
    "Subscription",
    "Transcript",
    "TranscriptCorrection",
    "TranscriptEdit",
    "TranscriptSegment",
    "UploadedFile",
    "UsedSignature",
    "User",
    "WatchPosition",
    "Webhook",
    "YouTubeAccount",
    "YouTubeSignIn",
]
