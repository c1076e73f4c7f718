"""Paths of the tour, under /visite/."""

from django.urls import path

from demo import views

app_name = "demo"
urlpatterns = [
    path("", views.page, name="tour"),
    path("etape/", views.step, name="step"),
    path("commencer/", views.start, name="start"),
    path("jour/", views.day, name="day"),
    path("retirer/", views.leave, name="leave"),
]
