#!/usr/bin/env python3
"""Builds the catalogue of Step Functions integrations: asl/data/services.txt and asl/data/actions.txt.

What an `aws-sdk:` task may call follows from two public sources: the service models that botocore ships, and the
naming rules of the AWS SDK for Java 2, which Step Functions uses for services (`cognitoidentityprovider`), errors
(`Rds.DbInstanceNotFoundException`) and parameters (`DbInstanceIdentifier`). The optimised integrations follow no
rule; asl/data/optimized.json lists them by hand, with PATTERNS and TYPE as below.

How to run (network only for pip; the script itself reads files):

    NEW=$(mktemp -d) OLD=$(mktemp -d)
    python3 -m venv $NEW && $NEW/bin/pip install botocore==1.44.5
    python3 -m venv $OLD && $OLD/bin/pip install botocore==1.35.0
    python3 scripts/catalogue.py $NEW $OLD

The older release supplies the services in RETIRED. The same releases always give the same bytes. `--check` compares
with the files in the tree instead of writing them; `--self-test` runs the naming examples alone.

The format, version 1. Both files are ASCII, lines end in LF, and the first line says format and source.

services.txt, sorted by key:  KEY PREFIX CLIENT CLI OFFSET LENGTH
    KEY     `aws-sdk:dynamodb`, or `dynamodb` for an optimised integration
    PREFIX  what the names of its errors begin with (`DynamoDb`)
    CLIENT  what the causes of its errors call the service, `-` if nothing
    CLI     the service in the AWS CLI and in botocore, `-` if there is none; it serves hints and callers
    OFFSET, LENGTH  the service's lines in actions.txt, in bytes

actions.txt, the actions of a service sorted by name:  ACTION[:PATTERNS] {PARAMETER:TYPE}
    PATTERNS  r request-response, s .sync, 2 .sync:2, t .waitForTaskToken. Without the colon: r and t. With a colon and
              nothing after it: the service has this operation, Step Functions refuses it.
    TYPE      one letter, a capital if the parameter is required: s string, i integer, f float, b boolean, t timestamp,
              x blob, l list, o structure, m map, j any JSON. A lone `*` says that the parameters are not known.
Readers must skip what follows the letter of a type, so that nested shapes can be added there.
"""

import gzip
import json
import re
import sys
from pathlib import Path

NEW, OLD = "1.44.5", "1.35.0"
DATA = Path(__file__).resolve().parent.parent / "asl" / "data"

# Service ids that AWS dropped from its SDKs but that the Step Functions guide still lists.
RETIRED = """AppTest|Elastic Inference|Elastic Transcoder|Evidently|finspace data|finspace|IoTAnalytics|IoT Events|
IoT Events Data|IoTFleetHub|LookoutMetrics|LookoutVision|OpsWorks|OpsWorksCM|Panorama|PrivateNetworks|QLDB|QLDB Session|
RoboMaker|SMS|SimSpaceWeaver|tnb""".replace("\n", "").split("|")

# Services whose endpoint belongs to one resource of one account; Step Functions does not offer them.
REFUSED_SERVICES = {"ApiGatewayManagementApi", "CloudSearch Domain", "IoT Data Plane", "MediaStore Data"}

# Operations that the Step Functions guide calls unsupported. (Event streams are found in the models.)
REFUSED = {
    "applicationdiscovery": "DescribeExportConfigurations ExportConfigurations",
    "codedeploy": "BatchGetDeploymentInstances GetDeploymentInstance ListDeploymentInstances "
    "SkipWaitTimeForInstanceTermination",
    "comprehendmedical": "DetectEntities",
    "dataexchange": "SendApiAsset",
    "directconnect": "AllocateConnectionOnInterconnect DescribeConnectionLoa DescribeConnectionsOnInterconnect "
    "DescribeInterconnectLoa",
    "efs": "CreateTags",
    "elastictranscoder": "TestRole",
    "emr": "DescribeJobFlows",
    "iot": "AttachPrincipalPolicy DetachPrincipalPolicy ListPolicyPrincipals ListPrincipalPolicies",
    "iotdeviceadvisor": "ListTestCases",
    "lambda": "InvokeAsync InvokeWithResponseStream",
    "mediapackage": "RotateChannelCredentials",
    "rdsdata": "ExecuteSql",
    "shield": "DeleteSubscription",
    "sts": "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity",
}

TYPES = {
    "string": "s", "character": "s", "integer": "i", "long": "i", "float": "f", "double": "f", "boolean": "b",
    "timestamp": "t", "blob": "x", "list": "l", "structure": "o", "map": "m",
}  # fmt: skip

JAVA_KEYWORDS = set(
    """abstract assert boolean break byte case catch char class const continue default do double else enum extends
    false final finally float for goto if implements import instanceof int interface long native new null package
    private protected public return short static strictfp super switch synchronized this throw throws transient true
    try void volatile while""".split()
)
JAVA_METHODS = set(
    """equals finalize getClass hashCode notify notifyAll toString wait builder sdkFields toBuilder
    overrideConfiguration sdkHttpResponse""".split()
)


def words(text):
    """The words of a name, where the Java SDK sees them: `IoTFleetHub` is Io, T, Fleet, Hub."""
    text = re.sub(r"[^A-Za-z0-9]+", " ", text)
    text = re.sub(r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 ", text)
    text = re.sub(r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 ", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", " ", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    text = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", text)
    return text.split()


def pascal_case(text):
    return "".join(word.capitalize() for word in words(text))


def service_name(service_id):
    """The error prefix of a service; in lower case it is the segment of the resource."""
    name = pascal_case(service_id)
    for start in ("Amazon", "Aws"):
        name = name.removeprefix(start)
    return name.removesuffix("Service")


def lower_first(name):
    """Lowers the first letter, or a leading acronym up to the capital that starts the next word."""
    end = 1
    while end < len(name) and name[end].isupper() and not name[end + 1 : end + 2].islower():
        end += 1
    return name[:end].lower() + name[end:]


def upper_first(name):
    return name[:1].upper() + name[1:]


def member_name(name):
    """A parameter as an `aws-sdk:` task spells it."""
    name = lower_first(name)
    if name.lower() in JAVA_KEYWORDS or name in JAVA_METHODS:
        name += "Value"
    return upper_first(name)


def self_test():
    for service_id, expected in {
        "SFN": "Sfn", "DynamoDB": "DynamoDb", "CloudWatch Logs": "CloudWatchLogs", "SESv2": "SesV2", "S3": "S3",
        "Cognito Identity Provider": "CognitoIdentityProvider", "Elastic Load Balancing v2": "ElasticLoadBalancingV2",
        "Database Migration Service": "DatabaseMigration", "IoT": "Iot", "IoTFleetHub": "IoTFleetHub", "FSx": "FSx",
        "IoT Events": "IotEvents", "SageMaker A2I Runtime": "SageMakerA2IRuntime", "b2bi": "B2Bi", "XRay": "XRay",
        "WAFV2": "Wafv2", "Config Service": "Config", "Lex Model Building Service": "LexModelBuilding",
        "EC2 Instance Connect": "Ec2InstanceConnect", "codeartifact": "Codeartifact", "QBusiness": "QBusiness",
        "Resource Explorer 2": "ResourceExplorer2", "MTurk": "MTurk", "PI": "Pi", "Directory Service": "Directory",
    }.items():  # fmt: skip
        assert service_name(service_id) == expected, (service_id, service_name(service_id), expected)
    for name, expected in {
        "roleArn": "RoleArn", "ACL": "Acl", "SSEKMSKeyId": "SsekmsKeyId", "MD5OfMessageBody": "Md5OfMessageBody",
        "DBInstanceIdentifier": "DbInstanceIdentifier", "ETag": "ETag", "VPCZoneIdentifier": "VpcZoneIdentifier",
        "QueueUrl": "QueueUrl", "equals": "EqualsValue", "URL": "Url", "Id": "Id", "S": "S", "SS": "Ss",
    }.items():  # fmt: skip
        assert member_name(name) == expected, (name, member_name(name), expected)
    for name, expected in {"ListObjectsV2": "listObjectsV2", "CreateDBInstance": "createDBInstance"}.items():
        assert lower_first(name) == expected, (name, lower_first(name), expected)


def load_models(venv, version):
    """All models of one botocore, by service id; the newest API version where there are several."""
    (root,) = venv.glob("lib/python3*/site-packages/botocore")
    found = re.search(r"__version__ = '([^']+)'", (root / "__init__.py").read_text()).group(1)
    assert found == version, f"{venv} holds botocore {found}, not {version}"
    models = {}
    for service in sorted((root / "data").iterdir()):
        files = sorted(service.glob("*/service-2.json*")) if service.is_dir() else []
        if files:
            opener = gzip.open if files[-1].suffix == ".gz" else open
            with opener(files[-1], "rt", encoding="utf-8") as file:
                model = json.load(file)
            service_id = model["metadata"]["serviceId"]
            # One service is there twice (`pinpoint-sms-voice`, `sms-voice`): keep the larger.
            known = models.get(service_id, {"operations": {}})
            assert not known["operations"] or service_id == "Pinpoint SMS Voice", service_id
            if len(model["operations"]) > len(known["operations"]):
                models[service_id] = model | {"cli": service.name}
    return models


def has_event_stream(model, reference):
    members = model["shapes"][reference["shape"]].get("members", {}) if reference else {}
    return any(model["shapes"][member["shape"]].get("eventstream") for member in members.values())


def parameters(model, operation, rename):
    """The members of an operation's input, as (name, type letter)."""
    if "input" not in operation:
        return []
    shape = model["shapes"][operation["input"]["shape"]]
    required = set(shape.get("required", []))
    result = []
    for name, member in shape.get("members", {}).items():
        target = model["shapes"][member["shape"]]
        letter = "j" if target.get("document") else TYPES[target["type"]]
        # The SDK fills in a missing idempotency token.
        token = member.get("idempotencyToken") or target.get("idempotencyToken")
        result.append((rename(name), letter.upper() if name in required and not token else letter))
    return sorted(result)


def line(action, patterns, entries):
    head = action if patterns is None else f"{action}:{patterns}"
    return " ".join([head] + [":".join(entry) for entry in entries])


# Members of type string into which Step Functions also writes JSON that is not a text.
TAKES_JSON = {("Sfn", "SendTaskSuccess"): "Output", ("Sfn", "StartExecution"): "Input"}


def sdk_service(model):
    prefix = service_name(model["metadata"]["serviceId"])
    refused = set(REFUSED.get(prefix.lower(), "").split())
    lines = []
    for name, operation in model["operations"].items():
        stream = has_event_stream(model, operation.get("input")) or has_event_stream(model, operation.get("output"))
        patterns = "" if stream or name in refused else None
        entries = [] if patterns == "" else parameters(model, operation, member_name)
        json_member = TAKES_JSON.get((prefix, name))
        entries = [(e, ("J" if t.isupper() else "j") if e == json_member else t) for e, t in entries]
        lines.append(line(lower_first(name), patterns, entries))
    return f"aws-sdk:{prefix.lower()}", prefix, prefix, model["cli"], lines


def optimized_service(key, service, models):
    lines = []
    for action, entry in service["actions"].items():
        if "parameters" in entry:
            entries = sorted(tuple(item.split(":")) for item in entry["parameters"].split())
        else:
            model = models[entry.get("model", service.get("model"))]
            operation = model["operations"][entry.get("operation", upper_first(action))]
            # These keep the capitals of the model: `EC2InstanceIdsToTerminate`.
            merged = dict(parameters(model, operation, upper_first))
            merged.update(item.split(":") for item in entry.get("extra", "").split())
            entries = sorted(merged.items())
        lines.append(line(action, entry["patterns"], entries))
    cli = models[service["model"]]["cli"] if "model" in service else "-"
    return key, service["error_prefix"], service.get("client", "-"), cli, lines


def build(new, old):
    models = load_models(new, NEW)
    retired = load_models(old, OLD)
    with open(DATA / "optimized.json", encoding="utf-8") as file:
        services = [optimized_service(key, service, models) for key, service in json.load(file).items()]
    services += [sdk_service(model) for name, model in models.items() if name not in REFUSED_SERVICES]
    services += [sdk_service(retired[name]) for name in RETIRED if name not in models]

    services.sort()
    keys = [service[0] for service in services]
    assert len(keys) == len(set(keys))
    head = f"aslx catalogue 1, botocore {NEW}\n"
    index, actions = [head], [head]
    offset = len(head)
    for *names, lines in services:
        # Byte order, which `sorted` gives for ASCII names; the reader searches by halving.
        lines.sort(key=lambda text: re.split("[ :]", text)[0])
        block = "".join(text + "\n" for text in lines)
        index.append(" ".join(names + [str(offset), str(len(block))]) + "\n")
        actions.append(block)
        offset += len(block)
    return {"services.txt": "".join(index), "actions.txt": "".join(actions)}


def main(arguments):
    self_test()
    check = "--check" in arguments
    paths = [Path(argument) for argument in arguments if not argument.startswith("--")]
    if "--self-test" in arguments:
        return
    if len(paths) != 2:
        sys.exit(__doc__)
    for name, text in build(*paths).items():
        data = text.encode("ascii")
        if not check:
            (DATA / name).write_bytes(data)
        elif (DATA / name).read_bytes() != data:
            sys.exit(f"{name} is not what this script makes")


if __name__ == "__main__":
    main(sys.argv[1:])
