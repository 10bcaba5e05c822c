//! The mock configuration file of Step Functions Local, read into answers.
