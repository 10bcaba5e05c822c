"""The main flows of Step Functions' users with boto3, against the server whose address is in ASLX_ENDPOINT.

    ASLX_ENDPOINT=http://127.0.0.1:8083 python -m unittest tests/clients/flows.py
"""

import json
import os
import threading
import time
import unittest
import uuid

import boto3
from botocore.config import Config

ROLE = "arn:aws:iam::000000000000:role/any"
ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


def client():
    return boto3.client(
        "stepfunctions",
        endpoint_url=os.environ["ASLX_ENDPOINT"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        # `sync-` goes in front of the host of two operations, which no name server knows for an address.
        config=Config(inject_host_prefix=False, read_timeout=70, retries={"max_attempts": 0}),
    )


class Flows(unittest.TestCase):
    def setUp(self):
        self.sfn = client()

    def machine(self, states, start, kind="STANDARD"):
        made = self.sfn.create_state_machine(
            name=f"flow-{uuid.uuid4()}",
            definition=json.dumps({"StartAt": start, "States": states}),
            roleArn=ROLE,
            type=kind,
        )
        return made["stateMachineArn"]

    def start(self, machine, given):
        return self.sfn.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]

    def end(self, execution):
        for _ in range(2000):
            seen = self.sfn.describe_execution(executionArn=execution)
            if seen["status"] in ENDED:
                return seen
            time.sleep(0.005)
        self.fail(f"{execution} does not end")

    def test_a_branch_is_chosen_and_the_history_tells_it(self):
        machine = self.machine(
            {
                "Size": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.n", "NumericGreaterThan": 10, "Next": "Large"}],
                    "Default": "Small",
                },
                "Large": {"Type": "Pass", "Result": "large", "End": True},
                "Small": {"Type": "Pass", "Result": "small", "End": True},
            },
            "Size",
        )
        ended = self.end(self.start(machine, {"n": 11}))
        self.assertEqual(json.loads(ended["output"]), "large")
        pages = self.sfn.get_paginator("get_execution_history").paginate(
            executionArn=ended["executionArn"], PaginationConfig={"PageSize": 2}
        )
        types = [event["type"] for page in pages for event in page["events"]]
        self.assertEqual(
            types,
            ["ExecutionStarted", "ChoiceStateEntered", "ChoiceStateExited", "PassStateEntered", "PassStateExited",
             "ExecutionSucceeded"],
        )

    def test_jsonata_and_variables(self):
        made = self.sfn.create_state_machine(
            name=f"flow-{uuid.uuid4()}",
            roleArn=ROLE,
            definition=json.dumps({
                "QueryLanguage": "JSONata",
                "StartAt": "Sum",
                "States": {
                    "Sum": {"Type": "Pass", "Assign": {"total": "{% $sum($states.input.n) %}"}, "Next": "Tell"},
                    "Tell": {"Type": "Pass", "Output": {"sum": "{% $total %}"}, "End": True},
                },
            }),
        )
        ended = self.end(self.start(made["stateMachineArn"], {"n": [1, 2, 3.5]}))
        self.assertEqual(json.loads(ended["output"]), {"sum": 6.5})

    def test_an_express_execution_answers_at_once(self):
        machine = self.machine({"Echo": {"Type": "Pass", "End": True}}, "Echo", kind="EXPRESS")
        answer = self.sfn.start_sync_execution(stateMachineArn=machine, input='{"a": 1}')
        self.assertEqual((answer["status"], answer["output"]), ("SUCCEEDED", '{"a": 1}'))

    def test_errors_are_the_service_s_own(self):
        missing = "arn:aws:states:us-east-1:000000000000:stateMachine:missing"
        with self.assertRaises(self.sfn.exceptions.StateMachineDoesNotExist):
            self.sfn.describe_state_machine(stateMachineArn=missing)
        with self.assertRaises(self.sfn.exceptions.InvalidDefinition):
            self.machine({"A": {"Type": "Pass", "Next": "B"}}, "A")
        with self.assertRaises(self.sfn.exceptions.InvalidArn):
            self.sfn.describe_execution(executionArn="nonsense")

    def test_a_worker_waits_for_its_task(self):
        activity = self.sfn.create_activity(name=f"flow-{uuid.uuid4()}")["activityArn"]
        machine = self.machine({"Work": {"Type": "Task", "Resource": activity, "End": True}}, "Work")

        def work():
            sfn = client()
            task = sfn.get_activity_task(activityArn=activity, workerName="worker")
            given = json.loads(task["input"])
            sfn.send_task_success(taskToken=task["taskToken"], output=json.dumps(given["n"] * 2))

        worker = threading.Thread(target=work)
        worker.start()
        ended = self.end(self.start(machine, {"n": 21}))
        worker.join()
        self.assertEqual(json.loads(ended["output"]), 42)

    def test_a_running_execution_is_stopped(self):
        machine = self.machine({"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}, "Wait")
        execution = self.start(machine, {})
        self.sfn.stop_execution(executionArn=execution, error="Enough")
        ended = self.end(execution)
        self.assertEqual((ended["status"], ended["error"]), ("ABORTED", "Enough"))

    def test_lists_have_pages(self):
        machine = self.machine({"Echo": {"Type": "Pass", "End": True}}, "Echo")
        started = {self.start(machine, n) for n in range(7)}
        pages = self.sfn.get_paginator("list_executions").paginate(
            stateMachineArn=machine, PaginationConfig={"PageSize": 3}
        )
        listed = [item["executionArn"] for page in pages for item in page["executions"]]
        self.assertEqual((set(listed), len(listed)), (started, 7))


if __name__ == "__main__":
    unittest.main()
