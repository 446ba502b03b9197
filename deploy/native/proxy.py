"""The proxy in front of the gateway as a process of the plan: `python -m deploy.native.proxy` becomes HAProxy.

Its settings are in deploy/haproxy/haproxy.cfg, which the containers use as well.
"""

from __future__ import annotations

import grp
import os
import pwd
import sys

from deploy.native import plan, programs

CONFIGURATION = plan.REPOSITORY / "deploy/haproxy/haproxy.cfg"
USER = "haproxy"


def main() -> None:
    """Become HAProxy. Raises MissingProgramError where it is not installed."""
    program = str(programs.required(programs.haproxy(), "haproxy"))
    user = programs.run_as(USER)
    group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name if user else ""
    settings = dict(os.environ) | ({"VILKAR_PROXY_USER": user, "VILKAR_PROXY_GROUP": group} if user else {})
    os.execve(program, [program, "-db", "-f", str(CONFIGURATION)], settings)  # noqa: S606


if __name__ == "__main__":
    try:
        main()
    except programs.MissingProgramError as error:
        sys.exit(str(error))
