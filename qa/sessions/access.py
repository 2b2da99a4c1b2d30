"""What a caller may do, and which collections they may see: told by their API key."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qa.errors import Forbidden
from vectorstore.storage.collections import Scope

ANONYMOUS = ""
"""The owner where no API keys are required."""


class Role(StrEnum):
    """What a key may do."""

    ASK = "ask"
    """Ask, search, list documents by name, and keep conversations of one's own."""
    DOWNLOAD = "download"
    """Read documents whole."""
    MANAGE = "manage"
    """Change documents and collections."""


READER = (Role.ASK, Role.DOWNLOAD)
"""The roles of a key that was made without naming any."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. Without keys everybody is the same caller, and may do everything."""

    owner: str = ANONYMOUS
    """Id of the API key."""
    roles: frozenset[Role] = frozenset(Role)
    scope: Scope | None = None
    """Ids of the collections that the key is limited to; None for all."""

    def require(self, role: Role) -> None:
        """Raise Forbidden unless the caller has ``role``."""
        if role not in self.roles:
            raise Forbidden(
                f"this needs an API key with the role {role.value!r}, and yours has "
                f"{', '.join(sorted(self.roles)) or 'none'}; `qa keys add NAME --role {role.value}` makes one"
            )

    def require_everything(self, what: str) -> None:
        """Raise Forbidden if the key is limited to some collections; ``what`` is of all of them."""
        if self.scope is not None:
            raise Forbidden(f"{what} are of the whole library, and this API key is limited to some collections")


NOBODY = Caller(roles=frozenset(), scope=())
"""A caller whose key was not checked."""
