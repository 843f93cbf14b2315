"""Flask-Security as it is set up here: e-mail and password, argon2 at OWASP's parameters, our words and our mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from flask_security import LoginForm, MailUtil
from wtforms import Field

from loyalty_portal.settings import Settings
from loyalty_portal.web import sessions
from loyalty_portal.web.current import enqueue
from loyalty_portal.web.locale import choose

PASSWORD_LENGTH = 10
SUBJECTS = {
    "reset_instructions": _l("Choose a new password"),
    "reset_notice": _l("Your password was changed"),
    "change_notice": _l("Your password was changed"),
}


class QueuedMail(MailUtil):
    """Mails leave through the queue, as plain text, in the language of who gets them."""

    def send_mail(
        self, template: str, subject: Any, recipient: Any, sender: Any, body: Any, html: Any, **context: Any
    ) -> None:
        name = template.rpartition("/")[2]
        with force_locale(context["user"].locale or choose()):
            text = render_template(f"security/email/{name}.txt", **context)
            enqueue("send_mail", str(recipient), str(SUBJECTS[name]), text)


class SignInForm(LoginForm):
    """E-mail and password. A browser isn't remembered beyond its session."""

    remember = None

    def validate_next(self, field: Field) -> None:
        """A way on that leads elsewhere is ignored by Flask-Security later; it doesn't stop the sign-in."""

    def validate(self, **kwargs: Any) -> bool:
        accepted: bool = super().validate(**kwargs)
        if accepted:
            sessions.renew()
        return accepted


def configuration(settings: Settings) -> dict[str, Any]:
    """Flask-Security's configuration."""
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        # OWASP's second recommendation: 19 MiB, two rounds, one lane.
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__memory_cost": 19456,
            "argon2__rounds": 2,
            "argon2__parallelism": 1,
        },
        # What a reset link holds of the password's hash needs no slow hash of its own: half a second that only
        # known addresses would take tells who is known.
        "SECURITY_HASHING_SCHEMES": ["hex_sha256"],
        "SECURITY_DEPRECATED_HASHING_SCHEMES": [],
        "SECURITY_PASSWORD_LENGTH_MIN": PASSWORD_LENGTH,
        "SECURITY_PASSWORD_SALT": settings.SECRET_KEY,
        "SECURITY_TOTP_SECRETS": settings.totp_secrets,
        "SECURITY_TOTP_ISSUER": settings.PLATFORM_NAME,
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_RESET_URL": "/reset",
        "SECURITY_CHANGE_URL": "/change-password",
        "SECURITY_VERIFY_URL": "/verify",
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=3),
        "SECURITY_SEND_PASSWORD_RESET_NOTICE_EMAIL": True,
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": True,
        # `QueuedMail` renders them.
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_EMAIL_PLAINTEXT": False,
        "SECURITY_EMAIL_SENDER": settings.mail_from,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_POST_LOGIN_VIEW": "/welcome",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_POST_RESET_VIEW": "/sign-in",
        "SECURITY_POST_CHANGE_VIEW": "/welcome",
        "SECURITY_AUTO_LOGIN_AFTER_RESET": False,
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_REDIRECT_VALIDATE_MODE": ["absolute", "regex"],
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
        "SECURITY_FLASH_MESSAGES": True,
        "SECURITY_I18N_DIRNAME": [],
        # Only a session's cookie signs a person in here: no tokens, no basic authentication.
        "SECURITY_API_ENABLED_METHODS": ["session"],
        **{f"SECURITY_MSG_{name}": (text, level) for name, (text, level) in _words().items()},
    }


def _words() -> dict[str, tuple[Any, str]]:
    """What Flask-Security says to people, in our catalogues."""
    wrong = _l("E-mail or password isn't right.")
    return {
        "GENERIC_AUTHN_FAILED": (wrong, "error"),
        "USER_DOES_NOT_EXIST": (wrong, "error"),
        "INVALID_PASSWORD": (_l("This isn't your password."), "error"),
        "DISABLED_ACCOUNT": (_l("This account is switched off."), "error"),
        "GENERIC_RECOVERY": (_l("If we know this address, a mail with a link is on its way."), "info"),
        "PASSWORD_RESET_REQUEST": (_l("If we know this address, a mail with a link is on its way."), "info"),
        "PASSWORD_RESET_EXPIRED": (_l("This link was used already or is too old."), "error"),
        "INVALID_RESET_PASSWORD_TOKEN": (_l("This link was used already or is too old."), "error"),
        "PASSWORD_RESET_NO_LOGIN": (_l("Your new password is set. Please sign in with it."), "success"),
        "PASSWORD_RESET": (_l("Your new password is set."), "success"),
        "PASSWORD_CHANGE": (_l("Your new password is set."), "success"),
        "PASSWORD_IS_THE_SAME": (_l("The new password should be another one."), "error"),
        "PASSWORD_MISMATCH": (_l("The two passwords aren't the same."), "error"),
        "RETYPE_PASSWORD_MISMATCH": (_l("The two passwords aren't the same."), "error"),
        "PASSWORD_NOT_PROVIDED": (_l("Please enter your password."), "error"),
        "PASSWORD_INVALID_LENGTH": (_l("At least %(length)s characters, please."), "error"),
        "PASSWORD_TOO_SIMPLE": (_l("This password is too easy to guess."), "error"),
        "EMAIL_NOT_PROVIDED": (_l("Please enter your e-mail address."), "error"),
        "INVALID_EMAIL_ADDRESS": (_l("This doesn't look like an e-mail address."), "error"),
        "API_ERROR": (_l("The browser sent something we can't read."), "error"),
        "INVALID_INPUT": (_l("Something in what you entered needs another look."), "error"),
        "FORGOT_PASSWORD": (_l("Forgot your password?"), "info"),
        "LOGIN": (_l("Please sign in first."), "info"),
        "UNAUTHENTICATED": (_l("Please sign in first."), "error"),
        "UNAUTHORIZED": (_l("Your account may not do this."), "error"),
        "REAUTHENTICATION_REQUIRED": (_l("Please confirm your password."), "error"),
        "REAUTHENTICATION_SUCCESSFUL": (_l("Thank you."), "info"),
        "REFRESH": (_l("Please confirm your password."), "info"),
        "ANONYMOUS_USER_REQUIRED": (_l("You are signed in already."), "error"),
        "INVALID_REDIRECT": (_l("This address leads elsewhere."), "error"),
    }
