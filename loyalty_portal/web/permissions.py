"""Who may do what: one table."""

from __future__ import annotations

from enum import StrEnum


class ActorKind(StrEnum):
    ANONYMOUS = "anonymous"
    ADMIN = "admin"
    OWNER = "owner"
    MANAGER = "manager"
    TILL = "till"
    API_KEY = "api_key"


class Permission(StrEnum):
    VENDOR_READ = "vendor:read"
    PROGRAM_EDIT = "program:edit"
    PROGRAM_ARCHIVE = "program:archive"
    STAFF_EDIT = "staff:edit"
    TILLS_EDIT = "tills:edit"
    CARDS_READ = "cards:read"
    CARDS_EDIT = "cards:edit"
    COUNTER = "counter"
    PLATFORM_READ = "platform:read"
    PLATFORM_EDIT = "platform:edit"
    ACCOUNT = "account"


_MANAGER = frozenset(
    {
        Permission.VENDOR_READ,
        Permission.PROGRAM_EDIT,
        Permission.STAFF_EDIT,
        Permission.TILLS_EDIT,
        Permission.CARDS_READ,
        Permission.CARDS_EDIT,
        Permission.ACCOUNT,
    }
)

GRANTS: dict[ActorKind, frozenset[Permission]] = {
    ActorKind.ANONYMOUS: frozenset(),
    ActorKind.ADMIN: frozenset({Permission.PLATFORM_READ, Permission.PLATFORM_EDIT, Permission.ACCOUNT}),
    ActorKind.OWNER: _MANAGER | {Permission.PROGRAM_ARCHIVE},
    ActorKind.MANAGER: _MANAGER,
    ActorKind.TILL: frozenset({Permission.COUNTER}),
    ActorKind.API_KEY: frozenset(),
}
