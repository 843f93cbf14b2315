"""Sending plain-text mail: by SMTP, into a folder, or onto the console."""

from __future__ import annotations

import smtplib
import ssl
import sys
import uuid
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit


class MailGateway(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Delivers one message; raises `OSError` or `smtplib.SMTPException` when it can't."""
        ...


def message(sender: str, to: str, subject: str, body: str) -> EmailMessage:
    """A plain-text message. A line break in a header raises `ValueError`."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<{uuid.uuid4().hex}@{sender.rsplit('@', 1)[-1].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body)
    return mail


class SmtpMail:
    """`smtp://user:pass@host:587` with STARTTLS, `smtps://…:465`, or plain to a loopback host."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    def send(self, message: EmailMessage) -> None:
        parts = self._parts
        host = parts.hostname or "127.0.0.1"
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=20, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=20)
        with server:
            if parts.scheme == "smtp" and host not in {"127.0.0.1", "localhost", "::1"}:
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)


class FolderMail:
    """`file:DIR`: each message is a file, for development and tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{uuid.uuid4().hex}.eml").write_bytes(message.as_bytes())


class ConsoleMail:
    """`console:`: the message is printed, links readable."""

    def send(self, message: EmailMessage) -> None:
        text = f"--- mail to {message['To']}: {message['Subject']}\n{message.get_content()}---\n"
        sys.stdout.write(text)
        sys.stdout.flush()


def mail_gateway(url: str) -> MailGateway:
    """The gateway that a `MAIL_URL` names. Raises `ValueError` for one that names none."""
    scheme = url.split(":", 1)[0]
    if scheme in {"smtp", "smtps"}:
        return SmtpMail(url)
    if scheme == "file":
        return FolderMail(Path(url.removeprefix("file:").removeprefix("//")))
    if scheme == "console":
        return ConsoleMail()
    raise ValueError(f"MAIL_URL: {scheme} is not one of smtp, smtps, file, console")
