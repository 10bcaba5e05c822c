//! The tasks with the offline ports: what runs without an account.

use super::TaskService;
use crate::handlers::{Handler, Ports, Settings};
use crate::offline::{DirectoryBucket, FileTable, KeySchema, OfflineAnalysis, Outbox, UploadSigner};
use crate::picture::PictureLimits;
use crate::pictures::Pictures;
use crate::ports::{Bucket, ImageAnalysis, RealSurroundings, Surroundings, Table, Topic};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Puts the offline ports together. Each of them can be replaced; definitions stay as they are.
pub struct OfflineTasks {
    data: PathBuf,
    strict: bool,
    upload_base: String,
    settings: Settings,
    limits: PictureLimits,
    tables: BTreeMap<String, KeySchema>,
    functions: BTreeMap<String, Handler>,
    surroundings: Arc<dyn Surroundings>,
    bucket: Option<Arc<dyn Bucket>>,
    table: Option<Arc<dyn Table>>,
    topic: Option<Arc<dyn Topic>>,
    analysis: Option<Arc<dyn ImageAnalysis>>,
}

impl OfflineTasks {
    /// With all data below this folder, which is made when it is needed.
    pub fn new(data: impl Into<PathBuf>) -> OfflineTasks {
        OfflineTasks {
            data: data.into(),
            strict: false,
            upload_base: "http://localhost:8083/buckets".to_owned(),
            settings: Settings::default(),
            limits: PictureLimits::default(),
            tables: BTreeMap::new(),
            functions: BTreeMap::new(),
            surroundings: Arc::new(RealSurroundings),
            bucket: None,
            table: None,
            topic: None,
            analysis: None,
        }
    }

    /// Whether photos that Rekognition would refuse are refused.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> OfflineTasks {
        self.strict = strict;
        self
    }

    /// What upload addresses begin with, without a slash at the end.
    #[must_use]
    pub fn upload_base(mut self, base: impl Into<String>) -> OfflineTasks {
        self.upload_base = base.into();
        self
    }

    /// Names of tables, bucket and topic.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> OfflineTasks {
        self.settings = settings;
        self
    }

    /// How large photos may be.
    #[must_use]
    pub fn limits(mut self, limits: PictureLimits) -> OfflineTasks {
        self.limits = limits;
        self
    }

    /// A table for `dynamodb:*`, beside those of the pipeline.
    #[must_use]
    pub fn with_table(mut self, name: impl Into<String>, key: KeySchema) -> OfflineTasks {
        self.tables.insert(name.into(), key);
        self
    }

    /// The handler of a function whose name does not tell it.
    #[must_use]
    pub fn with_function(mut self, name: impl Into<String>, handler: Handler) -> OfflineTasks {
        self.functions.insert(name.into(), handler);
        self
    }

    /// Another clock and other ids, for tests.
    #[must_use]
    pub fn surroundings(mut self, surroundings: Arc<dyn Surroundings>) -> OfflineTasks {
        self.surroundings = surroundings;
        self
    }

    /// Another bucket.
    #[must_use]
    pub fn bucket(mut self, bucket: Arc<dyn Bucket>) -> OfflineTasks {
        self.bucket = Some(bucket);
        self
    }

    /// Another table.
    #[must_use]
    pub fn table(mut self, table: Arc<dyn Table>) -> OfflineTasks {
        self.table = Some(table);
        self
    }

    /// Another topic.
    #[must_use]
    pub fn topic(mut self, topic: Arc<dyn Topic>) -> OfflineTasks {
        self.topic = Some(topic);
        self
    }

    /// Another image analysis.
    #[must_use]
    pub fn analysis(mut self, analysis: Arc<dyn ImageAnalysis>) -> OfflineTasks {
        self.analysis = Some(analysis);
        self
    }

    /// The service. Nothing is written before a task is run.
    pub fn build(self) -> TaskService {
        let OfflineTasks { data, surroundings, settings, mut tables, .. } = self;
        tables.insert(settings.images_table.clone(), KeySchema::simple("imageId"));
        tables.insert(settings.claims_table.clone(), KeySchema::simple("claimId"));
        let bucket = self.bucket.unwrap_or_else(|| {
            let signer = Arc::new(UploadSigner::new(&data, self.upload_base));
            Arc::new(DirectoryBucket::new(&data, signer, Arc::clone(&surroundings)))
        });
        let pictures = Arc::new(Pictures::new(Arc::clone(&bucket), self.limits));
        let analysis = self
            .analysis
            .unwrap_or_else(|| Arc::new(OfflineAnalysis::new(Arc::clone(&bucket), Arc::clone(&pictures), self.strict)));
        let ports = Ports {
            table: self.table.unwrap_or_else(|| Arc::new(FileTable::new(&data, tables))),
            topic: self.topic.unwrap_or_else(|| Arc::new(Outbox::new(&data, Arc::clone(&surroundings)))),
            settings: Arc::new(settings),
            bucket,
            analysis,
            pictures,
            surroundings,
        };
        TaskService::new(ports, self.functions)
    }
}
