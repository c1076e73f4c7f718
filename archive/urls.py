"""Paths of what is kept and found: search, verification, archives."""

from django.urls import path

from archive import views

app_name = "archive"
urlpatterns = [
    path("verifier/", views.verify, name="verify"),
]
