# A stand-in for a restic exporter of the usual design: one process for each repository, the Python client library of
# Prometheus, and `restic snapshots` each hour. It does less than the real ones (no check, no stats, no locks).
import json
import subprocess
import sys
import time

from prometheus_client import Gauge, start_http_server

port, restic = int(sys.argv[1]), sys.argv[2]
newest = Gauge("backup_timestamp", "Time of the newest snapshot", ["client_hostname", "client_username"])
count = Gauge("backup_snapshots_total", "Snapshots in the repository")
start_http_server(port, addr="127.0.0.1")
while True:
    snapshots = json.loads(subprocess.run([restic, "snapshots", "--json", "--no-lock"], capture_output=True, check=True).stdout)
    count.set(len(snapshots))
    for snapshot in snapshots:
        stamp = time.mktime(time.strptime(snapshot["time"][:19], "%Y-%m-%dT%H:%M:%S"))
        newest.labels(snapshot["hostname"], snapshot["username"]).set(stamp)
    if "once" in sys.argv:
        break
    time.sleep(3600)
