"""The editor of what was said."""

from django import forms


class DebateEditor(forms.Textarea):
    """A text area that becomes a small word processor where JavaScript runs.

    The page must carry `{{ form.media }}` in its `head` block. What comes back is HTML: pass it
    through `richtext.clean` before storing it. Without JavaScript the plain text area stays, and
    `richtext.clean` takes plain text too. `sensitive=True` adds the tool that marks what the public
    version leaves out.
    """

    template_name = "widgets/debate_editor.html"

    class Media:
        css = {"all": ["css/editor.css"]}
        js = [forms.Script("js/editor.js", type="module")]

    def __init__(self, attrs: dict | None = None, *, sensitive: bool = False) -> None:
        self.sensitive = sensitive
        super().__init__(
            {"rows": 12, "lang": "fr", "spellcheck": "true", "aria-label": "Ce qui s’est dit"}
            | (attrs or {})
        )

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        return super().get_context(name, value, attrs) | {"sensitive": self.sensitive}
