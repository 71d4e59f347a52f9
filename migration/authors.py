"""The names that histories keep."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


def name_of(user: object) -> str:
    """The name that history keeps, of a user or of somebody at the command line."""
    if isinstance(user, AbstractBaseUser | AnonymousUser):
        return user.get_username()
    return str(user)
