//! Answers of Rekognition, kept beside a photo: `photo.jpg.rekognition.json` is about `photo.jpg`.
//!
//! The file is an object with the three responses, each as Rekognition gives it (members that are not needed may be
//! left out, the three responses may not: a photo is not safe because somebody forgot to ask):
//!
//! ```json
//! {
//!   "DetectLabels": {"Labels": [{"Name": "Beach", "Confidence": 98.1}]},
//!   "DetectFaces": {"FaceDetails": [{"Confidence": 99.9}]},
//!   "DetectModerationLabels": {"ModerationLabels": [{"Name": "Violence", "Confidence": 88.0, "ParentName": ""}]}
//! }
//! ```

use crate::error::{ErrorName, Result, TaskError};
use crate::ports::Label;
use serde::Deserialize;

/// What is added to the key of a photo for the recording about it.
pub const RECORDING_SUFFIX: &str = ".rekognition.json";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Recording {
    detect_labels: Labels,
    detect_faces: Faces,
    detect_moderation_labels: ModerationLabels,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Labels {
    labels: Vec<Named>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Faces {
    face_details: Vec<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModerationLabels {
    moderation_labels: Vec<Named>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
    confidence: f64,
}

impl Recording {
    pub(super) fn parse(key: &str, text: &[u8]) -> Result<Recording> {
        serde_json::from_slice(text)
            .map_err(|e| TaskError::new(ErrorName::InvalidRecording, format!("`{key}` is not a recording: {e}")))
    }

    pub(super) fn labels(&self) -> Vec<Label> {
        labels(&self.detect_labels.labels)
    }

    pub(super) fn faces(&self) -> usize {
        self.detect_faces.face_details.len()
    }

    pub(super) fn moderation(&self) -> Vec<Label> {
        labels(&self.detect_moderation_labels.moderation_labels)
    }
}

fn labels(named: &[Named]) -> Vec<Label> {
    named.iter().map(|n| Label { name: n.name.clone(), confidence: n.confidence }).collect()
}

/// The labels that were asked for: sure enough, the surest first, not too many.
pub(super) fn asked_for(mut labels: Vec<Label>, max: usize, min_confidence: f64) -> Vec<Label> {
    labels.retain(|l| l.confidence >= min_confidence);
    labels.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    labels.truncate(max);
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_has_all_three_responses() {
        let full = r#"{"DetectLabels":{"Labels":[{"Name":"A","Confidence":71.5,"Instances":[]}],"LabelModelVersion":"3.0"},
            "DetectFaces":{"FaceDetails":[{}]},"DetectModerationLabels":{"ModerationLabels":[]}}"#;
        let recording = Recording::parse("k", full.as_bytes()).unwrap();
        assert_eq!((recording.labels().len(), recording.faces(), recording.moderation().len()), (1, 1, 0));
        let without = full.replace("DetectModerationLabels", "Other");
        let error = Recording::parse("k", without.as_bytes()).unwrap_err();
        assert_eq!(error.name(), ErrorName::InvalidRecording);
        assert!(error.message().contains("DetectModerationLabels"), "{error}");
    }

    #[test]
    fn only_the_surest_labels_are_kept() {
        let all = (0..20).map(|i| Label { name: format!("l{i}"), confidence: 60.0 + f64::from(i) }).collect();
        let kept = asked_for(all, 3, 70.0);
        assert_eq!(kept.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["l19", "l18", "l17"]);
    }
}
