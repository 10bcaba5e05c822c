use super::*;
use proptest::prelude::*;

/// What a resource becomes, in one line.
fn describe(resource: &str) -> String {
    match parse_resource(resource) {
        Ok(integration) => {
            let express = if integration.express_allows() { "" } else { ", standard only" };
            format!("{} {}{express}", integration.resource_type(), integration.resource())
        }
        Err(error) => match error.help() {
            Some(help) => format!("{error}; {help}"),
            None => error.to_string(),
        },
    }
}

#[track_caller]
fn check(resource: &str, expected: &str) {
    assert_eq!(describe(resource), expected, "{resource}");
}

#[test]
fn functions_and_activities() {
    let function = "arn:aws:lambda:us-east-1:111111111111:function:resize-image_1";
    check(function, &format!("lambda {function}"));
    check(
        "arn:aws-cn:lambda:cn-north-1:1:function:f:$LATEST",
        "lambda arn:aws-cn:lambda:cn-north-1:1:function:f:$LATEST",
    );
    check("arn:aws:lambda:::function:f", "lambda arn:aws:lambda:::function:f");
    let activity = "arn:aws-us-gov:states:us-gov-west-1:111111111111:activity:paint";
    check(activity, &format!("activity {activity}, standard only"));
    assert_eq!(parse_resource(activity).unwrap().refused_by_express(), Some("activities"));

    let function = FunctionArn::parse("arn:aws:lambda:eu-west-1:12:function:f:live").unwrap();
    assert_eq!(
        (function.region(), function.account(), function.name(), function.qualifier()),
        ("eu-west-1", "12", "f", Some("live"))
    );
    assert_eq!(FunctionArn::parse("arn:aws:lambda:eu-west-1:12:function:f").unwrap().qualifier(), None);
}

#[test]
fn optimized_integrations() {
    for (call, express) in [
        ("apigateway invoke", true),
        ("apigateway invoke.waitForTaskToken", false),
        ("athena startQueryExecution.sync", false),
        ("athena getQueryResults", true),
        ("batch submitJob.sync", false),
        ("bedrock invokeModel", true),
        ("bedrock createModelCustomizationJob.sync", false),
        ("bedrock-agentcore invokeHarness", true),
        ("codebuild startBuild.sync", false),
        ("databrew startJobRun.sync", false),
        ("dynamodb getItem", true),
        ("dynamodb putItem", true),
        ("dynamodb updateItem", true),
        ("dynamodb deleteItem", true),
        ("ecs runTask.sync", false),
        ("ecs runTask.waitForTaskToken", false),
        ("eks call", true),
        ("eks runJob.sync", false),
        ("elasticmapreduce addStep.sync", false),
        ("elasticmapreduce createCluster.sync", false),
        ("elasticmapreduce terminateCluster", true),
        ("emr-containers startJobRun.sync", false),
        ("emr-serverless startApplication.sync", false),
        ("events putEvents", true),
        ("events putEvents.waitForTaskToken", false),
        ("glue startJobRun", true),
        ("http invoke", true),
        ("lambda invoke", true),
        ("lambda invoke.waitForTaskToken", false),
        ("mediaconvert createJob.sync", false),
        ("sagemaker createTrainingJob.sync", false),
        ("sns publish", true),
        ("sns publish.waitForTaskToken", false),
        ("sqs sendMessage", true),
        ("sqs sendMessage.waitForTaskToken", false),
        ("states startExecution", true),
        ("states startExecution.sync", false),
        ("states startExecution.sync:2", false),
        ("states startExecution.waitForTaskToken", false),
    ] {
        let express = if express { "" } else { ", standard only" };
        check(&format!("arn:aws:states:::{}", call.replace(' ', ":")), &format!("{call}{express}"));
    }
    assert_eq!(parse_resource("arn:aws:states:::http:invoke"), Ok(Integration::HttpInvoke));
    assert_eq!(
        parse_resource("arn:aws-cn:states:::states:startExecution.sync:2"),
        Ok(Integration::Optimized { service: "states", action: "startExecution", pattern: Pattern::Sync2 })
    );
    let publish = parse_resource("arn:aws:states:::sns:publish.waitForTaskToken").unwrap();
    assert_eq!(publish.refused_by_express(), Some(".waitForTaskToken"));
}

#[test]
fn sdk_integrations() {
    for call in [
        "bedrock createEvaluationJob",
        "bedrockagent startIngestionJob",
        "bedrockagentcore invokeAgentRuntime",
        "cloudformation createStackInstances",
        "cloudfront createInvalidation",
        "cloudwatch putMetricAlarm",
        "cloudwatchlogs putLogEvents",
        "cognitoidentityprovider adminCreateUser",
        "comprehend detectSentiment",
        "databasemigration startReplicationTask",
        "dynamodb batchWriteItem",
        "dynamodb query",
        "ec2 describeInstances",
        "elasticloadbalancing describeLoadBalancers",
        "elasticloadbalancingv2 describeTargetHealth",
        "emrserverless getJobRun",
        "eventbridge disableRule",
        "glue getWorkflowRun",
        "kms encrypt",
        "lambda getFunction",
        "organizations moveAccount",
        "polly startSpeechSynthesisTask",
        "rds stopDBInstance",
        "redshiftdata executeStatement",
        "rekognition getSegmentDetection",
        "s3 getObject",
        "s3 listObjectsV2",
        "sagemaker deleteEndpoint",
        "scheduler createSchedule",
        "secretsmanager listSecrets",
        "sesv2 sendEmail",
        "sfn getActivityTask",
        "sfn sendTaskSuccess",
        "sns publish",
        "ssm getParameter",
        "support describeCases",
        "textract startDocumentTextDetection",
        "transcribe createVocabularyFilter",
        "qldb listLedgers",
    ] {
        check(&format!("arn:aws:states:::aws-sdk:{}", call.replace(' ', ":")), &format!("aws-sdk:{call}"));
    }
    check(
        "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken",
        "aws-sdk:dynamodb putItem.waitForTaskToken, standard only",
    );
    // As the console of some author wrote it; it was deployed so.
    check("arn:aws:states:us-east-1:111111111111:aws-sdk:s3:getObject", "aws-sdk:s3 getObject");
}

#[test]
fn unknown_resources() {
    const NOT_AN_ARN: &str = "a resource is an ARN, such as `arn:aws:states:::lambda:invoke`";
    const NOT_CALLABLE: &str = "a task calls a Lambda function, an activity or a service integration";
    for resource in
        ["", "lambda:invoke", "arn", "arn:aws:states", "arn:amazon:states:::sqs:sendMessage", "arn:aws:states::: sqs:x"]
    {
        check(resource, NOT_AN_ARN);
    }
    for resource in [
        "arn:aws:sqs:us-east-1:1:queue",
        "arn:aws:states:us-east-1:1:stateMachine",
        "arn:aws:states:::activity:x",
        "arn:aws:states:us-east-1:1:activity:",
        "arn:aws:lambda:us-east-1:1:function:",
        "arn:aws:lambda:us-east-1:1:function:f:1:2",
        "arn:aws:lambda:us-east-1:1:layer:f",
        "arn:aws:states:::aws-sdk:sqs",
        "arn:aws:states:::",
    ] {
        check(resource, NOT_CALLABLE);
    }
    // What is wrong, and what was meant.
    for (resource, fault, meant) in [
        ("dynamodb:query", "`dynamodb` has no action `query`", "aws-sdk:dynamodb:query"),
        ("sqs:sendmessage", "`sqs` has no action `sendmessage`", "sqs:sendMessage"),
        ("sqs:fly", "`sqs` has no action `fly`", ""),
        ("s3:getObject", "there is no integration with a service `s3`", "aws-sdk:s3:getObject"),
        (
            "aws-sdk:logs:putLogEvents",
            "there is no integration with a service `aws-sdk:logs`",
            "aws-sdk:cloudwatchlogs:putLogEvents",
        ),
        ("aws-sdk:DynamoDB:scan", "there is no integration with a service `aws-sdk:DynamoDB`", "aws-sdk:dynamodb:scan"),
        (
            "aws-sdk:redshift-data:executeStatement",
            "there is no integration with a service `aws-sdk:redshift-data`",
            "aws-sdk:redshiftdata:executeStatement",
        ),
        (
            "aws-sdk:dynamodbb:scan",
            "there is no integration with a service `aws-sdk:dynamodbb`",
            "aws-sdk:dynamodb:scan",
        ),
        ("aws-sdk:dynamodb:PutItem", "`aws-sdk:dynamodb` has no action `PutItem`", "aws-sdk:dynamodb:putItem"),
        ("aws-sdk:dynamodb:putItem.sync", "`aws-sdk:dynamodb:putItem` has no integration pattern `.sync`", ""),
        ("batch:submitJob.sync:2", "`batch:submitJob` has no integration pattern `.sync:2`", "batch:submitJob.sync"),
        ("batch:submitJob.", "`batch:submitJob` has no integration pattern `.`", ""),
        (
            "sqs:sendMessage.waitForToken",
            "`sqs:sendMessage` has no integration pattern `.waitForToken`",
            "sqs:sendMessage.waitForTaskToken",
        ),
        ("http:invoke.waitForTaskToken", "`http:invoke` has no integration pattern `.waitForTaskToken`", ""),
        ("aws-sdk:sts:assumeRole", "Step Functions does not support the action `assumeRole` of `aws-sdk:sts`", ""),
        (
            "aws-sdk:kinesis:subscribeToShard",
            "Step Functions does not support the action `subscribeToShard` of `aws-sdk:kinesis`",
            "",
        ),
        (
            "aws-sdk:apigatewaymanagementapi:postToConnection",
            "there is no integration with a service `aws-sdk:apigatewaymanagementapi`",
            "",
        ),
        ("aws-sdk:foo:bar", "there is no integration with a service `aws-sdk:foo`", ""),
        (
            "elasticmapreduce:listClusters",
            "`elasticmapreduce` has no action `listClusters`",
            "aws-sdk:emr:listClusters",
        ),
        (
            "stepfunctions:startExecution",
            "there is no integration with a service `stepfunctions`",
            "states:startExecution",
        ),
    ] {
        let error = parse_resource(&format!("arn:aws:states:::{resource}")).unwrap_err();
        let meant = (!meant.is_empty()).then(|| format!("arn:aws:states:::{meant}"));
        assert_eq!((error.to_string().as_str(), error.suggestion()), (fault, meant.as_deref()), "{resource}");
    }
    let error = parse_resource("arn:aws:states:::dynamodb:query").unwrap_err();
    assert_eq!(
        error.aws_message(),
        "The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid resource \
         ARN, or the resource is not available in this region."
    );
}

#[test]
fn parameters() {
    let of = |resource: &str| parse_resource(&format!("arn:aws:states:::{resource}")).unwrap().parameters();
    let put = of("aws-sdk:s3:putObject").unwrap();
    assert_eq!(put.get("Bucket"), Some(Parameter { name: "Bucket", required: true, kind: ParameterKind::String }));
    assert_eq!(put.get("Body").unwrap().kind, ParameterKind::Blob);
    assert!(put.get("SsekmsKeyId").is_some() && put.get("Acl").is_some());
    assert!(put.get("SSEKMSKeyId").is_none() && put.get("bucket").is_none());
    assert!(of("aws-sdk:rds:stopDBInstance").unwrap().get("DbInstanceIdentifier").unwrap().required);

    let send = of("sqs:sendMessage").unwrap();
    assert_eq!(
        send.get("MessageBody"),
        Some(Parameter { name: "MessageBody", required: true, kind: ParameterKind::Json })
    );
    assert_eq!(send.get("DelaySeconds").unwrap().kind, ParameterKind::Integer);
    assert_eq!(
        of("states:startExecution").unwrap().names().collect::<Vec<_>>(),
        ["Input", "Name", "StateMachineArn", "TraceHeader"]
    );
    assert_eq!(of("http:invoke").unwrap().iter().filter(|p| p.required).count(), 2);
    assert_eq!(of("bedrock-agentcore:invokeHarness"), None);
    assert_eq!(parse_resource("arn:aws:lambda:eu-west-1:1:function:f").unwrap().parameters(), None);
}

#[test]
fn error_names() {
    for (resource, prefix, general) in [
        ("dynamodb:getItem", "DynamoDB", "DynamoDB.AmazonDynamoDBException"),
        ("aws-sdk:dynamodb:getItem", "DynamoDb", "DynamoDb.DynamoDbException"),
        ("sqs:sendMessage", "SQS", "SQS.AmazonSQSException"),
        ("aws-sdk:sqs:sendMessage", "Sqs", "Sqs.SqsException"),
        ("states:startExecution", "StepFunctions", "StepFunctions.AWSStepFunctionsException"),
        ("aws-sdk:sfn:startExecution", "Sfn", "Sfn.SfnException"),
        ("lambda:invoke", "Lambda", "Lambda.AWSLambdaException"),
    ] {
        let integration = parse_resource(&format!("arn:aws:states:::{resource}")).unwrap();
        assert_eq!(integration.error_prefix(), Some(prefix));
        assert_eq!(integration.service().unwrap().general_error().unwrap(), general);
    }
    for (service, name) in [
        ("dynamodb", Some("DynamoDb")),
        ("s3", Some("S3")),
        ("sfn", Some("Sfn")),
        ("fsx", Some("FSx")),
        ("iot", Some("Iot")),
        ("iotsitewise", Some("IoTSiteWise")),
        ("cloudwatchlogs", Some("CloudWatchLogs")),
        ("states", None),
    ] {
        assert_eq!(java_service_name(service), name, "{service}");
    }
}

#[test]
fn java_names() {
    for (code, class) in [
        ("NoSuchBucket", "NoSuchBucketException"),
        ("InvalidToken", "InvalidTokenException"),
        ("ResourceNotFoundException", "ResourceNotFoundException"),
        ("DBInstanceAlreadyExists", "DbInstanceAlreadyExistsException"),
        ("DBClusterNotFoundFault", "DbClusterNotFoundException"),
        ("KMSAccessDeniedException", "KmsAccessDeniedException"),
        ("AWS.SimpleQueueService.NonExistentQueue", "AwsSimpleQueueServiceNonExistentQueueException"),
        ("EC2AccessDenied", "Ec2AccessDeniedException"),
        ("LayoutV2Missing", "LayoutV2MissingException"),
        ("", "Exception"),
    ] {
        assert_eq!(java_exception_name(code), class, "{code}");
    }
    for (member, name) in [
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("DBInstance", "DbInstance"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("stateMachineArn", "StateMachineArn"),
        ("ETag", "ETag"),
        ("ACL", "Acl"),
        ("equals", "EqualsValue"),
        ("Default", "DefaultValue"),
        ("", ""),
    ] {
        assert_eq!(java_member_name(member), name, "{member}");
    }
}

#[test]
fn map_resources() {
    assert_eq!(parse_map_resource("arn:aws:states:::s3:getObject"), Ok(MapResource::GetObject));
    assert_eq!(parse_map_resource("arn:aws-cn:states:::s3:listObjectsV2"), Ok(MapResource::ListObjects));
    assert!(parse_map_resource("arn:aws:states:::s3:putObject").unwrap().writes());
    assert!(parse_map_resource("arn:aws:states:::s3:deleteObject").is_err());
    assert!(parse_map_resource("arn:aws:states:::aws-sdk:s3:getObject").is_err());
}

/// Every service and action of the tables is found by the search, and the lines are whole.
#[test]
fn tables_are_sound() {
    let (mut services, mut actions, mut last_key) = (0, 0, "");
    for service in Service::all() {
        services += 1;
        assert!(last_key < service.key(), "{} is out of order", service.key());
        last_key = service.key();
        assert_eq!(Service::find(service.key()), Some(service));
        let mut last_action = "";
        for action in service.actions() {
            actions += 1;
            assert!(last_action < action.name(), "{}:{} is out of order", service.key(), action.name());
            last_action = action.name();
            assert_eq!(service.action(action.name()), Some(action));
            assert!(action.name().bytes().all(|b| b.is_ascii_alphanumeric()), "{}", action.name());
            for parameter in action.parameters().into_iter().flat_map(Parameters::iter) {
                assert!(parameter.name.bytes().all(|b| b.is_ascii_alphanumeric()), "{}", parameter.name);
            }
            let resource = format!("arn:aws:states:::{}:{}", service.key(), action.name());
            assert_eq!(parse_resource(&resource).is_err(), action.is_refused(), "{resource}");
        }
    }
    assert!(services > 450 && actions > 19_000, "{services} services, {actions} actions");
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC*", middle in "[a-z:.0-9-]{0,40}") {
        let _ = describe(&text);
        let _ = describe(&format!("arn:aws:states:::{text}"));
        let _ = describe(&format!("arn:aws:states:::{middle}"));
        let _ = describe(&format!("arn:aws:lambda:{middle}"));
        let _ = describe(&format!("arn:aws:states:::aws-sdk:dynamodb:{middle}"));
        let _ = parse_map_resource(&middle);
        let _ = (java_exception_name(&text), java_member_name(&text));
    }

    /// A resource that is understood says in the history what it said in the definition.
    #[test]
    fn integrations_read_back(index in 0usize..20_000, suffix in prop::sample::select(Pattern::ALL.to_vec())) {
        let Some((service, action)) = Service::all().flat_map(|s| s.actions().map(move |a| (s, a))).nth(index) else {
            return Ok(());
        };
        let resource = format!("arn:aws:states:::{}:{}{suffix}", service.key(), action.name());
        if let Ok(integration) = parse_resource(&resource) {
            let again = format!("arn:aws:states:::{}:{}", integration.resource_type(), integration.resource());
            prop_assert_eq!(again, resource);
        }
    }
}
