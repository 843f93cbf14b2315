"""Signed passes as the openssl program reads them, and what is said of certificates that don't belong together."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from loyalty_portal.gateways.apple_pass import CertificateError, Identity, package, read_identity
from tests.apple_pki import CN, OU, PASS_TYPE, TEAM, UID, Issued, issue
from tests.shops import NOW

FILES = {"pass.json": b'{"formatVersion":1}\n', "de.lproj/pass.strings": b'"a" = "b";\n', "icon.png": b"\x89PNG\r\n"}
LEAF = [(UID, PASS_TYPE), (CN, f"Pass Type ID: {PASS_TYPE}"), (OU, TEAM)]


@pytest.fixture(scope="module")
def pki() -> tuple[Issued, Issued, Issued]:
    root = issue([(CN, "Root")], NOW, is_ca=True)
    wwdr = issue([(CN, "Worldwide Developer Relations"), (OU, "G4")], NOW, root, is_ca=True)
    return root, wwdr, issue(LEAF, NOW, wwdr)


@pytest.fixture
def identity(pki: tuple[Issued, Issued, Issued]) -> Identity:
    _, wwdr, leaf = pki
    return Identity(leaf.key, leaf.certificate, wwdr.certificate)


def verified(signed: dict[str, bytes], root: Issued, folder: Path) -> bool:
    (folder / "root.pem").write_bytes(root.pem)
    for name in ("manifest.json", "signature"):
        (folder / name).write_bytes(signed[name])
    command = (
        "openssl cms -verify -binary -purpose any -inform DER -in signature -content manifest.json -CAfile root.pem"
    )
    at = str(int(NOW.timestamp()))
    return subprocess.run([*command.split(), "-attime", at, "-out", "/dev/null"], cwd=folder).returncode == 0


def opened(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_openssl_believes_the_signature_and_only_of_this_manifest(
    identity: Identity, pki: tuple[Issued, Issued, Issued], tmp_path: Path
) -> None:
    signed = opened(package(FILES, identity))
    assert verified(signed, pki[0], tmp_path)
    assert not verified(signed | {"manifest.json": signed["manifest.json"] + b"\n"}, pki[0], tmp_path)


def test_the_manifest_names_every_file(identity: Identity) -> None:
    signed = opened(package(FILES, identity))
    manifest = json.loads(signed["manifest.json"])
    assert manifest == {name: hashlib.sha1(data).hexdigest() for name, data in FILES.items()}
    assert set(signed) == {*FILES, "manifest.json", "signature"}


def test_the_signature_has_its_time_and_the_intermediate(identity: Identity, tmp_path: Path) -> None:
    (tmp_path / "signature").write_bytes(opened(package(FILES, identity))["signature"])
    command = "openssl cms -cmsout -print -inform DER -in signature"
    told = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "signingTime" in told and "sha256" in told and "Worldwide Developer Relations" in told


@pytest.mark.parametrize("kind", ["pem", "p12"])
def test_pem_files_and_a_p12_are_read(pki: tuple[Issued, Issued, Issued], tmp_path: Path, kind: str) -> None:
    _, wwdr, leaf = pki
    certificate, key, intermediate = tmp_path / "certificate", tmp_path / "key", tmp_path / "wwdr"
    intermediate.write_bytes(wwdr.certificate.public_bytes(serialization.Encoding.DER))
    if kind == "pem":
        certificate.write_bytes(leaf.pem)
        key.write_bytes(leaf.key_pem(b"secret"))
    else:
        lock = serialization.BestAvailableEncryption(b"secret")
        certificate.write_bytes(pkcs12.serialize_key_and_certificates(b"p", leaf.key, leaf.certificate, None, lock))
    read = read_identity(certificate, key if kind == "pem" else None, "secret", intermediate)
    assert read.problems(PASS_TYPE, TEAM, NOW) == []
    with pytest.raises(CertificateError, match="password"):
        read_identity(certificate, key if kind == "pem" else None, "guess", intermediate)


def test_what_does_not_belong_together_is_named(identity: Identity, pki: tuple[Issued, Issued, Issued]) -> None:
    assert identity.problems(PASS_TYPE, TEAM, NOW) == []
    assert "pass type" in identity.problems("pass.other", TEAM, NOW)[0]
    assert "team" in identity.problems(PASS_TYPE, "ZZ", NOW)[0]
    assert "key" in Identity(pki[0].key, identity.certificate, identity.wwdr).problems(PASS_TYPE, TEAM, NOW)[0]
    other = issue([(CN, "Worldwide Developer Relations"), (OU, "G1")], NOW, is_ca=True).certificate
    assert "did not issue" in Identity(identity.key, identity.certificate, other).problems(PASS_TYPE, TEAM, NOW)[0]
    assert "renew" in identity.problems(PASS_TYPE, TEAM, NOW + timedelta(days=400))[0]
    assert identity.days_left(NOW) == 365
