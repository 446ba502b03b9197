#!/bin/sh
# Verify a copy without the service that made it: sh verify-export.sh export-….zip PUBLIC_KEY
set -eu
work=$(mktemp -d)
python3 - "$1" "$2" "$work" <<'PYTHON'
import base64, hashlib, json, pathlib, sys, zipfile
archive, work = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[3])
manifest = json.loads(archive.read("manifest.json"))
if sorted([each["path"] for each in manifest["files"]] + ["manifest.json"]) != sorted(archive.namelist()):
    sys.exit("other files are in it than the manifest lists")
for each in manifest["files"]:
    if hashlib.sha256(archive.read(each["path"])).hexdigest() != each["sha256"]:
        sys.exit(each["path"] + " was changed")
body = {name: value for name, value in manifest.items() if name not in ("key_id", "public_key", "signature")}
text = json.dumps(body, sort_keys=True, separators=(",", ":"))
(work / "signed").write_bytes(("vilkar-export/1\n" + text).encode("ascii"))
(work / "signature").write_bytes(base64.b64decode(manifest["signature"]))
(work / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + base64.b64decode(sys.argv[2]))
PYTHON
openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key.der" -rawin -in "$work/signed" -sigfile "$work/signature"
