"""A folder as a reader of the documents has it: finding files under the names that the examples use, and a sandbox."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Final

from console.errors import ExitCode
from console.sandbox.samples import Finding, as_array, findings, with_bad_records
from console.sandbox.server import Sandbox
from tests.convert.simplified import example
from tests.docs.examples import ROOT
from tests.ocsf.test_compile import dumped, v2

_AT_ONCE: Final = 5
_DOUBT: Final = f"html=502,on=prowler.submit,times={_AT_ONCE}"
"""Everything was handed over, and what answers is no service: nobody knows what became of it."""


class Stage:
    """The folder, the environment, and what stands for what in an example."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self._sizes = count(3)
        self._doubts: list[tuple[Path, str]] = []
        self._bin = folder.parent / f"{folder.name}-bin"
        self._bin.mkdir()
        self.environ = {**os.environ, **self._variables(), "PATH": f"{self._bin}:{os.environ['PATH']}"}
        self._command = self.put("ocsf-console", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -P -m console "$@"')
        self._write_files()

    def fill(self, text: str) -> str:
        """The example, with what there is here in place of what it only hints at."""
        key = self.sandbox.access.prowler.api_key.reveal()
        text = re.sub(r"http://127\.0\.0\.1:(40123|8080)", self.sandbox.url, text).replace("pk_…", key)
        if text.startswith("export") and "…" in text:
            return "true"  # the environment has it already
        if "SUBMISSION" in text:
            if "resume" in text:
                path = self._new_file()
                submission = self._submitted(path, ExitCode.DENIED, PROWLER_CLOUD_API_KEY="pk_nobody.knows")
            else:
                path, submission = self._in_doubt()
            text = text.replace("SUBMISSION", submission)
            return re.sub(r"\bID\b", lambda _: self._job_of(path, ExitCode.OK), text)
        return re.sub(r"\b(JOB|ID)\b", lambda _: self._job_of(self.folder / "bad.ocsf.json", ExitCode.FINDINGS), text)

    def _in_doubt(self) -> tuple[Path, str]:
        """A file that was sent, and its submission, of which nobody knows what became."""
        if not self._doubts:
            # The target is looked at twice, some seconds apart, before that is said.
            paths = [self._new_file() for _ in range(_AT_ONCE)]
            self.sandbox.faults.add(_DOUBT)
            with ThreadPoolExecutor() as threads:
                submissions = threads.map(lambda path: self._submitted(path, ExitCode.UNKNOWN), paths)
                self._doubts = list(zip(paths, submissions, strict=True))
        return self._doubts.pop()

    def _submitted(self, path: Path, code: ExitCode, **environ: str) -> str:
        """The id of the submission that sending a file to Prowler Cloud came to."""
        done = self.run("submit", path.name, "--target", "prowler", "--format", "json", **environ)
        assert done.returncode == code, done.stderr
        return str(json.loads(done.stdout)["submission"])

    def _job_of(self, path: Path, code: ExitCode) -> str:
        """The job of a file that was sent by somebody who knows nothing of this console."""
        elsewhere = str(self.folder.parent / f"{self.folder.name}-elsewhere")
        sent = ["submit", path.name, "--target", "prowler", "--wait", "--format", "json"]
        done = self.run(*sent, **({"OCSF_CONSOLE_STATE_DIR": elsewhere} if code is ExitCode.OK else {}))
        assert done.returncode == code, done.stderr
        return str(json.loads(done.stdout)["job"]["id"])

    def put(self, name: str, script: str) -> Path:
        """Make a command of this name, which does what a shell script says."""
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def config_for(self, text: str) -> dict[str, str]:
        """The variable for the configuration that says where Cisco XDR is, for the commands that go there."""
        if "cisco-xdr" not in text:
            return {}
        xdr = self.sandbox.access.cisco_xdr
        path = self.folder.parent / f"{self.folder.name}.toml"
        path.write_text(
            f'[targets.cisco-xdr]\nkind = "cisco-xdr"\nbase_url = "{xdr.base_url}"\ntoken_url = "{xdr.token_url}"\n'
        )
        return {"OCSF_CONSOLE_CONFIG": str(path)}

    def run(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the command here."""
        there = {name: value for name, value in (self.environ | environ).items() if value}
        return subprocess.run(
            [str(self._command), *words],
            cwd=self.folder,
            env=there,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def _variables(self) -> dict[str, str]:
        access = self.sandbox.access
        aws = self.folder.parent / f"{self.folder.name}-aws"
        aws.write_text(
            f"[profile audit]\naws_access_key_id = {access.security_hub.access_key_id}\n"
            f"aws_secret_access_key = {access.security_hub.secret_access_key.reveal()}\n"
        )
        xdr = access.cisco_xdr
        return {
            "PROWLER_CLOUD_API_BASE_URL": access.prowler.base_url,
            "PROWLER_CLOUD_API_KEY": access.prowler.api_key.reveal(),
            "CISCO_XDR_CLIENT_ID": xdr.client_id,
            "CISCO_XDR_CLIENT_SECRET": xdr.client_secret.reveal(),
            "CISCO_XDR_MODULE_INSTANCE_ID": xdr.module_instance_id,
            "CLIENT_ID": xdr.client_id,
            "CLIENT_SECRET": xdr.client_secret.reveal(),
            "MODULE": xdr.module_instance_id,
            "KEY": access.prowler.api_key.reveal(),
            "AWS_CONFIG_FILE": str(aws),
            "AWS_ENDPOINT_URL_SECURITYHUB": access.security_hub.endpoint_url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": access.security_hub.access_key_id,
            "AWS_SECRET_ACCESS_KEY": access.security_hub.secret_access_key.reveal(),
        }

    def _write_files(self) -> None:
        records = list(findings(60))
        hub = [record for record in findings(900) if _is_of(record, "123456789012", "eu-west-1")]
        bundle = self._converted([example()], "cisco-bundle")
        files: dict[str, bytes] = {
            "scan.ocsf.json": as_array(records),
            "scans/scan.ocsf.json": as_array(records),
            "monday.ocsf.json": as_array(records[:40]),
            "tuesday.ocsf.json": as_array(records[20:]),
            "last.json": as_array(records),
            "last.json.gz": gzip.compress(as_array(records[:40])),
            "scan.json": as_array(records),
            "scan.jsonl.gz": gzip.compress(_lines(records)),
            "broken.ocsf.json": as_array(records)[:-1_500],
            "azure.ocsf.json": as_array(hub),
            "scan.asff.json": json.dumps(self._converted(hub, "asff")).encode(),
            "bundles.json": json.dumps(bundle).encode(),
            "events.jsonl": _lines(bundle[0]["events"]),
            "ocsf-1.9.0.json": dumped(v2() | {"version": "1.9.0"}),
            "with-our-extension.json": dumped(v2() | {"version": "1.8.0"}),
            "bad.ocsf.json": as_array(with_bad_records(60)),
        }
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)

    def _converted(self, records: Sequence[object], form: str) -> list[dict[str, list[Finding]]]:
        source = self.folder / "source.json"
        source.write_text(json.dumps(records))
        done = self.run("convert", source.name, "--to", form, "-o", "converted.json")
        assert done.returncode == 0, done.stderr
        out = self.folder / "converted.json"
        converted: list[dict[str, list[Finding]]] = json.loads(out.read_bytes())
        source.unlink()
        out.unlink()
        return converted

    def _new_file(self) -> Path:
        """A finding file that was never sent."""
        records = next(self._sizes)
        path = self.folder / f"new-{records}.ocsf.json"
        path.write_bytes(as_array(list(findings(records))))
        return path


def _is_of(record: Finding, account: str, region: str) -> bool:
    """Whether a finding is about a region of an account."""
    cloud = record["cloud"]
    return isinstance(cloud, dict) and cloud["region"] == region and cloud["account"]["uid"] == account


def _lines(records: Sequence[object]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)
