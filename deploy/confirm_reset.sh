#!/bin/sh
# Names what a reset deletes, and asks: confirm_reset.sh NAME ENVIRONMENT YES LINE...
#
# NAME is that of the system, ENVIRONMENT what it runs as, YES what was answered beforehand ("" where nothing was), and
# each LINE names something that goes. Exit status 0 where it may go, 2 where it stays. In a demo or a test any answer
# of `yes` will do; everywhere else the name of the system must be typed, or given: make reset YES=<name>.
set -eu

name=$1 environment=$2 answer=$3
shift 3
case "$environment" in
    demo | test) wanted=yes ;;
    *) wanted=$name ;;
esac

echo "This deletes for good, of the system '$name' ($environment):"
for line in "$@"; do echo "  $line"; done
echo "Nothing of it can be read again: the keys go too, those of backups that lie elsewhere among them."

if [ -z "$answer" ]; then
    printf "Type '%s' to delete it: " "$wanted"
    read -r answer || { echo; echo "nobody answered; without a terminal: make reset YES=$wanted"; }
fi
if [ "$answer" != "$wanted" ] && [ "$answer" != "$name" ]; then
    echo "not deleted: the answer was not '$wanted'"
    exit 2
fi
