"""What plugs PRP Guide into Rasa: importer, graph components, replies, tracker store, input channel.

Rasa replaces a part that it cannot load by its own, silently; `startup` proves that those in use are these.
"""
