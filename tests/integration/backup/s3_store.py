"""A store that speaks S3 over HTTP on the loopback address, checks signatures and heeds policies: moto's server."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import requests

from deploy.native import ports

START_SECONDS = 60.0
REGION = "eu-north-1"
BUCKET = "copies"
MAY = {"keeper": ["s3:*"], "reader": ["s3:Get*", "s3:List*"]}


@dataclass
class Store:
    """The store, with one key that may do everything in it and one that may only read."""

    url: str
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)

    def target(self, path: str) -> str:
        return f"s3:{self.url}/{BUCKET}/{path}"

    def credentials(self, who: str, *, secret: str | None = None) -> str:
        """The text of `s3_credentials` for one of the keys; with another `secret`, a wrong one."""
        key_id, its_secret = self.keys[who]
        return f"[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret or its_secret}\n"

    def client(self, service: str, who: str | None = None) -> object:
        key_id, secret = self.keys[who] if who else ("first", "first")
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=key_id,
            aws_secret_access_key=secret,
        )  # fmt: skip

    def objects(self, path: str) -> list[str]:
        pages = self.client("s3", "keeper").get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=path)
        return [each["Key"] for page in pages for each in page.get("Contents", ())]

    def content(self, key: str) -> bytes:
        return self.client("s3", "keeper").get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def prepare(self) -> None:
        """Make bucket and keys while nobody is asked for one yet; from then on everybody is."""
        self.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        people = self.client("iam")
        for who, actions in MAY.items():
            statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            people.create_user(UserName=who)
            people.put_user_policy(UserName=who, PolicyName=who, PolicyDocument=policy)
            made = people.create_access_key(UserName=who)["AccessKey"]
            self.keys[who] = (made["AccessKeyId"], made["SecretAccessKey"])
        requests.post(f"{self.url}/moto-api/reset-auth", data="0", timeout=30).raise_for_status()


@contextmanager
def running_store() -> Iterator[Store]:
    """A store of its own, empty, for as long as the block lasts."""
    port = ports.choose(["s3"])["s3"]
    store = Store(f"http://127.0.0.1:{port}")
    with tempfile.TemporaryDirectory(prefix="vilkar-s3-") as folder:
        log = Path(folder) / "log"
        argv = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
        with log.open("wb") as said:
            server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=folder)
        try:
            deadline = time.monotonic() + START_SECONDS
            while ports.is_free(port):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, "the store does not listen"
                time.sleep(0.05)
            store.prepare()
            yield store
        finally:
            server.terminate()
            server.wait(30)
