-- Calls and messages to duty go with their case, by the database itself: the program never deletes one of them.
REVOKE DELETE ON case_alert, alert_message FROM cases;
