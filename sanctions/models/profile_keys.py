from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from platforms.models import Profile, ProfileVersion


class KeyText(models.Model):
    """The dictionary: one key under which profiles are found, and a short number for it.

    `near` has the numbers two keys share that are one letter apart.
    """

    id = models.AutoField(primary_key=True)
    text = models.TextField()
    near = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text"], name="key_text_once")]
        indexes = [GinIndex(fields=["near"], name="key_text_near")]

    def __str__(self) -> str:
        return self.text


class KeptProfile(models.Model):
    """The keys of a profile's screened version: what a new list entry finds it by.

    It follows from the profile and is written anew with it. `scheme` is that of
    `sanctions.matching.reverse`: a row of another one is out of date.
    """

    profile = models.OneToOneField(
        Profile, on_delete=models.CASCADE, primary_key=True, related_name="kept_keys"
    )
    profile_version = models.ForeignKey(
        ProfileVersion, on_delete=models.CASCADE, related_name="kept_keys"
    )
    scheme = models.PositiveSmallIntegerField()
    keys = ArrayField(models.IntegerField(), help_text="Numbers of the dictionary")
    sounds = ArrayField(models.TextField(), help_text="Its names by their consonants")
    glued = ArrayField(models.TextField(), help_text="Words that may be several names")

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="kept_profile_keys")]

    def __str__(self) -> str:
        return f"{self.profile_id}: {len(self.keys)} keys"
