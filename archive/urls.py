"""Paths of what is kept and found: search, verification, archives."""

from django.urls import path

from archive import views

app_name = "archive"
urlpatterns = [
    path("recherche/", views.find, name="search"),
    path("seances/<int:pk>/conserver/", views.keep, name="keep"),
    path("seances/<int:pk>/conserver/tout/", views.keep_whole, name="keep_whole"),
    path("verifier/", views.verify, name="verify"),
]
