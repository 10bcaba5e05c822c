#!/usr/bin/env python3
"""Builds server/data/operations.txt: the requests of the Step Functions API, from the service model in botocore.

How to run (network only for pip; the script itself reads files):

    ENV=$(mktemp -d)
    python3 -m venv $ENV && $ENV/bin/pip install botocore==1.44.5
    $ENV/bin/python scripts/api_model.py            # `--check` compares instead of writing

The format, version 1. ASCII, lines end in LF, the first line says format and source.

    op NAME             an operation; its members follow
    struct NAME         a structure that members refer to; its members follow
    NAME TYPE [MIN..MAX] [~NAME] [=A|B|C]

    TYPE   string, integer, number, boolean, NAME of a structure, or [TYPE] for a list of it. `!` after it: required,
           `*`: sensitive. MIN and MAX bound the length of texts and lists, and the value of numbers; either may be
           missing. `~NAME` is a pattern (see server/src/model/pattern.rs), `=A|B|C` the values of an enumeration. The
           bounds of a list's items stand in round brackets after `[TYPE]`.
"""
import argparse
import gzip
import json
import sys
from pathlib import Path

import botocore

TARGET = Path(__file__).resolve().parent.parent / "server/data/operations.txt"
PATTERNS = {r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$": "alias-name", r"\p{ASCII}*": "ascii", "[!-~]+": "printable"}
# The order in which AWS prints the values of this enumeration (recorded).
ORDERS = {"ExecutionStatus": ["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"]}
# AWS judges an empty definition here instead of refusing the request (recorded).
UNBOUNDED = {("ValidateStateMachineDefinition", "definition")}
SCALARS = {"string": "string", "integer": "integer", "long": "integer", "float": "number", "double": "number",
           "boolean": "boolean"}


def bounds(shape, order=None):
    parts = []
    if "min" in shape or "max" in shape:
        parts.append(f"{shape.get('min', '')}..{shape.get('max', '')}")
    if "pattern" in shape:
        parts.append("~" + PATTERNS[shape["pattern"]])
    if "enum" in shape:
        parts.append("=" + "|".join(order or shape["enum"]))
    return parts


class Model:
    def __init__(self, model):
        self.shapes, self.operations, self.used = model["shapes"], model["operations"], {}

    def kind(self, name):
        shape = self.shapes[name]
        if shape["type"] == "structure":
            self.used[name] = shape
            return name
        if shape["type"] == "list":
            item = shape["member"]["shape"]
            limits = bounds(self.shapes[item]) if self.shapes[item]["type"] in SCALARS else []
            return f"[{self.kind(item)}]" + (f"({','.join(limits)})" if limits else "")
        return SCALARS[shape["type"]]

    def members(self, shape, owner):
        for name, member in shape["members"].items():
            target = self.shapes[member["shape"]]
            if (owner, name) in UNBOUNDED:
                target = {**target, "min": 0}
            kind = self.kind(member["shape"])
            kind += "!" * (name in shape.get("required", [])) + "*" * bool(target.get("sensitive"))
            yield " ".join([name, kind] + bounds(target, ORDERS.get(member["shape"])))

    def lines(self):
        for name, operation in sorted(self.operations.items()):
            yield f"op {name}"
            yield from self.members(self.shapes[operation["input"]["shape"]], name)
        told = set()
        while set(self.used) - told:
            name = min(set(self.used) - told)
            told.add(name)
            yield f"struct {name}"
            yield from self.members(self.shapes[name], name)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--check", action="store_true")
    source = next((Path(botocore.__file__).parent / "data/stepfunctions").glob("*/service-2.json.gz"))
    lines = Model(json.loads(gzip.decompress(source.read_bytes()))).lines()
    text = "\n".join([f"# operations 1, stepfunctions {source.parent.name}", *lines]) + "\n"
    if not arguments.parse_args().check:
        TARGET.write_text(text)
    elif TARGET.read_text() != text:
        sys.exit(f"{TARGET.name} differs from the model: run scripts/api_model.py")


main()
