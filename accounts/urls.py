"""Paths of the doors."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("confirmer/", views.confirm, name="proof"),
]
