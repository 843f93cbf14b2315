"""Signs passes for Apple Wallet. The key and both certificates are parsed once and kept. Knows no models.

The manifest's hashes are SHA-1 (Apple's format), its signature is a detached PKCS#7 over SHA-256, with the signing
time and Apple's intermediate (WWDR) in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID

MIME_TYPE = "application/vnd.apple.pkpass"
WARN_DAYS = 60
# Without Binary the manifest's line ends would be rewritten before they are hashed, and no phone accepts that.
_OPTIONS = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
_MADE = (1980, 1, 1, 0, 0, 0)


class CertificateError(ValueError):
    """The certificates can't be used; the message says why and how to mend it, and nothing of the key."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The pass type's certificate with its key, and the intermediate that issued it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    wwdr: x509.Certificate

    def days_left(self, now: datetime) -> int:
        """Whole days until the first of both certificates ends; negative when one has."""
        ends = min(self.certificate.not_valid_after_utc, self.wwdr.not_valid_after_utc)
        return (ends - now).days

    def problems(self, pass_type_id: str, team_id: str, now: datetime) -> list[str]:
        """What of the settings and certificates doesn't belong together, each with its mend; nothing when all does."""
        found = []
        if (named := _name(self.certificate, NameOID.USER_ID)) != pass_type_id:
            found.append(
                f"the certificate is of the pass type {named}, not of {pass_type_id}:"
                " set PORTAL_APPLE_PASS_TYPE_ID to the one, or export the certificate of the other"
            )
        if (team := _name(self.certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)) != team_id:
            found.append(f"the certificate belongs to the team {team}, not to {team_id}: set PORTAL_APPLE_TEAM_ID")
        public = self.certificate.public_key()
        if (
            not isinstance(public, rsa.RSAPublicKey)
            or public.public_numbers() != self.key.public_key().public_numbers()
        ):
            found.append("the key doesn't belong to the certificate: export both together from the keychain")
        try:
            self.certificate.verify_directly_issued_by(self.wwdr)
        except (InvalidSignature, ValueError, TypeError):
            unit = _name(self.wwdr, NameOID.ORGANIZATIONAL_UNIT_NAME)
            found.append(
                f"the intermediate in PORTAL_APPLE_WWDR ({unit}) did not issue this certificate: download the one of"
                " the generation that the certificate names (G4 since January 2022)"
            )
        for name, one in (("certificate", self.certificate), ("intermediate", self.wwdr)):
            if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
                found.append(f"the {name} is valid until {one.not_valid_after_utc:%Y-%m-%d} only: renew it")
        return found


def read_identity(certificate: Path, key: Path | None, password: str, wwdr: Path) -> Identity:
    """Reads PEM files, or one .p12 in the place of the certificate, with the key in it. Raises `CertificateError`."""
    secret = password.encode() or None
    try:
        if key is None:
            found = pkcs12.load_key_and_certificates(_bytes(certificate), secret)
            private, leaf = found[0], found[1]
        else:
            private = serialization.load_pem_private_key(_bytes(key), secret)
            leaf = x509.load_pem_x509_certificate(_bytes(certificate))
    except (ValueError, TypeError) as error:
        if isinstance(error, CertificateError):
            raise
        named = certificate if key is None else key
        raise CertificateError(f"{named} can't be read: its password is wrong, or it is no such file") from None
    if not isinstance(private, rsa.RSAPrivateKey) or leaf is None:
        raise CertificateError(f"{certificate} holds no certificate with an RSA key")
    return Identity(private, leaf, _intermediate(wwdr))


def _intermediate(path: Path) -> x509.Certificate:
    data = _bytes(path)
    try:
        # Apple offers it as DER; many keep it as PEM.
        is_pem = data.lstrip().startswith(b"-----")
        return x509.load_pem_x509_certificate(data) if is_pem else x509.load_der_x509_certificate(data)
    except ValueError:
        raise CertificateError(f"{path} is no certificate") from None


def package(files: Mapping[str, bytes], identity: Identity) -> bytes:
    """The signed pass of these files, by their names within it."""
    manifest = json.dumps({name: _sha1(data) for name, data in files.items()}, separators=(",", ":")).encode()
    signature = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(manifest)
        .add_signer(identity.certificate, identity.key, hashes.SHA256())
        .add_certificate(identity.wwdr)
        .sign(serialization.Encoding.DER, _OPTIONS)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {**files, "manifest.json": manifest, "signature": signature}.items():
            archive.writestr(zipfile.ZipInfo(name, _MADE), data)
    return out.getvalue()


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateError(f"{path} can't be read: {error.strerror}") from None


def _name(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    """A part of the certificate's subject; "none" when it has none."""
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else "none"
