"""The cast of the demo: one invented person for each role, and as many as a role needs."""

from dataclasses import dataclass

from accounts.models import RoleGrant, User
from accounts.roles import Role


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    role: Role

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@desk.example"


CAST = (
    Person("Mira Holt", Role.MODERATOR),
    Person("Jonas Amsel", Role.MODERATOR),
    Person("Tola Okafor", Role.SENIOR_REVIEWER),
    Person("Ines Duarte", Role.SANCTIONS_ANALYST),
    Person("Anna Brandt", Role.LEGAL_COUNSEL),
    Person("Noor Saleh", Role.INTAKE_COORDINATOR),
    Person("Edda Moor", Role.CUSTODIAN),
    Person("Ivo Castell", Role.CUSTODIAN),
    Person("Lale Demir", Role.CUSTODIAN),
    Person("Piet Vos", Role.AUDITOR),
    Person("Ada Lindqvist", Role.ADMINISTRATOR),
    Person("Samir Haddad", Role.ADMINISTRATOR),
)


def ensure_cast(password: str) -> None:
    """Create the people who are not there yet, with their role and the demo's password."""
    for person in CAST:
        user = User.objects.filter(email=person.email).first()
        if user is None:
            user = User.objects.create_user(person.email, person.name, password)
        elif not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        if person.role not in user.roles:
            RoleGrant.objects.create(user=user, role=person.role, reason="Cast of the demo")
