"""Tasks that other services do: `aslx serve` with the endpoint variables of Step Functions Local, before moto, a Lambda
of a few lines, and a second `aslx serve`.

    python tests/clients/forward.py target/debug/aslx        (built with --features aws)
"""

import datetime
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import boto3
import requests
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.server import ThreadedMotoServer

ROLE = "arn:aws:iam::000000000000:role/any"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}


class Lambda(BaseHTTPRequestHandler):
    """Functions, by their names."""

    protocol_version = "HTTP/1.1"
    throttled = 0
    # Set when a caller has gone before its answer.
    left = threading.Event()
    # Set when the slow function was called.
    reached = threading.Event()

    def do_POST(self):
        function = unquote(re.search(r"/2015-03-31/functions/([^/]+)/invocations", self.path).group(1))
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if function == "double":
            self.answer(200, json.dumps({"n": event["n"] * 2}))
        elif function == "fail":
            body = '{"errorMessage": "no apples", "errorType": "OutOfStock", "stackTrace": []}'
            self.answer(200, body, {"X-Amz-Function-Error": "Unhandled"})
        elif function == "busy":
            Lambda.throttled += 1
            if Lambda.throttled < 3:
                self.answer(429, '{"message": "Rate Exceeded."}', {"x-amzn-errortype": "TooManyRequestsException"})
            else:
                self.answer(200, '"done"')
        elif function == "slow":
            Lambda.reached.set()
            # Nobody answers; the caller goes away when its state times out.
            self.rfile.read(1)
            Lambda.left.set()
            self.close_connection = True
        else:
            body = json.dumps({"Type": "User", "Message": f"Function not found: {function}"})
            self.answer(404, body, {"x-amzn-errortype": "ResourceNotFoundException"})

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("x-amzn-RequestId", "request-1")
        self.send_header("X-Amz-Executed-Version", "$LATEST")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def certified(folder):
    """A certificate of `localhost`, signed by itself, and its key: two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = made.add_extension(names, False).add_extension(x509.BasicConstraints(False, None), True)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths = [os.path.join(folder, file) for file in ("certificate.pem", "key.pem")]
    for path, content in zip(paths, [made.sign(key, hashes.SHA256()).public_bytes(pem), secret]):
        with open(path, "wb") as file:
            file.write(content)
    return paths


class Server:
    """`aslx serve` and a client of it."""

    def __init__(self, program, **variables):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", "--memory", "-q"],
            stdout=subprocess.PIPE, text=True, env={**inherited, **variables},
        )
        self.url = re.search(r"AWS_ENDPOINT_URL_SFN=(\S+)", self.process.stdout.readline()).group(1)
        self.sfn = boto3.client("stepfunctions", endpoint_url=self.url, config=Config(retries={"max_attempts": 0}), **KEYS)

    def run(self, resource, parameters, **fields):
        """The end of an execution with one task."""
        task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **fields}
        return self.end(self.start(task))

    def start(self, task):
        definition = json.dumps({"StartAt": "Task", "States": {"Task": task}})
        made = self.sfn.create_state_machine(name=f"m-{time.time_ns()}", definition=definition, roleArn=ROLE)
        return self.sfn.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]

    def end(self, execution):
        for _ in range(3000):
            seen = self.sfn.describe_execution(executionArn=execution)
            if seen["status"] != "RUNNING":
                return seen
            time.sleep(0.01)
        raise AssertionError(f"{execution} does not end")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


class Forward(unittest.TestCase):
    program = ""

    @classmethod
    def setUpClass(cls):
        cls.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        cls.moto.start()
        cls.aws = "http://%s:%s" % cls.moto.get_host_and_port()
        requests.post(f"{cls.aws}/moto-api/config", json={"batch": {"use_docker": False}}, timeout=10)
        cls.functions = ThreadingHTTPServer(("127.0.0.1", 0), Lambda)
        threading.Thread(target=cls.functions.serve_forever, daemon=True).start()
        cls.other = Server(cls.program)
        services = ["SQS", "SNS", "DYNAMODB", "ECS", "GLUE", "SAGE_MAKER", "BATCH", "EVENTS"]
        cls.server = Server(
            cls.program,
            LAMBDA_ENDPOINT=f"http://127.0.0.1:{cls.functions.server_port}",
            STEP_FUNCTIONS_ENDPOINT=cls.other.url,
            AWS_ACCOUNT_ID="123456789012",
            **{f"{service}_ENDPOINT": cls.aws for service in services},
        )

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.other.stop()
        cls.functions.shutdown()
        cls.functions.server_close()
        cls.moto.stop()

    def client(self, service):
        return boto3.client(service, endpoint_url=self.aws, **KEYS)

    def succeeds(self, resource, parameters, **fields):
        ended = self.server.run(resource, parameters, **fields)
        self.assertEqual(ended["status"], "SUCCEEDED", ended)
        return json.loads(ended["output"])

    def fails(self, resource, parameters, **fields):
        ended = self.server.run(resource, parameters, **fields)
        self.assertEqual(ended["status"], "FAILED", ended)
        return ended["error"], ended["cause"]

    def test_functions(self):
        arn = "arn:aws:lambda:us-east-1:123456789012:function:"
        invoke = "arn:aws:states:::lambda:invoke"
        self.assertEqual(self.succeeds(f"{arn}double", {"n": 21}), {"n": 42})
        invoked = self.succeeds(invoke, {"FunctionName": f"{arn}double:$LATEST", "Payload": {"n": 1}})
        self.assertEqual((invoked["Payload"], invoked["ExecutedVersion"]), ({"n": 2}, "$LATEST"))
        self.assertEqual((invoked["StatusCode"], invoked["SdkResponseMetadata"]), (200, {"RequestId": "request-1"}))
        error, cause = self.fails(f"{arn}fail", {})
        self.assertEqual((error, json.loads(cause)["errorMessage"]), ("OutOfStock", "no apples"))
        error, cause = self.fails(invoke, {"FunctionName": "missing"})
        self.assertEqual(error, "Lambda.ResourceNotFoundException")
        self.assertIn("Function not found: missing (Service: AWSLambda; Status Code: 404; Error Code: ", cause)

    def test_a_throttle_is_retried_by_the_state(self):
        retry = [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 1, "BackoffRate": 1}]
        busy = {"FunctionName": "busy"}
        self.assertEqual(self.succeeds("arn:aws:states:::lambda:invoke", busy, Retry=retry)["Payload"], "done")
        self.assertEqual(Lambda.throttled, 3)

    def test_a_call_is_dropped_when_its_state_times_out_or_is_stopped(self):
        slow = "arn:aws:lambda:us-east-1:123456789012:function:slow"
        Lambda.left.clear()
        ended = self.server.run(slow, {}, TimeoutSeconds=3)
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "States.Timeout"))
        self.assertTrue(Lambda.left.wait(20))
        Lambda.left.clear()
        Lambda.reached.clear()
        execution = self.server.start({"Type": "Task", "Resource": slow, "End": True})
        self.assertTrue(Lambda.reached.wait(20))
        self.server.sfn.stop_execution(executionArn=execution)
        self.assertTrue(Lambda.left.wait(20))

    def test_rows(self):
        self.client("dynamodb").create_table(
            TableName="rows", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        item = {"id": {"S": "a"}, "n": {"N": "1.5"}, "m": {"M": {"Gone": {"NULL": True}}}}
        once = {"TableName": "rows", "Item": item, "ConditionExpression": "attribute_not_exists(id)"}
        put = self.succeeds("arn:aws:states:::dynamodb:putItem", once)
        self.assertEqual(set(put), {"SdkHttpMetadata", "SdkResponseMetadata"})
        error, cause = self.fails("arn:aws:states:::dynamodb:putItem", once)
        self.assertEqual(error, "DynamoDB.ConditionalCheckFailedException")
        self.assertIn("(Service: AmazonDynamoDBv2; Status Code: 400; ", cause)
        key = {"TableName": "rows", "Key": {"id": {"S": "a"}}}
        self.assertEqual(self.succeeds("arn:aws:states:::dynamodb:getItem", key)["Item"], item)
        change = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "2"}}}
        new = {"ReturnValues": "UPDATED_NEW", **change, **key}
        self.assertEqual(self.succeeds("arn:aws:states:::dynamodb:updateItem", new)["Attributes"], {"n": {"N": "2"}})
        self.succeeds("arn:aws:states:::dynamodb:deleteItem", key)
        self.assertNotIn("Item", self.succeeds("arn:aws:states:::dynamodb:getItem", key))

    def test_a_token_goes_through_a_queue(self):
        sqs = self.client("sqs")
        queue = sqs.create_queue(QueueName="work")["QueueUrl"]
        execution = self.server.start({
            "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
            "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token", "n": 1}},
        })
        message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"][0]
        work = json.loads(message["Body"])
        self.server.sfn.send_task_success(taskToken=work["token"], output=json.dumps({"n": work["n"] + 1}))
        self.assertEqual(json.loads(self.server.end(execution)["output"]), {"n": 2})
        events = self.server.sfn.get_execution_history(executionArn=execution)["events"]
        submitted = next(event for event in events if event["type"] == "TaskSubmitted")
        output = json.loads(submitted["taskSubmittedEventDetails"]["output"])
        self.assertEqual(output["MessageId"], message["MessageId"])

    def test_messages(self):
        sqs, sns = self.client("sqs"), self.client("sns")
        queue = sqs.create_queue(QueueName="news")["QueueUrl"]
        topic = sns.create_topic(Name="news")["TopicArn"]
        queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
        kind = {"kind": {"DataType": "String", "StringValue": "a & b"}}
        sent = self.succeeds(
            "arn:aws:states:::sns:publish", {"TopicArn": topic, "Message": {"a": "ä&<"}, "MessageAttributes": kind}
        )
        body = json.loads(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"][0]["Body"])
        self.assertEqual((json.loads(body["Message"]), body["MessageId"]), ({"a": "ä&<"}, sent["MessageId"]))
        self.assertEqual(body["MessageAttributes"]["kind"]["Value"], "a & b")
        error, cause = self.fails("arn:aws:states:::sns:publish", {"TopicArn": topic + "-gone", "Message": "x"})
        self.assertEqual(error, "SNS.NotFoundException")
        self.assertIn("(Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: ", cause)
        gone = {"QueueUrl": queue + "-gone", "MessageBody": "x"}
        self.assertEqual(self.fails("arn:aws:states:::sqs:sendMessage", gone)[0], "SQS.QueueDoesNotExistException")

    def test_events(self):
        event = {"Source": "s", "DetailType": "t", "Detail": {"a": 1}}
        put = self.succeeds("arn:aws:states:::events:putEvents", {"Entries": [event]})
        self.assertEqual((put["FailedEntryCount"], len(put["Entries"]), len(put)), (0, 1, 2))

    def test_jobs(self):
        self.client("glue").create_job(Name="job", Role=ROLE, Command={"Name": "glueetl"})
        run = self.succeeds("arn:aws:states:::glue:startJobRun.sync", {"JobName": "job", "Arguments": {"--a": "b"}})
        self.assertEqual((run["JobRunState"], run["Arguments"]), ("SUCCEEDED", {"--a": "b"}))
        self.assertGreater(run["StartedOn"], 1_600_000_000_000)
        training = self.succeeds("arn:aws:states:::sagemaker:createTrainingJob.sync", {
            "TrainingJobName": "training", "RoleArn": ROLE, "OutputDataConfig": {"S3OutputPath": "s3://out"},
            "AlgorithmSpecification": {"TrainingInputMode": "File", "TrainingImage": "image"},
            "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        })
        self.assertEqual(training["TrainingJobStatus"], "Completed")

    def test_a_container(self):
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName="cluster")
        ecs.register_task_definition(
            family="task", containerDefinitions=[{"name": "main", "image": "image", "cpu": 1, "memory": 1}],
            networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        )
        subnet = self.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        once = {"model_name": "ecs::task", "transition": {"progression": "manual", "times": 1}}
        requests.post(f"{self.aws}/moto-api/state-manager/set-transition", json=once, timeout=10)
        task = self.succeeds("arn:aws:states:::ecs:runTask.sync", {
            "Cluster": "cluster", "TaskDefinition": "task", "LaunchType": "FARGATE",
            "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [subnet], "SecurityGroups": []}},
            "Overrides": {"ContainerOverrides": [{"Name": "main", "Environment": [{"Name": "A", "Value": "1"}]}]},
        })
        self.assertEqual((task["LastStatus"], task["Containers"][0]["ExitCode"]), ("STOPPED", 0))
        self.assertEqual(task["StartedBy"], "AWS Step Functions")
        container = task["Overrides"]["ContainerOverrides"][0]
        self.assertEqual(container["Environment"], [{"Name": "A", "Value": "1"}])
        error, _ = self.fails("arn:aws:states:::ecs:runTask", {"Cluster": "gone", "TaskDefinition": "task"})
        self.assertEqual(error, "ECS.ClusterNotFoundException")

    def test_a_batch_job(self):
        batch, role = self.client("batch"), {"RoleName": "batch", "AssumeRolePolicyDocument": "{}"}
        role = self.client("iam").create_role(**role)["Role"]["Arn"]
        compute = batch.create_compute_environment(
            computeEnvironmentName="compute", type="UNMANAGED", state="ENABLED", serviceRole=role
        )["computeEnvironmentArn"]
        order = [{"order": 1, "computeEnvironment": compute}]
        batch.create_job_queue(jobQueueName="queue", state="ENABLED", priority=1, computeEnvironmentOrder=order)
        container = {"image": "image", "vcpus": 1, "memory": 10, "command": ["true"]}
        batch.register_job_definition(jobDefinitionName="job", type="container", containerProperties=container)
        job = {"JobName": "one", "JobQueue": "queue", "JobDefinition": "job", "Parameters": {"inPut": "x"}}
        ended = self.succeeds("arn:aws:states:::batch:submitJob.sync", job)
        self.assertEqual((ended["Status"], ended["JobName"]), ("SUCCEEDED", "one"))
        self.assertEqual(ended["Parameters"], {"inPut": "x"})
        error, cause = self.fails("arn:aws:states:::batch:submitJob", {**job, "JobQueue": "gone"})
        self.assertEqual(error, "Batch.ClientException")
        self.assertIn("(Service: AWSBatch; Status Code: 400; Error Code: ClientException; Request ID: ", cause)

    def test_a_job_is_stopped_with_the_state_that_waits_for_it(self):
        child = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
        made = self.other.sfn.create_state_machine(name="waits", definition=json.dumps(child), roleArn=ROLE)
        start = {"StateMachineArn": made["stateMachineArn"]}
        ended = self.server.run("arn:aws:states:::states:startExecution.sync", start, TimeoutSeconds=3)
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "States.Timeout"))
        execution = self.other.sfn.list_executions(stateMachineArn=made["stateMachineArn"])["executions"][0]
        self.assertEqual(self.other.end(execution["executionArn"])["status"], "ABORTED")

    def test_a_function_behind_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = certified(folder)
            secured = ThreadingHTTPServer(("127.0.0.1", 0), Lambda)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            secured.socket = context.wrap_socket(secured.socket, server_side=True)
            threading.Thread(target=secured.serve_forever, daemon=True).start()
            endpoint = f"https://localhost:{secured.server_port}"
            double = "arn:aws:lambda:us-east-1:123456789012:function:double"
            trusting = Server(self.program, LAMBDA_ENDPOINT=endpoint, SSL_CERT_FILE=certificate)
            wary = Server(self.program, LAMBDA_ENDPOINT=endpoint)
            try:
                self.assertEqual(json.loads(trusting.run(double, {"n": 2})["output"]), {"n": 4})
                refused = wary.run(double, {"n": 2})
                self.assertEqual((refused["status"], refused["error"]), ("FAILED", "Lambda.SdkClientException"))
                self.assertIn("certificate", refused["cause"])
            finally:
                trusting.stop()
                wary.stop()
                secured.shutdown()
                secured.server_close()

    def test_an_execution_on_another_server(self):
        child = {"StartAt": "Add", "States": {"Add": {"Type": "Pass", "Result": {"sum": 5}, "End": True}}}
        made = self.other.sfn.create_state_machine(name="child", definition=json.dumps(child), roleArn=ROLE)
        start = {"StateMachineArn": made["stateMachineArn"], "Input": {"a": 2}}
        run = self.succeeds("arn:aws:states:::states:startExecution.sync:2", start)
        self.assertEqual((run["Input"], run["Output"], run["Status"]), ({"a": 2}, {"sum": 5}, "SUCCEEDED"))
        self.assertEqual(len(self.other.sfn.list_executions(stateMachineArn=made["stateMachineArn"])["executions"]), 1)
        error, _ = self.fails("arn:aws:states:::states:startExecution", {**start, "StateMachineArn": ROLE})
        self.assertEqual(error, "StepFunctions.InvalidArnException")

    def test_what_is_not_forwarded_is_refused_at_the_start(self):
        task = {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution", "Parameters": {}, "End": True}
        with self.assertRaisesRegex(self.server.sfn.exceptions.ValidationException, "cannot run here"):
            self.server.start(task)
        queue = {"QueueUrl": "q", "MessageBody": "x"}
        task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": queue, "End": True}
        with self.assertRaisesRegex(self.other.sfn.exceptions.ValidationException, "if SQS_ENDPOINT says where"):
            self.other.start(task)

    def test_account_and_region_are_read(self):
        self.assertIn(":us-east-1:123456789012:", self.server.start({"Type": "Pass", "End": True}))


if __name__ == "__main__":
    Forward.program = sys.argv.pop(1)
    unittest.main()
