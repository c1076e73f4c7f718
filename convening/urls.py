"""Paths of convening and of the delegate's desk."""

app_name = "convening"
urlpatterns: list = []
