"""Paths of a sitting while it is held, under /seances/."""

app_name = "live"
urlpatterns: list = []
