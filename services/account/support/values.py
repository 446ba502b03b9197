"""What support correspondence is: threads of messages between one person of a customer and the vendor's support."""

from __future__ import annotations

from typing import Final

TEXT: Final = ("support_message", "text")
"""The table and the column that a text is sealed for."""
CATEGORY: Final = "support"
"""Which category of data it is: a hold can be narrowed to it."""
TEXT_LIMIT: Final = 4000
"""So many characters one message holds; who has more to say sends another one."""
MESSAGES_MOST: Final = 100
"""So many messages one thread holds; who has more to say begins another one."""
OPENING: Final = 80
"""So many characters of its first message a thread is known by in a list."""
PERSON, SUPPORT = "person", "support"
"""Who wrote a message. Which of the staff it was is told to nobody outside (GDPR article 15, C-579/21)."""
PAGE, MAIL = "page", "mail"
"""By which way a message came: in a session, or as a reply to a letter."""
WAITING, ANSWERED, SETTLED = "waiting", "answered", "settled"
STATES: Final = (WAITING, ANSWERED, SETTLED)
DECLINED_BECAUSE: Final = (
    "attachments", "sender_not_proved", "other_sender", "too_long", "empty", "identity_number", "too_often",
    "thread_full",
)  # fmt: skip
"""Why a reply by mail was not taken in, or, with `attachments`, not all of it: its letter has words for each."""
REPLY_MARK: Final = "reply+"
"""How the name of a reply address begins; the rest says which thread, and is signed."""
QUESTION, COMPLAINT, ENQUIRY = "question", "complaint", "enquiry"
"""What a thread is begun as: something for support, or what is a case from its beginning."""
CASES: Final = (COMPLAINT, ENQUIRY)
ABOUT: Final = (
    "data_held", "data_use", "data_shared", "data_security", "emails", "request_answer", "terms", "something_else",
)  # fmt: skip
"""What somebody writes about whose writing is a case."""
SETTLED_BECAUSE: Final = ("no_answer_needed", "answered_by_telephone", "became_case")
"""Why a message needs no written answer."""
