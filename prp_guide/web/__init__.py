"""The public process: the chat API, the plain callback form, the demo page, the front desk's pages."""
