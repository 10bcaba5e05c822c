#!/usr/bin/env python3
"""Builds server/data/results.txt: the results of AWS operations that Task states call, from the service models in
botocore. TestState checks mocked results against it. It is used and written like scripts/api_model.py, in the same
format; an operation is called `<service>:<action>` as resources name it. Times and blobs are texts there.
"""
import argparse
import gzip
import json
import sys
from pathlib import Path

import botocore

TARGET = Path(__file__).resolve().parent.parent / "server/data/results.txt"
SERVICES = {"dynamodb": "dynamodb", "eventbridge": "events", "kms": "kms", "lambda": "lambda", "s3": "s3",
            "secretsmanager": "secretsmanager", "sns": "sns", "sqs": "sqs", "sfn": "stepfunctions", "ssm": "ssm"}
# Bounds that TestState knows (recorded), where the present model has others.
BOUNDS = {("lambda", "MemorySize"): {"min": 128, "max": 10240}}
SCALARS = {"string": "string", "blob": "string", "timestamp": "string", "integer": "integer", "long": "integer",
           "float": "number", "double": "number", "boolean": "boolean"}


def capital(name):
    return name[:1].upper() + name[1:]


class Service:
    def __init__(self, key, folder):
        path = max((Path(botocore.__file__).parent / "data" / folder).glob("*/service-2.json.gz"))
        model = json.loads(gzip.decompress(path.read_bytes()))
        self.key, self.shapes, self.operations, self.used = key, model["shapes"], model["operations"], set()

    def kind(self, name):
        shape = self.shapes[name]
        if shape["type"] == "structure":
            self.used.add(name)
            return f"{self.key}.{name}"
        if shape["type"] == "list":
            return f"[{self.kind(shape['member']['shape'])}]"
        return SCALARS.get(shape["type"])

    def members(self, shape):
        for name, member in shape["members"].items():
            target, kind = self.shapes[member["shape"]], self.kind(member["shape"])
            if not kind or "None" in kind:
                continue
            parts = [capital(name), kind + "!" * (name in shape.get("required", []))]
            target = {**target, **BOUNDS.get((self.key, name), {})}
            if "min" in target or "max" in target:
                parts.append(f"{target.get('min', '')}..{target.get('max', '')}")
            if "enum" in target:
                parts.append("=" + "|".join(target["enum"]))
            yield " ".join(parts)

    def lines(self):
        for name, operation in sorted(self.operations.items()):
            if "output" in operation and self.shapes[operation["output"]["shape"]]["members"]:
                yield f"op {self.key}:{name[0].lower() + name[1:]}"
                yield from self.members(self.shapes[operation["output"]["shape"]])
        told = set()
        while self.used - told:
            name = min(self.used - told)
            told.add(name)
            yield f"struct {self.key}.{name}"
            yield from self.members(self.shapes[name])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--check", action="store_true")
    lines = [line for key, folder in SERVICES.items() for line in Service(key, folder).lines()]
    text = "\n".join([f"# results 1, botocore {botocore.__version__}", *lines]) + "\n"
    if not arguments.parse_args().check:
        TARGET.write_text(text)
    elif TARGET.read_text() != text:
        sys.exit(f"{TARGET.name} differs from the model: run scripts/api_results.py")


main()
