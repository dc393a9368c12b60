"""From a patient's words to what is meant: encoder, classifier, details of a callback. Knows nothing of Rasa."""
