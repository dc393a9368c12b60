"""Changing the content as a text editor would: the same YAML files, checked before, with a history.

    editor = Editor(home)
    opened = editor.open("washing")
    editor.save("washing", draft, seen=opened.seen, by="Ana Ruiz")

Knows nothing of Rasa or HTTP. An answer is live at the next message; phrases are once a model was published.
"""

from prp_guide.editor.draft import Draft
from prp_guide.editor.editor import Editor, Opened
from prp_guide.editor.versions import Version

__all__ = ["Draft", "Editor", "Opened", "Version"]
