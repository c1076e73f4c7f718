"""Paths of the register: writing, review, adoption, numbers, signatures."""

app_name = "registry"
urlpatterns: list = []
