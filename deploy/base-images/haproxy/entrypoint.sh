#!/bin/sh
# Stays in the foreground with a master over its workers, as the official image does.
set -eu

[ "${1:-}" = haproxy ] || exec "$@"
shift
exec haproxy -W -db "$@"
