//! The formats of coverage, and the files that they become.

use super::model::Coverage;
use super::{cobertura, html, json, lcov};
use aslx_asl::Timestamp;
use std::path::{Path, PathBuf};

/// A format of coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoverageFormat {
    /// lcov's tracefile.
    Lcov,
    /// Cobertura's XML.
    Cobertura,
    /// The graph, coloured; one file per definition.
    Svg,
    /// A page with the graph, what is missing and the definition.
    Html,
    /// Everything, for scripts.
    Json,
}

impl CoverageFormat {
    /// All of them.
    pub const ALL: [CoverageFormat; 5] = [
        CoverageFormat::Lcov,
        CoverageFormat::Cobertura,
        CoverageFormat::Svg,
        CoverageFormat::Html,
        CoverageFormat::Json,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            CoverageFormat::Lcov => "lcov",
            CoverageFormat::Cobertura => "cobertura",
            CoverageFormat::Svg => "svg",
            CoverageFormat::Html => "html",
            CoverageFormat::Json => "json",
        }
    }

    /// The file that is written where none is named.
    pub fn default_file(self) -> &'static str {
        match self {
            CoverageFormat::Lcov => "lcov.info",
            CoverageFormat::Cobertura => "cobertura.xml",
            CoverageFormat::Svg => "coverage.svg",
            CoverageFormat::Html => "coverage.html",
            CoverageFormat::Json => "coverage.json",
        }
    }

    /// The files that are to be written for `file`, with their texts. A picture shows one definition: of several, each
    /// gets a file with its name in it, `coverage-order.svg`.
    pub fn files(self, coverage: &Coverage, file: &Path, now: Timestamp) -> Vec<(PathBuf, String)> {
        let text = match self {
            CoverageFormat::Lcov => lcov::lcov(coverage),
            CoverageFormat::Cobertura => {
                let mut text = Vec::new();
                // A list of bytes takes everything.
                let _ = cobertura::cobertura(coverage, now, &mut text);
                String::from_utf8_lossy(&text).into_owned() + "\n"
            }
            CoverageFormat::Html => html::html(coverage),
            CoverageFormat::Json => format!("{:#}\n", json::json(coverage)),
            CoverageFormat::Svg => return pictures(coverage, file),
        };
        vec![(file.to_owned(), text)]
    }
}

fn pictures(coverage: &Coverage, file: &Path) -> Vec<(PathBuf, String)> {
    if let [definition] = coverage.definitions.as_slice() {
        return vec![(file.to_owned(), definition.to_svg())];
    }
    let part =
        |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default();
    let (stem, ending) = (part(file.file_stem()), part(file.extension()));
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for definition in &coverage.definitions {
        let named = |number: usize| {
            let number = if number > 1 { format!("-{number}") } else { String::new() };
            file.with_file_name(format!("{stem}-{}{number}.{ending}", definition.name))
        };
        let free = (1..).map(named).find(|path| files.iter().all(|(taken, _)| taken != path));
        files.extend(free.map(|path| (path, definition.to_svg())));
    }
    files
}
