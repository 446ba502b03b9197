#!/bin/sh
# Prints how the system runs on this machine: `compose` where a Docker engine and a compose command answer, else
# `native`. With the argument `compose-command` prints that command. MODE in the environment decides by hand; what
# already runs natively stays native.
set -eu

compose_command() {
    if docker compose version >/dev/null 2>&1; then
        echo "docker compose"
    elif docker-compose version >/dev/null 2>&1; then
        echo "docker-compose"
    fi
}

if [ "${1:-}" = "compose-command" ]; then
    compose_command
elif [ -n "${MODE:-}" ]; then
    echo "$MODE"
elif [ -e "${VILKAR_RUN_DIR:-.run}/supervisor.json" ]; then
    echo native
elif [ -e docker-compose.yml ] && [ -n "$(compose_command)" ] && timeout 10 docker info >/dev/null 2>&1; then
    echo compose
else
    echo native
fi
