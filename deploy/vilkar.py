"""`vilkar` as it is installed: the commands of staff, and what operations and a demonstration need besides.

python -m deploy.vilkar rediscover --from FILE
"""

from __future__ import annotations

from deploy.demo.command import demo
from deploy.first_administrators.command import staff
from deploy.residue_search.command import rediscover
from services.desk.__main__ import main
from services.desk.cli.app import app

app.command("rediscover")(rediscover)
app.command("demo")(demo)
app.add_typer(staff, name="staff")

if __name__ == "__main__":
    main()
