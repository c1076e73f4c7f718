"""Paths of the guides, under /aide/."""

from django.urls import path

from guides import views

app_name = "guides"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:name>/", views.guide, name="guide"),
]
