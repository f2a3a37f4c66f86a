"""Makes a call by OdooRPC, as standard input says in JSON, and prints the milliseconds it took."""
import json
import sys
import time

import odoorpc

asked = json.load(sys.stdin)
odoo = odoorpc.ODOO(asked["host"], port=int(asked["port"]), timeout=120)
odoo.login(asked["database"], asked["login"], asked["password"])
start = time.perf_counter()
for _ in range(asked["times"]):
    odoo.execute_kw(asked["model"], asked["method"], *asked["params"])
print((time.perf_counter() - start) * 1000)
