//! The services whose calls are forwarded: how each is called, and how it writes what it says.

use aslx_asl::catalogue;

/// A service, under the name that the resource of a task has for it.
#[derive(Debug)]
pub(crate) struct Service {
    /// `sqs` in `arn:aws:states:::sqs:sendMessage`.
    pub key: &'static str,
    /// What the signature says it is for.
    pub signing_name: &'static str,
    pub protocol: Protocol,
    /// Names on the wire begin with a small letter, those that a state machine sees with a capital.
    pub small: bool,
    /// Members whose own members have names of the author, which nobody changes.
    pub maps: &'static [&'static str],
    /// Ends of the names of points in time: on the wire they are seconds, in results milliseconds.
    pub times: &'static [&'static str],
    /// Parameters that are texts of JSON on the wire, and may be given as JSON.
    pub texts: &'static [&'static str],
    /// Codes of the errors that its client has a class for. What is not here gets the service's general class.
    exceptions: &'static str,
}

/// How a service is spoken to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// AWS JSON: the version, and what the header `X-Amz-Target` begins with.
    Json { version: &'static str, target: &'static str },
    /// JSON to a path that is made of the name of the operation.
    Rest { prefix: &'static str },
    /// A form, answered in XML.
    Query { version: &'static str },
}

const fn json(version: &'static str, target: &'static str) -> Protocol {
    Protocol::Json { version, target }
}

static SERVICES: [Service; 10] = [
    Service {
        key: "batch",
        signing_name: "batch",
        protocol: Protocol::Rest { prefix: "/v1/" },
        small: true,
        maps: &["Annotations", "Labels", "Limits", "Options", "Parameters", "Requests", "StatusSummary", "Tags"],
        times: &[],
        texts: &[],
        exceptions: "ClientException ServerException",
    },
    Service {
        key: "dynamodb",
        signing_name: "dynamodb",
        protocol: json("1.0", "DynamoDB_20120810"),
        small: false,
        maps: &[],
        times: &[],
        texts: &[],
        exceptions: "ConditionalCheckFailedException IdempotentParameterMismatchException InternalServerError \
            ItemCollectionSizeLimitExceededException ProvisionedThroughputExceededException \
            ReplicatedWriteConflictException RequestLimitExceeded ResourceNotFoundException ThrottlingException \
            TransactionCanceledException TransactionConflictException TransactionInProgressException",
    },
    Service {
        key: "ecs",
        signing_name: "ecs",
        protocol: json("1.1", "AmazonEC2ContainerServiceV20141113"),
        small: true,
        maps: &[],
        times: &["At"],
        texts: &[],
        exceptions: "AccessDeniedException BlockedException ClientException ClusterNotFoundException \
            ConflictException InvalidParameterException PlatformTaskDefinitionIncompatibilityException \
            PlatformUnknownException ServerException UnsupportedFeatureException",
    },
    Service {
        key: "events",
        signing_name: "events",
        protocol: json("1.1", "AWSEvents"),
        small: false,
        maps: &[],
        times: &[],
        texts: &["Detail"],
        exceptions: "InternalException",
    },
    Service {
        key: "glue",
        signing_name: "glue",
        protocol: json("1.1", "AWSGlue"),
        small: false,
        maps: &["Arguments"],
        times: &["On"],
        texts: &[],
        exceptions: "ConcurrentRunsExceededException EntityNotFoundException InternalServiceException \
            InvalidInputException OperationTimeoutException ResourceNumberLimitExceededException",
    },
    Service {
        key: "lambda",
        signing_name: "lambda",
        // Invoke alone, whose parameters are in the path and in headers: lambda.rs.
        protocol: Protocol::Rest { prefix: "/2015-03-31/functions/" },
        small: false,
        maps: &[],
        times: &[],
        texts: &[],
        exceptions: "EC2AccessDeniedException EC2ThrottledException EC2UnexpectedException EFSIOException \
            EFSMountConnectivityException EFSMountFailureException EFSMountTimeoutException \
            ENILimitReachedException InvalidParameterValueException InvalidRequestContentException \
            InvalidRuntimeException InvalidSecurityGroupIDException InvalidSubnetIDException \
            InvalidZipFileException KMSAccessDeniedException KMSDisabledException KMSInvalidStateException \
            KMSNotFoundException RecursiveInvocationException RequestTooLargeException ResourceConflictException \
            ResourceNotFoundException ResourceNotReadyException ServiceException SnapStartException \
            SnapStartNotReadyException SnapStartTimeoutException SubnetIPAddressLimitReachedException \
            TooManyRequestsException UnsupportedMediaTypeException",
    },
    Service {
        key: "sagemaker",
        signing_name: "sagemaker",
        protocol: json("1.1", "SageMaker"),
        small: false,
        maps: &[
            "CollectionParameters",
            "Environment",
            "HookParameters",
            "HyperParameters",
            "ProfilingParameters",
            "RuleParameters",
            "StaticHyperParameters",
            "TunedHyperParameters",
        ],
        times: &["Time", "Timestamp"],
        texts: &[],
        exceptions: "ResourceInUse ResourceLimitExceeded ResourceNotFound",
    },
    Service {
        key: "sns",
        signing_name: "sns",
        protocol: Protocol::Query { version: "2010-03-31" },
        small: false,
        maps: &["MessageAttributes"],
        times: &[],
        texts: &["Message"],
        exceptions: "AuthorizationError EndpointDisabled InternalError InvalidParameter InvalidSecurity \
            KMSAccessDenied KMSDisabled KMSInvalidState KMSNotFound KMSOptInRequired KMSThrottling NotFound \
            ParameterValueInvalid=InvalidParameterValueException PlatformApplicationDisabled ValidationException",
    },
    Service {
        key: "sqs",
        signing_name: "sqs",
        protocol: json("1.0", "AmazonSQS"),
        small: false,
        maps: &["MessageAttributes", "MessageSystemAttributes"],
        times: &[],
        texts: &["MessageBody"],
        exceptions: "InvalidAddress InvalidMessageContents InvalidSecurity KmsAccessDenied KmsDisabled \
            KmsInvalidKeyUsage KmsInvalidState KmsNotFound KmsOptInRequired KmsThrottled QueueDoesNotExist \
            RequestThrottled UnsupportedOperation",
    },
    Service {
        key: "states",
        signing_name: "states",
        protocol: json("1.0", "AWSStepFunctions"),
        small: true,
        maps: &[],
        times: &["Date"],
        texts: &["Input"],
        exceptions: "ExecutionAlreadyExists ExecutionDoesNotExist ExecutionLimitExceeded InvalidArn \
            InvalidExecutionInput InvalidName KmsAccessDeniedException KmsInvalidStateException \
            KmsThrottlingException StateMachineDeleting StateMachineDoesNotExist ValidationException",
    },
];

impl Service {
    pub(crate) fn find(key: &str) -> Option<&'static Service> {
        SERVICES.iter().find(|service| service.key == key)
    }

    /// The name of the error for a code, with the prefix of the service: `SNS.NotFoundException` for `NotFound`,
    /// `DynamoDB.AmazonDynamoDBException` for a code without a class.
    pub(crate) fn error(&self, code: &str) -> String {
        let class = self.exceptions.split_ascii_whitespace().find_map(|entry| {
            let (known, class) = entry.split_once('=').unwrap_or((entry, entry));
            // Emulators leave the end of some codes away.
            let stem = |code: &str| code.strip_suffix("Exception").unwrap_or(code).to_owned();
            (stem(known) == stem(code)).then(|| format!("{}Exception", stem(class)))
        });
        let known = catalogue::Service::find(self.key);
        match class {
            Some(class) => format!("{}.{class}", self.prefix()),
            None => known.and_then(catalogue::Service::general_error).unwrap_or_else(|| self.prefix().to_owned()),
        }
    }

    /// What the names of its errors begin with.
    pub(crate) fn prefix(&self) -> &'static str {
        catalogue::Service::find(self.key).map_or(self.key, catalogue::Service::error_prefix)
    }

    /// What the causes of its errors call it.
    pub(crate) fn text(&self) -> &'static str {
        catalogue::Service::find(self.key).and_then(catalogue::Service::client_name).unwrap_or(self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_named_by_class() {
        let error = |key: &str, code: &str| Service::find(key).unwrap().error(code);
        for (key, code, name) in [
            ("dynamodb", "ConditionalCheckFailedException", "DynamoDB.ConditionalCheckFailedException"),
            ("dynamodb", "InternalServerError", "DynamoDB.InternalServerErrorException"),
            ("dynamodb", "ValidationException", "DynamoDB.AmazonDynamoDBException"),
            ("sqs", "QueueDoesNotExist", "SQS.QueueDoesNotExistException"),
            ("sqs", "MissingParameter", "SQS.AmazonSQSException"),
            ("sns", "NotFound", "SNS.NotFoundException"),
            ("sns", "ParameterValueInvalid", "SNS.InvalidParameterValueException"),
            ("lambda", "TooManyRequestsException", "Lambda.TooManyRequestsException"),
            ("lambda", "ResourceNotFound", "Lambda.ResourceNotFoundException"),
            ("lambda", "", "Lambda.AWSLambdaException"),
            ("states", "StateMachineDoesNotExist", "StepFunctions.StateMachineDoesNotExistException"),
            ("sagemaker", "ResourceNotFound", "SageMaker.ResourceNotFoundException"),
            ("ecs", "ClusterNotFoundException", "ECS.ClusterNotFoundException"),
            ("glue", "EntityNotFoundException", "Glue.EntityNotFoundException"),
            ("batch", "ClientException", "Batch.ClientException"),
        ] {
            assert_eq!(error(key, code), name);
        }
    }

    #[test]
    fn every_service_is_in_the_catalogue() {
        for service in &SERVICES {
            assert!(catalogue::Service::find(service.key).is_some_and(|known| known.client_name().is_some()));
        }
    }
}
