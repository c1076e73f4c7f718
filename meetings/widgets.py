"""The editor of what was said."""

from django import forms


class DebateEditor(forms.Textarea):
    """A text area that becomes a small word processor where JavaScript runs.

    The page must carry `{{ form.media }}` in its `head` block. What comes back is HTML: pass it
    through `richtext.clean` before storing it. Without JavaScript the plain text area stays, and
    `richtext.clean` takes plain text too.
    """

    template_name = "widgets/debate_editor.html"

    class Media:
        css = {"all": ["css/editor.css"]}
        js = [forms.Script("js/editor.js", type="module")]

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(
            {"rows": 12, "lang": "fr", "spellcheck": "true", "aria-label": "Ce qui s’est dit"}
            | (attrs or {})
        )
