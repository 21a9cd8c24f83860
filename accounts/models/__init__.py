from accounts.models.audit import AuditEvent, AuditSeal
from accounts.models.grants import RoleGrant
from accounts.models.tokens import ApiToken
from accounts.models.users import User

__all__ = ["ApiToken", "AuditEvent", "AuditSeal", "RoleGrant", "User"]
