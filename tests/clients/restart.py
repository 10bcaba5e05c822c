"""A distributed Map over many rows, its server killed in the middle: every row comes out once, and the rest goes on.

    python tests/clients/restart.py target/release/aslx 100000
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time

import boto3
from botocore.config import Config

MACHINE = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "Label": "Each",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                "Parameters": {"Bucket": "rows", "Key": "rows.csv"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Echo",
                "States": {"Echo": {"Type": "Pass", "End": True}},
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "rows", "Prefix": "results"},
            },
            "End": True,
        }
    },
}


class Server:
    """A server on a data directory, and a client of it."""

    def __init__(self, program, data):
        command = [program, "serve", "--listen", "127.0.0.1:0", "--data", data, "-q"]
        begun = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline()
        self.startup = time.monotonic() - begun
        self.sfn = boto3.client(
            "stepfunctions",
            endpoint_url=re.search(r"AWS_ENDPOINT_URL_SFN=(\S+)", ready).group(1),
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}),
        )

    def peak(self):
        """Most memory that it has had, in MB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) // 1024

    def counts(self, execution):
        runs = self.sfn.list_map_runs(executionArn=execution)["mapRuns"]
        return self.sfn.describe_map_run(mapRunArn=runs[0]["mapRunArn"])["itemCounts"] if runs else {"succeeded": 0}


def results(folder):
    for parent, _, files in os.walk(folder):
        for name in files:
            if name.startswith("SUCCEEDED"):
                with open(os.path.join(parent, name)) as file:
                    yield from (json.loads(child["Input"])["id"] for child in json.load(file))


def main(program, rows):
    with tempfile.TemporaryDirectory() as data:
        bucket = os.path.join(data, "buckets", "rows")
        os.makedirs(bucket)
        with open(os.path.join(bucket, "rows.csv"), "w") as file:
            file.write("id,name\n")
            file.writelines(f"{row},row {row}\n" for row in range(rows))

        server = Server(program, data)
        made = server.sfn.create_state_machine(
            name="each", definition=json.dumps(MACHINE), roleArn="arn:aws:iam::000000000000:role/any"
        )
        begun = time.monotonic()
        execution = server.sfn.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
        while (done := server.counts(execution)["succeeded"]) < rows * 0.3:
            assert time.monotonic() - begun < 300, f"only {done} rows are done"
            time.sleep(0.02)
        first = server.peak()
        server.process.kill()
        server.process.wait()
        print(f"killed after {done} of {rows} rows")

        server = Server(program, data)
        try:
            while (seen := server.sfn.describe_execution(executionArn=execution))["status"] == "RUNNING":
                assert time.monotonic() - begun < 600, server.counts(execution)
                time.sleep(0.05)
            assert seen["status"] == "SUCCEEDED", seen
            counts = server.counts(execution)
            assert counts["succeeded"] == counts["total"] == rows, counts
            peak = max(first, server.peak())
        finally:
            server.process.terminate()
            server.process.wait(20)
        written = list(results(os.path.join(bucket, "results")))
        assert sorted(map(int, written)) == list(range(rows)), f"{len(written)} results, {len(set(written))} distinct"
        took = time.monotonic() - begun
        print(f"every row once, in {took:.1f} s; restart in {server.startup:.2f} s; {peak} MB at most")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
