//! `dynamodb:getItem`, `putItem`, `updateItem` and `deleteItem` on the table.

use super::aws::{Refusal, Service, cannot_run, members, only, with_metadata};
use super::route::Action;
use crate::error::{ErrorName, TaskError};
use crate::handlers::Ports;
use crate::ports::{Expression, Item, Update, Write};
use aslx_engine::task::TaskFailure;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const DYNAMODB: Service = Service { prefix: "DynamoDB", text: "AmazonDynamoDBv2" };

/// Which rows an answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Before,
    After,
}

pub(super) async fn run(ports: &Ports, action: Action, input: Value) -> Result<Value, TaskFailure> {
    let mut input = members(input)?;
    only(&input, parameters(action))?;
    let table: String = take(&mut input, "TableName")?.ok_or_else(|| cannot_run("`TableName` is missing"))?;
    let row = if action == Action::Put { "Item" } else { "Key" };
    let item: Item = take(&mut input, row)?.ok_or_else(|| cannot_run(format!("`{row}` is missing")))?;
    let shown = match take::<String>(&mut input, "ReturnValues")?.as_deref() {
        None | Some("NONE") => Shown::Nothing,
        Some("ALL_OLD") => Shown::Before,
        Some("ALL_NEW") if action == Action::Update => Shown::After,
        Some(other) => return Err(cannot_run(format!("`ReturnValues` `{other}` has no offline implementation"))),
    };
    let names: BTreeMap<String, String> = take(&mut input, "ExpressionAttributeNames")?.unwrap_or_default();
    let values: Item = take(&mut input, "ExpressionAttributeValues")?.unwrap_or_default();
    let expression = |text: String| Expression { text, names: names.clone(), values: values.clone() };
    let condition = take(&mut input, "ConditionExpression")?.map(&expression);
    let answer = match action {
        Action::Get => ports.table.get(&table, &item).await.map(|row| ("Item", row)),
        Action::Put => {
            let write = Write { table, item, condition };
            ports.table.put(write).await.map(|old| ("Attributes", old.filter(|_| shown == Shown::Before)))
        }
        Action::Delete => {
            let write = Write { table, item, condition };
            ports.table.delete(write).await.map(|old| ("Attributes", old.filter(|_| shown == Shown::Before)))
        }
        Action::Update => {
            let change = take(&mut input, "UpdateExpression")?.map(&expression);
            let update = Update { table, key: item, change, condition };
            ports.table.update(update).await.map(|updated| match shown {
                Shown::Nothing => ("Attributes", None),
                Shown::Before => ("Attributes", updated.before),
                Shown::After => ("Attributes", Some(updated.after)),
            })
        }
    };
    let request_id = ports.surroundings.new_id();
    let (name, row) = answer.map_err(|e| failure(&e, &request_id))?;
    let mut result = Map::new();
    if let Some(row) = row {
        let row = serde_json::to_value(row).map_err(|e| cannot_run(format!("the row is not JSON: {e}")))?;
        result.insert(name.to_owned(), row);
    }
    Ok(Value::Object(with_metadata(result, &request_id)))
}

fn parameters(action: Action) -> &'static [&'static str] {
    match action {
        Action::Get => &["TableName", "Key", "ConsistentRead"],
        Action::Put => &[
            "TableName",
            "Item",
            "ConditionExpression",
            "ExpressionAttributeNames",
            "ExpressionAttributeValues",
            "ReturnValues",
        ],
        Action::Update => &[
            "TableName",
            "Key",
            "UpdateExpression",
            "ConditionExpression",
            "ExpressionAttributeNames",
            "ExpressionAttributeValues",
            "ReturnValues",
        ],
        Action::Delete => &[
            "TableName",
            "Key",
            "ConditionExpression",
            "ExpressionAttributeNames",
            "ExpressionAttributeValues",
            "ReturnValues",
        ],
    }
}

/// A parameter; `null` is none.
fn take<T: DeserializeOwned>(input: &mut Map<String, Value>, name: &str) -> Result<Option<T>, TaskFailure> {
    match input.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value)
            .map(Some)
            .map_err(|e| cannot_run(format!("`{name}` is not what DynamoDB takes: {e}"))),
    }
}

fn failure(error: &TaskError, request_id: &str) -> TaskFailure {
    let (exception, code, status) = match error.name() {
        ErrorName::ConditionalCheckFailed => {
            ("ConditionalCheckFailedException", "ConditionalCheckFailedException", 400)
        }
        ErrorName::TableNotFound => ("ResourceNotFoundException", "ResourceNotFoundException", 400),
        ErrorName::Throttled => {
            ("ProvisionedThroughputExceededException", "ProvisionedThroughputExceededException", 400)
        }
        ErrorName::StorageUnavailable => ("InternalServerErrorException", "InternalServerError", 500),
        _ => ("AmazonDynamoDBException", "ValidationException", 400),
    };
    let message = match error.name() {
        ErrorName::ConditionalCheckFailed => "The conditional request failed",
        ErrorName::TableNotFound => "Requested resource not found",
        _ => error.message(),
    };
    DYNAMODB.failure(&Refusal { exception, code, status, message }, request_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Attribute;

    #[test]
    fn attributes_are_read_as_dynamodb_writes_them() {
        let json = serde_json::json!({"Key": {"a": {"S": "x"}, "n": {"N": "1"}, "e": {"NULL": true}}});
        let mut input = members(json).unwrap();
        let item: Item = take(&mut input, "Key").unwrap().unwrap();
        assert_eq!(item.get("n"), Some(&Attribute::N("1".into())));
        let mut wrong = members(serde_json::json!({"Key": {"a": "x"}})).unwrap();
        assert!(take::<Item>(&mut wrong, "Key").is_err());
    }
}
