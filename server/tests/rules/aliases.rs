//! Aliases and how they route.

use crate::support::{ECHO, FAIL, Place, WAIT, text};
use serde_json::{Value, json};

async fn two_versions(place: &Place, name: &str) -> String {
    let arn = place.machine_with(name, ECHO, json!({"publish": true})).await;
    place.call("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": WAIT, "publish": true})).await;
    arn
}

fn routes(routes: &[(&str, i64)]) -> Value {
    routes.iter().map(|(arn, weight)| json!({"stateMachineVersionArn": arn, "weight": weight})).collect()
}

fn alias(name: &str, to: &[(&str, i64)]) -> Value {
    json!({"name": name, "routingConfiguration": routes(to)})
}

#[tokio::test]
async fn an_alias_is_made_once() {
    let place = Place::new().await;
    let arn = two_versions(&place, "m").await;
    let (one, two) = (format!("{arn}:1"), format!("{arn}:2"));
    let made = place.call("CreateStateMachineAlias", alias("live", &[(&one, 100)])).await;
    assert_eq!(made["stateMachineAliasArn"], format!("{arn}:live"));
    assert_eq!(place.call("CreateStateMachineAlias", alias("live", &[(&one, 100)])).await, made);
    let conflict = "ConflictException: Failed to create alias because an alias with the same name and a different \
                    routing configuration already exists.";
    assert_eq!(place.refused("CreateStateMachineAlias", alias("live", &[(&two, 100)])).await, conflict);
    let described = json!({"name": "live", "description": "d", "routingConfiguration": routes(&[(&one, 100)])});
    assert_eq!(place.refused("CreateStateMachineAlias", described).await, conflict);
    for n in 1..100 {
        place.call("CreateStateMachineAlias", alias(&format!("a{n}"), &[(&one, 100)])).await;
    }
    let full = place.refused("CreateStateMachineAlias", alias("more", &[(&one, 100)])).await;
    assert!(full.starts_with("ServiceQuotaExceededException: "), "{full}");
}

#[tokio::test]
async fn routes_that_lead_nowhere() {
    let place = Place::new().await;
    let (m, n) = (two_versions(&place, "m").await, two_versions(&place, "n").await);
    let (one, two, other) = (format!("{m}:1"), format!("{m}:2"), format!("{n}:1"));
    for (given, message) in [
        (
            vec![(m.as_str(), 100)],
            format!("Routing configuration must contain state machine version ARNs. Received: [{m}]"),
        ),
        (
            vec![(one.as_str(), 50), (one.as_str(), 50)],
            format!("Routing configuration must contain distinct state machine version ARNs. Received: [{one}, {one}]"),
        ),
        (
            vec![(one.as_str(), 70), (two.as_str(), 29)],
            "Sum of routing configuration weights must equal 100. Received: [70, 29]".to_owned(),
        ),
        (
            vec![(one.as_str(), 50), (other.as_str(), 50)],
            format!(
                "Routing configuration must contain state machine version ARNs for the same state machine. Received: \
                 [{one}, {other}]"
            ),
        ),
    ] {
        let error = place.error("CreateStateMachineAlias", alias("a", &given)).await;
        assert_eq!((&error["message"], &error["reason"]), (&json!(message), &json!("INVALID_ROUTING_CONFIGURATION")));
    }
    let error = place.error("CreateStateMachineAlias", alias("12", &[(&one, 101)])).await;
    assert_eq!(error["__type"], "com.amazon.coral.validate#ValidationException");
    assert!(error.get("reason").is_none() && text(&error["message"]).starts_with("2 validation errors detected: "));
    let missing = alias("a", &[(&format!("{m}:9"), 100)]);
    let nothing = "ResourceNotFound: Request references a resource that does not exist.";
    assert_eq!(place.refused("CreateStateMachineAlias", missing).await, nothing);
}

#[tokio::test]
async fn an_update_keeps_what_it_does_not_name() {
    let place = Place::new().await;
    let arn = two_versions(&place, "m").await;
    let (one, two) = (format!("{arn}:1"), format!("{arn}:2"));
    let request = json!({"name": "live", "description": "d", "routingConfiguration": routes(&[(&one, 100)])});
    let live = text(&place.call("CreateStateMachineAlias", request).await["stateMachineAliasArn"]);
    let of = |arn: &str| json!({"stateMachineAliasArn": arn});
    assert_eq!(
        place.refused("UpdateStateMachineAlias", of(&live)).await,
        "ValidationException: Either description or routing configuration must be specified"
    );
    let to_two = json!({"stateMachineAliasArn": live, "routingConfiguration": routes(&[(&two, 100)])});
    place.call("UpdateStateMachineAlias", to_two).await;
    let seen = place.call("DescribeStateMachineAlias", of(&live)).await;
    assert_eq!((&seen["description"], &seen["routingConfiguration"]), (&json!("d"), &routes(&[(&two, 100)])));
    place.call("UpdateStateMachineAlias", json!({"stateMachineAliasArn": live, "description": "e"})).await;
    let seen = place.call("DescribeStateMachineAlias", of(&live)).await;
    assert_eq!((&seen["description"], &seen["routingConfiguration"]), (&json!("e"), &routes(&[(&two, 100)])));
    let missing = format!("{arn}:nobody");
    let nothing = "ResourceNotFound: Request references a resource that does not exist.";
    assert_eq!(place.refused("DescribeStateMachineAlias", of(&missing)).await, nothing);
    let update = json!({"stateMachineAliasArn": missing, "description": "e"});
    assert_eq!(place.refused("UpdateStateMachineAlias", update).await, nothing);
    assert_eq!(place.call("DeleteStateMachineAlias", of(&missing)).await, json!({}));
}

#[tokio::test]
async fn starts_are_routed_by_weight() {
    let place = Place::new().await;
    let arn = place.machine_with("m", ECHO, json!({"publish": true})).await;
    place.call("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": FAIL, "publish": true})).await;
    let (one, two) = (format!("{arn}:1"), format!("{arn}:2"));
    let made = place.call("CreateStateMachineAlias", alias("all", &[(&one, 100), (&two, 0)])).await;
    let all = text(&made["stateMachineAliasArn"]);
    let made = place.call("CreateStateMachineAlias", alias("half", &[(&one, 50), (&two, 50)])).await;
    let half = text(&made["stateMachineAliasArn"]);
    let mut seen = [0, 0];
    for _ in 0..100 {
        let execution = place.start(&all).await;
        let described = place.call("DescribeExecution", json!({"executionArn": execution})).await;
        assert_eq!(
            (&described["stateMachineVersionArn"], &described["stateMachineAliasArn"]),
            (&json!(one), &json!(all))
        );
        assert_eq!(described["stateMachineArn"], arn);
        let execution = place.start(&half).await;
        let described = place.call("DescribeExecution", json!({"executionArn": execution})).await;
        seen[usize::from(described["stateMachineVersionArn"] == two)] += 1;
    }
    assert!(seen.iter().all(|n| *n > 10), "{seen:?}");
    // Unqualified: neither, although the revision was published.
    let execution = place.start(&arn).await;
    let described = place.call("DescribeExecution", json!({"executionArn": execution})).await;
    assert!(described.get("stateMachineVersionArn").is_none() && described.get("stateMachineAliasArn").is_none());
    let count = async |arn: &str| {
        let listed = place.call("ListExecutions", json!({"stateMachineArn": arn, "maxResults": 1000})).await;
        listed["executions"].as_array().unwrap().len()
    };
    assert_eq!((count(&all).await, count(&half).await, count(&arn).await), (100, 100, 201));
    assert_eq!(count(&one).await, 100 + seen[0]);
}

#[tokio::test]
async fn aliases_are_listed_by_what_they_route_to() {
    let place = Place::new().await;
    let arn = two_versions(&place, "m").await;
    let (one, two) = (format!("{arn}:1"), format!("{arn}:2"));
    place.call("CreateStateMachineAlias", alias("b", &[(&one, 100)])).await;
    place.call("CreateStateMachineAlias", alias("a", &[(&one, 50), (&two, 50)])).await;
    let names = async |request: Value| {
        let listed = place.call("ListStateMachineAliases", request).await;
        let arns = listed["stateMachineAliases"].as_array().unwrap().clone();
        let names: Vec<String> = arns
            .iter()
            .map(|alias| text(&alias["stateMachineAliasArn"]).rsplit(':').next().unwrap().to_owned())
            .collect();
        (names, listed.get("nextToken").cloned())
    };
    assert_eq!(names(json!({"stateMachineArn": arn})).await, (vec!["b".to_owned(), "a".to_owned()], None));
    assert_eq!(names(json!({"stateMachineArn": two})).await, (vec!["a".to_owned()], None));
    let (first, token) = names(json!({"stateMachineArn": arn, "maxResults": 1})).await;
    assert_eq!(first, ["b"]);
    let rest = names(json!({"stateMachineArn": arn, "maxResults": 1, "nextToken": token.unwrap()})).await;
    assert_eq!(rest, (vec!["a".to_owned()], None));
}
