"""One contract, every store: a folder, and S3 as two servers speak it."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import resource
from dataclasses import replace
from pathlib import Path

import pytest
import requests

import errors
from scripts import backends as servers
from services.storage import JoinInProgress, LocalStore, Store, WrongPartSize, durable, part_folders
from services.storage.part_folders import PartFolders
from services.storage.s3 import S3Config, S3Store, StorageRefused

CONTENT = b"the quick brown fox " * 5000


def s3_config(server: servers.S3Server, **other: str) -> S3Config:
    bucket = other.get("bucket") or server.make_bucket()
    return S3Config(bucket, bucket, bucket, "us-east-1", server.url, servers.KEY_ID, other.get("secret", servers.SECRET))


@pytest.fixture(params=["local", "moto", "rclone"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "local":
        return LocalStore(tmp_path / "store")
    return S3Store(s3_config(request.getfixturevalue(request.param)))


def file(folder: Path, content: bytes = CONTENT) -> Path:
    path = folder / "incoming.part"
    path.write_bytes(content)
    return path


def test_what_is_put_can_be_fetched_and_read(store: Store, tmp_path: Path) -> None:
    store.put(file(tmp_path), "videos/1/Vorlesung über Bäume 🌳.mp4", "video/mp4")
    assert not (tmp_path / "incoming.part").exists()
    store.fetch("videos/1/Vorlesung über Bäume 🌳.mp4", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == CONTENT
    assert b"".join(store.read("videos/1/Vorlesung über Bäume 🌳.mp4")) == CONTENT
    assert b"".join(store.read("videos/1/Vorlesung über Bäume 🌳.mp4", 4, 9)) == CONTENT[4:9]
    assert b"".join(store.read("videos/1/Vorlesung über Bäume 🌳.mp4", len(CONTENT) - 5)) == CONTENT[-5:]


def test_a_large_file_is_stored_in_parts(store: Store, tmp_path: Path) -> None:
    content = hashlib.sha256(b"seed").digest() * (40 * 2**20 // 32)
    store.put(file(tmp_path, content), "pdfs/large.pdf", "application/pdf")
    store.fetch("pdfs/large.pdf", tmp_path / "copy")
    assert hashlib.sha256((tmp_path / "copy").read_bytes()).digest() == hashlib.sha256(content).digest()


def test_putting_a_key_again_replaces_its_content(store: Store, tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        store.put(file(tmp_path, content), "pdfs/1.pdf", "application/pdf")
    assert b"".join(store.read("pdfs/1.pdf")) == b"second"


def test_moving_can_be_repeated(store: Store, tmp_path: Path) -> None:
    store.put(file(tmp_path), "jobs/1/1/pdf.pdf", "application/pdf")
    for _ in range(2):
        store.move("jobs/1/1/pdf.pdf", "pdfs/1.pdf")
        assert b"".join(store.read("pdfs/1.pdf")) == CONTENT
    with pytest.raises(errors.NotFound):
        list(store.read("jobs/1/1/pdf.pdf"))
    with pytest.raises(errors.NotFound):
        store.move("jobs/2/1/pdf.pdf", "pdfs/2.pdf")


def test_deleting_takes_all_and_forgives_missing_ones(store: Store, tmp_path: Path) -> None:
    for number in range(3):
        store.put(file(tmp_path), f"pdfs/{number}.pdf", "application/pdf")
    store.delete([*(f"pdfs/{number}.pdf" for number in range(3)), "pdfs/never.pdf"])
    for number in range(3):
        with pytest.raises(errors.NotFound):
            list(store.read(f"pdfs/{number}.pdf"))


def test_missing_files_are_not_found(store: Store, tmp_path: Path) -> None:
    with pytest.raises(errors.NotFound):
        store.fetch("videos/none.mp4", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_it_says_when_it_works(store: Store) -> None:
    store.check()


def test_a_folder_that_takes_nothing_is_not_littered(tmp_path: Path) -> None:
    """A file size limit of 0 simulates a full disk (setrlimit(2))."""
    store = LocalStore(tmp_path / "store")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(OSError):
            store.check()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list((tmp_path / "store").iterdir()) == []


def test_signed_links_open_without_a_header(store: Store, tmp_path: Path) -> None:
    store.put(file(tmp_path), "pdfs/1.pdf", "application/pdf")
    url = store.signed_url("pdfs/1.pdf", "Bäume.pdf", "application/pdf", dt.timedelta(minutes=5))
    if url is None:
        assert store.path("pdfs/1.pdf").read_bytes() == CONTENT
        return
    assert requests.get(url, timeout=10).content == CONTENT
    part = requests.get(url, headers={"Range": "bytes=0-3"}, timeout=10)
    assert part.content == CONTENT[:4]


def test_signed_links_lead_to_the_name_that_users_know(rclone: servers.S3Server, tmp_path: Path) -> None:
    public_config = replace(s3_config(rclone), public_url=rclone.url.replace("127.0.0.1", "localhost"))
    store = S3Store(public_config)
    store.put(file(tmp_path), "pdfs/one.pdf", "application/pdf")
    url = store.signed_url("pdfs/one.pdf", "one.pdf", "application/pdf", dt.timedelta(minutes=1))
    assert url is not None and url.startswith("http://localhost:")
    assert requests.get(url, timeout=30).content == CONTENT
    assert requests.get(url.replace("localhost", "127.0.0.1"), timeout=30).status_code == 403  # the signature covers the name


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "videos/../../outside", "", "a\0b"])
def test_a_folder_lets_no_key_out(tmp_path: Path, key: str) -> None:
    with pytest.raises(errors.NotFound):
        LocalStore(tmp_path / "store").path(key)


def test_a_store_that_is_away_is_a_passing_error(tmp_path: Path) -> None:
    unreachable = S3Store(S3Config("b", "b", "b", "us-east-1", "http://127.0.0.1:9", "k", "s"))
    with pytest.raises(errors.TransientError):
        unreachable.check()
    with pytest.raises(errors.TransientError):
        unreachable.put(file(tmp_path), "pdfs/1.pdf", "application/pdf")
    assert (tmp_path / "incoming.part").exists()


def test_a_store_that_refuses_says_so(rclone: servers.S3Server) -> None:
    with pytest.raises(StorageRefused):
        S3Store(s3_config(rclone, secret="wrong")).check()


def test_a_missing_bucket_is_named(moto: servers.S3Server) -> None:
    with pytest.raises(StorageRefused, match="NoSuchBucket"):
        S3Store(s3_config(moto, bucket="never-made")).check()


def test_objects_are_stored_in_the_bucket_of_their_kind(moto: servers.S3Server, tmp_path: Path) -> None:
    raw, documents, thumbnails = (moto.make_bucket() for _ in range(3))
    store = S3Store(S3Config(raw, documents, thumbnails, "us-east-1", moto.url, servers.KEY_ID, servers.SECRET))
    for key in ("videos/1/a.mp4", "pdfs/1.pdf", "thumbnails/1.jpg"):
        store.put(file(tmp_path), key, "application/octet-stream")
    keys = [servers.s3_client(moto.url).list_objects_v2(Bucket=bucket)["Contents"][0]["Key"] for bucket in (raw, documents, thumbnails)]
    assert keys == ["videos/1/a.mp4", "pdfs/1.pdf", "thumbnails/1.jpg"]
    store.move("pdfs/1.pdf", "videos/1/b.pdf")
    assert b"".join(store.read("videos/1/b.pdf")) == CONTENT


def test_fetching_from_a_folder_copies_nothing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    store.put(file(tmp_path), "videos/1/a.mp4", "video/mp4")
    store.fetch("videos/1/a.mp4", tmp_path / "link")
    assert (tmp_path / "link").stat().st_ino == store.path("videos/1/a.mp4").stat().st_ino


def test_parts_are_joined_in_the_order_of_their_numbers(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    key = "videos/user/large.mp4"
    first, second = bytes(5 * 2**20), b"the end"  # S3 takes no smaller part than 5 MiB before the last one
    upload = store.begin_parts(key, "video/mp4")
    for number, content in ((2, b"wrong"), (2, second), (1, first)):
        address = store.signed_part(key, upload, number, len(content), dt.timedelta(minutes=1))
        if address is not None and request.node.callspec.params["store"] != "moto":  # which checks no signatures
            assert requests.put(address, data=content + b"!", timeout=60).status_code == 403
        if address is None or number == 1:
            store.put_part(file(tmp_path, content), key, upload, number)
        else:
            assert requests.put(address, data=content, timeout=60).status_code == 200
    assert store.parts(key, upload) == {1: len(first), 2: len(second)}
    assert store.size(key) is None
    store.join_parts(key, upload)
    assert b"".join(store.read(key)) == first + second
    with pytest.raises(errors.NotFound):
        store.parts(key, upload)


def test_parts_can_be_deleted(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    key = "videos/user/large.mp4"
    for delete in (lambda upload: store.abort_parts(key, upload), lambda _: store.delete_stale_parts(-60)):
        upload = store.begin_parts(key, "video/mp4")
        store.put_part(file(tmp_path), key, upload, 1)
        if request.node.callspec.params["store"] != "moto":  # which says that all uploads began in 2010
            store.delete_stale_parts(3600)
        assert store.parts(key, upload) == {1: len(CONTENT)}
        delete(upload)
        with pytest.raises(errors.NotFound):
            store.parts(key, upload)
        store.abort_parts(key, upload)
    for other_key, other_upload in ((key, "../../x"), ("videos/other.mp4", upload)):
        with pytest.raises(errors.NotFound):
            store.parts(other_key, other_upload)


def test_parts_are_joined_by_one_request_and_again_after_a_crash(tmp_path: Path) -> None:
    store, key, contents = LocalStore(tmp_path / "store"), "videos/user/large.mp4", (b"first" * 1000, b"second" * 1000)
    folders = PartFolders(store.path(".parts"))
    upload = store.begin_parts(key, "video/mp4")
    for number, content in enumerate(contents, start=1):
        store.put_part(file(tmp_path, content), key, upload, number)
    with contextlib.suppress(KeyboardInterrupt), folders.join_parts(key, upload) as source:
        for operation in (store.join_parts, store.abort_parts):
            with pytest.raises(JoinInProgress):
                operation(key, upload)
        with pytest.raises(errors.NotFound):
            store.put_part(file(tmp_path, b"late"), key, upload, 1)
        assert source.read_bytes() == b"".join(contents)
        raise KeyboardInterrupt
    assert store.size(key) is None and store.parts(key, upload) == {1: 5000, 2: 6000}
    store.join_parts(key, upload)
    assert b"".join(store.read(key)) == b"".join(contents)
    with pytest.raises(errors.NotFound):
        store.join_parts(key, upload)
    assert list(store.path(".parts").iterdir()) == []


def test_a_part_that_arrives_after_the_others_were_deleted_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, key = LocalStore(tmp_path / "store"), "videos/user/large.mp4"
    upload = store.begin_parts(key, "video/mp4")

    def move_late(source: Path, target: Path) -> None:
        store.abort_parts(key, upload)
        durable.move_file(source, target)

    monkeypatch.setattr(part_folders, "move_file", move_late)
    with pytest.raises(errors.NotFound):
        store.put_part(file(tmp_path), key, upload, 1)
    assert list(store.path(".parts").iterdir()) == []
    store.path(".parts/incomplete").mkdir()
    store.delete_stale_parts(3600)
    assert store.path(".parts/incomplete").exists()
    store.delete_stale_parts(-60)
    assert list(store.path(".parts").iterdir()) == []


def test_parts_that_s3_refuses_are_not_sent_for_ever(moto: servers.S3Server, tmp_path: Path) -> None:
    store = S3Store(s3_config(moto))
    upload = store.begin_parts("videos/user/large.mp4", "video/mp4")
    for number in (1, 2):
        store.put_part(file(tmp_path), "videos/user/large.mp4", upload, number)
    with pytest.raises(WrongPartSize, match="smaller than the minimum"):
        store.join_parts("videos/user/large.mp4", upload)
