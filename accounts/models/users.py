from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.roles import Role, permissions_of


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        """Create a person who can sign in and may do nothing yet."""
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works here. Power comes only from role grants in force.

    Django and guardian both answer yes to a superuser before any backend is asked; here
    `has_perm` is answered from the table of roles alone, so `is_superuser` opens nothing.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_case"),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def roles(self) -> set[Role]:
        """The roles in force. Asked once per request: a person is loaded anew for each."""
        if not self.is_active:
            return set()
        return {Role(role) for role in self.role_grants.in_force().values_list("role", flat=True)}

    @cached_property
    def desk_permissions(self) -> frozenset[str]:
        return permissions_of(self.roles)

    def limit_to(self, permissions: Iterable[str]) -> None:
        """Give up every permission that is not named, for as long as this object lives.

        An API token calls it: a token opens what its scopes and its owner's roles share.
        """
        self.desk_permissions = self.desk_permissions & frozenset(permissions)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return perm in self.desk_permissions

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return self.desk_permissions.issuperset(perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in self.desk_permissions)
