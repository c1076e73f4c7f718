"""The administration of accounts: each act ends what it must."""

from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin import persons, roles, users

__all__ = ["persons", "roles", "users"]

admin.site.unregister(Group)  # rights are roles here
