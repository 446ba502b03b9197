"""What customers do, as demo, drill and tests play them: at the gateway, and reading their letters."""
