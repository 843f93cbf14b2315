"""Who may do what: one table."""

from __future__ import annotations

from enum import StrEnum

from loyalty_portal.schemas.keys import Scope


class ActorKind(StrEnum):
    ANONYMOUS = "anonymous"
    ADMIN = "admin"
    OWNER = "owner"
    MANAGER = "manager"
    TILL = "till"
    API_KEY = "api_key"
    ADMIN_KEY = "admin_key"


class Permission(StrEnum):
    VENDOR_READ = "vendor:read"
    PROGRAM_EDIT = "program:edit"
    PROGRAM_ARCHIVE = "program:archive"
    STAFF_EDIT = "staff:edit"
    TILLS_EDIT = "tills:edit"
    WEBHOOKS_EDIT = "webhooks:edit"
    KEYS_EDIT = "keys:edit"
    CARDS_READ = "cards:read"
    CARDS_EDIT = "cards:edit"
    COUNTER = "counter"
    PLATFORM_READ = "platform:read"
    PLATFORM_EDIT = "platform:edit"
    PLATFORM_KEYS = "platform:keys"
    ACCOUNT = "account"


_MANAGER = frozenset(
    {
        Permission.VENDOR_READ,
        Permission.PROGRAM_EDIT,
        Permission.STAFF_EDIT,
        Permission.TILLS_EDIT,
        Permission.WEBHOOKS_EDIT,
        Permission.CARDS_READ,
        Permission.CARDS_EDIT,
        Permission.ACCOUNT,
    }
)

_SCOPES: dict[Scope, frozenset[Permission]] = {
    Scope.READ: frozenset({Permission.VENDOR_READ, Permission.CARDS_READ, Permission.PLATFORM_READ}),
    Scope.COUNTER: frozenset({Permission.COUNTER, Permission.CARDS_READ}),
    Scope.CARDS: frozenset({Permission.CARDS_READ, Permission.CARDS_EDIT}),
    Scope.PROGRAM: frozenset({Permission.VENDOR_READ, Permission.PROGRAM_EDIT, Permission.PROGRAM_ARCHIVE}),
    Scope.STAFF: frozenset({Permission.STAFF_EDIT}),
    Scope.PLATFORM: frozenset({Permission.PLATFORM_READ, Permission.PLATFORM_EDIT}),
}

GRANTS: dict[ActorKind, frozenset[Permission]] = {
    ActorKind.ANONYMOUS: frozenset(),
    ActorKind.ADMIN: frozenset(
        {Permission.PLATFORM_READ, Permission.PLATFORM_EDIT, Permission.PLATFORM_KEYS, Permission.ACCOUNT}
    ),
    ActorKind.OWNER: _MANAGER | {Permission.PROGRAM_ARCHIVE, Permission.KEYS_EDIT},
    ActorKind.MANAGER: _MANAGER,
    ActorKind.TILL: frozenset({Permission.COUNTER}),
    ActorKind.API_KEY: frozenset(
        {
            Permission.VENDOR_READ,
            Permission.PROGRAM_EDIT,
            Permission.PROGRAM_ARCHIVE,
            Permission.STAFF_EDIT,
            Permission.CARDS_READ,
            Permission.CARDS_EDIT,
            Permission.COUNTER,
        }
    ),
    ActorKind.ADMIN_KEY: frozenset({Permission.PLATFORM_READ, Permission.PLATFORM_EDIT}),
}


def narrowed(scopes: frozenset[Scope]) -> frozenset[Permission]:
    """What a key with these scopes may do at most; without scopes everything."""
    chosen = scopes or frozenset(Scope)
    return frozenset().union(*(_SCOPES[scope] for scope in chosen))
