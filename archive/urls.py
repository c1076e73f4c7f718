"""Paths of what is kept and found: search, verification, archives."""

app_name = "archive"
urlpatterns: list = []
