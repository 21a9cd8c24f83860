from accounts.models.audit import AuditEvent, AuditSeal
from accounts.models.grants import AccessReview, Bootstrap, GrantProposal, RoleGrant
from accounts.models.identities import ProviderIdentity
from accounts.models.invitations import Invitation
from accounts.models.resets import SecondFactorReset
from accounts.models.sessions import DeskSession
from accounts.models.tokens import ApiToken
from accounts.models.users import User

__all__ = [
    "AccessReview",
    "ApiToken",
    "AuditEvent",
    "AuditSeal",
    "Bootstrap",
    "DeskSession",
    "GrantProposal",
    "Invitation",
    "ProviderIdentity",
    "RoleGrant",
    "SecondFactorReset",
    "User",
]
