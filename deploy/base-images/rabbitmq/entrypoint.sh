#!/bin/sh
# Becomes the user rabbitmq where root starts it, as the official image does, and then the server.
set -eu

case "${1:-}" in rabbitmq*) ;; *) exec "$@" ;; esac
if [ "$(id -u)" = 0 ]; then
    chown -R rabbitmq:rabbitmq /var/lib/rabbitmq
    exec setpriv --reuid rabbitmq --regid rabbitmq --init-groups -- "$0" "$@"
fi
exec "$@"
