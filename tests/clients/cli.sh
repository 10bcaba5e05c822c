#!/usr/bin/env bash
# The main flow with the AWS CLI, against the server whose address is in ASLX_ENDPOINT. Needs `aws` on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
sfn() { aws --endpoint-url "$ASLX_ENDPOINT" --output text stepfunctions "$@"; }
expect() { # WHAT EXPECTED ACTUAL
  [[ $2 == "$3" ]] || { echo "$1: expected \`$2\`, got \`$3\`" >&2; exit 1; }
}

definition='{"StartAt": "Add", "States": {"Add": {"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($.a, $.b)"}, "End": true}}}'
machine=$(sfn create-state-machine --name "cli-$$" --role-arn arn:aws:iam::000000000000:role/any \
  --definition "$definition" --query stateMachineArn)
expect 'describe-state-machine' "cli-$$" "$(sfn describe-state-machine --state-machine-arn "$machine" --query name)"
execution=$(sfn start-execution --state-machine-arn "$machine" --input '{"a": 2, "b": 3}' --query executionArn)
for _ in $(seq 50); do
  status=$(sfn describe-execution --execution-arn "$execution" --query status)
  [[ $status == RUNNING ]] || break
done
expect 'status' SUCCEEDED "$status"
expect 'output' '{"sum":5}' "$(sfn describe-execution --execution-arn "$execution" --query output)"
expect 'history' 4 "$(sfn get-execution-history --execution-arn "$execution" --query 'length(events)')"
expect 'validate' FAIL "$(sfn validate-state-machine-definition --definition '{}' --query result)"
express=$(sfn create-state-machine --name "cli-express-$$" --type EXPRESS --role-arn arn:aws:iam::000000000000:role/any \
  --definition "$definition" --query stateMachineArn)
# The client would put `sync-` before the host.
synchronous=$(AWS_DISABLE_HOST_PREFIX_INJECTION=true sfn start-sync-execution --state-machine-arn "$express" \
  --input '{"a": 2, "b": 3}' --query output)
expect 'start-sync-execution' '{"sum":5}' "$synchronous"
sfn delete-state-machine --state-machine-arn "$machine"
echo "AWS CLI: all as expected"
