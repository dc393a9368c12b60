"""What `prp-guide init` asks: apart, so that the command line knows the options without loading the rest."""

from __future__ import annotations

# The field of clinic.yml, the option, the question. What may be left out is never made up.
QUESTIONS = (
    ("name", "--name", "Name of the clinic"),
    ("phone", "--phone", "Phone number of the front desk, such as +1 310 555 0147"),
    ("time_zone", "--time-zone", "Time zone, such as America/Los_Angeles"),
    ("hours", "--hours", "Opening hours, such as mon-fri 09:00-17:00; sat 10:00-13:00 (Enter: the chat names none)"),
    ("languages", "--languages", "Languages that the front desk speaks, such as English, Spanish (Enter: English)"),
    ("page_url", "--page", "Address of your page about PRP (Enter: none yet)"),
    ("inbox_url", "--address", "Address of this server as visitors and staff reach it, https://... (Enter: none yet)"),
    ("mail_to", "--mail-to", "E-mail address that hears of callback requests (Enter: the inbox alone)"),
    ("mail_server", "--mail-server", "Mail server and port, such as mail.your-clinic.example:587"),
    ("mail_sender", "--mail-sender", "Address that these e-mails come from"),
)
REQUIRED = ("name", "phone", "time_zone")
