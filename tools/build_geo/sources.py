"""Fetch the pinned packages and take the named members out of them, never importing any of them."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

log = logging.getLogger(__name__)

LOCK_FILE = Path(__file__).resolve().parent / "sources.lock.json"


class SourceError(RuntimeError):
    """A package could not be fetched, or is not the file that was pinned."""


@dataclass(frozen=True)
class Source:
    """One pinned package and the one member that is used.

    Attributes
    ----------
    source : str
        Identifier used in the manifest.
    registry : str
        ``pypi`` or ``debian``.
    package, version, archive : str
        What to ask the registry for, and the file name it gives.
    sha256 : str
        Checksum of the archive.
    member, member_sha256 : str
        Path inside the archive, and the checksum of that file.
    """

    source: str
    registry: str
    package: str
    version: str
    archive: str
    sha256: str
    member: str
    member_sha256: str


def read_lock(path: Path = LOCK_FILE) -> dict[str, Source]:
    """Return the pinned sources by identifier."""
    fields = Source.__dataclass_fields__
    rows = json.loads(path.read_text(encoding="utf-8"))["packages"]
    return {row["source"]: Source(**{key: row[key] for key in fields}) for row in rows}


def fetch_member(source: Source, cache: Path) -> Path:
    """Return the wanted member as a file in the cache, downloading the package if needed.

    Parameters
    ----------
    source : Source
        What to fetch.
    cache : Path
        Folder that keeps archives and members between runs.

    Returns
    -------
    Path
        A file whose checksum is the pinned one.

    Raises
    ------
    SourceError
        If the registry does not have the package, or a checksum differs. A Debian archive may
        differ from the pinned one (the pool drops old versions): then the member alone decides.
    """
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / f"{source.source}-{Path(source.member).name}"
    if target.exists() and sha256_of(target) == source.member_sha256:
        return target
    archive = cache / source.archive
    if not archive.exists():
        archive = _download(source, cache)
    if sha256_of(archive) != source.sha256:
        if source.registry != "debian":
            message = f"{archive.name} is not the pinned file; delete it and try again"
            raise SourceError(message)
        log.warning("%s is not the pinned version; its member decides", archive.name)
    data = _read_member(source, archive)
    if hashlib.sha256(data).hexdigest() != source.member_sha256:
        message = (
            f"{source.member} in {archive.name} is not the pinned file: "
            "check the new edition, then pin it"
        )
        raise SourceError(message)
    target.write_bytes(data)
    return target


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(source: Source, cache: Path) -> Path:
    """Ask the registry's ordinary client for the package and return the archive."""
    log.info("downloading %s %s", source.package, source.version)
    if source.registry == "pypi":
        return _download_from_pypi(source, cache)
    for wanted in (f"{source.package}={source.version}", source.package):
        if _run(["apt-get", "download", wanted], cache) == 0:
            found = sorted(cache.glob(f"{source.package}_*.deb"))
            if found:
                return found[-1]
    message = f"apt-get offers no version of {source.package}; run apt-get update and try again"
    raise SourceError(message)


def _download_from_pypi(source: Source, cache: Path) -> Path:
    """Download with pip in hash-checking mode.

    For a source archive pip runs its set-up code to learn the name; with the hash required, it
    does so only for the pinned file.
    """
    requirements = cache / f"{source.source}.requirements.txt"
    requirements.write_text(
        f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n", encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--require-hashes",
        "-r",
        requirements.name,
    ]
    archive = cache / source.archive
    if _run(command, cache) != 0 or not archive.exists():
        message = f"pip could not download {source.package} {source.version} with the pinned hash"
        raise SourceError(message)
    return archive


def _run(command: list[str], folder: Path) -> int:
    """Run a client quietly in a folder; its messages go to the log when it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        log.warning("%s failed: %s", " ".join(command), done.stderr.strip()[-500:])
    return done.returncode


def _read_member(source: Source, archive: Path) -> bytes:
    """Return the bytes of the wanted member without unpacking anything else."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(source.member)
    if source.registry == "debian":
        command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
        packed = BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)
    else:
        packed = BytesIO(archive.read_bytes())
    with tarfile.open(fileobj=packed) as tar:
        stream = tar.extractfile(source.member)
        if stream is None:
            message = f"{archive.name} has no file {source.member}"
            raise SourceError(message)
        return stream.read()
