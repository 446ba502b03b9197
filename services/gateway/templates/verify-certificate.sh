#!/bin/sh
# Verify an erasure certificate without the service that issued it: sh verify-certificate.sh CERTIFICATE.json key.pem
set -eu
work=$(mktemp -d)
python3 - "$1" "$work" <<'PYTHON'
import base64, json, pathlib, sys
document = json.loads(pathlib.Path(sys.argv[1]).read_text())
body = json.dumps(document["certificate"], sort_keys=True, separators=(",", ":"))
work = pathlib.Path(sys.argv[2])
(work / "signed").write_bytes(f"{document['format']}\n{body}".encode("ascii"))
(work / "signature").write_bytes(base64.b64decode(document["signature"]))
PYTHON
openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$work/signed" -sigfile "$work/signature"
