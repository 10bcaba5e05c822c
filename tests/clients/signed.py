"""A server that wants signatures, and boto3 with the same credentials file: who knows a secret is served, nobody else.

    python tests/clients/signed.py target/release/aslx
"""

import os
import re
import subprocess
import sys
import tempfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

KEYS = """[default]
aws_access_key_id = AKIDEXAMPLE
aws_secret_access_key = a/secret+with=signs

[session]
aws_access_key_id = ASIAEXAMPLE
aws_secret_access_key = another
aws_session_token = its/token==
"""
ECHO = '{"StartAt": "Echo", "States": {"Echo": {"Type": "Pass", "End": true}}}'


def client(address, region="eu-west-1", **keys):
    config = Config(inject_host_prefix=False, retries={"max_attempts": 0})
    session = boto3.Session(**keys)
    return session.client("stepfunctions", endpoint_url=address, region_name=region, config=config)


def code(sfn):
    try:
        sfn.list_state_machines()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        keys = os.path.join(folder, "credentials")
        with open(os.open(keys, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(KEYS)
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = keys
        command = [program, "serve", "--listen", "127.0.0.1:0", "--memory", "-q", "--region", "eu-west-1"]
        server = subprocess.Popen([*command, "--credentials-file", keys], stdout=subprocess.PIPE, text=True)
        try:
            ready = server.stdout.readline()
            address = re.search(r"AWS_ENDPOINT_URL_SFN=(\S+)", ready).group(1)
            for profile in ("default", "session"):
                sfn = client(address, profile_name=profile)
                role = "arn:aws:iam::000000000000:role/any"
                made = sfn.create_state_machine(name=f"größe-{profile}", definition=ECHO, roleArn=role)
                express = sfn.create_state_machine(name=f"e-{profile}", definition=ECHO, roleArn=role, type="EXPRESS")
                sfn.start_execution(stateMachineArn=made["stateMachineArn"], input='{"é": "😀"}')
                done = sfn.start_sync_execution(stateMachineArn=express["stateMachineArn"], input="[1]")
                assert done["output"] == "[1]", done
            wrong = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "wrong"}
            unknown = {"aws_access_key_id": "AKIDNOBODY", "aws_secret_access_key": "wrong"}
            stale = {"aws_access_key_id": "ASIAEXAMPLE", "aws_secret_access_key": "another", "aws_session_token": "old"}
            for keys, expected in (
                (wrong, "InvalidSignatureException"),
                (unknown, "UnrecognizedClientException"),
                (stale, "UnrecognizedClientException"),
            ):
                assert code(client(address, **keys)) == (expected, 400), (keys, code(client(address, **keys)))
            assert code(client(address, region="us-east-1")) == ("InvalidSignatureException", 400)
        finally:
            server.terminate()
        assert server.wait(10) == 0, server.returncode
    print("signatures: all as expected")


main(*sys.argv[1:])
