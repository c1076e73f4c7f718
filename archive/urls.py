"""Paths of what is kept and found: search, verification, archives."""

from django.urls import path

from archive import views

app_name = "archive"
urlpatterns = [
    path("recherche/", views.find, name="search"),
    path("verifier/", views.verify, name="verify"),
]
