//! JUnit's XML, in the order of elements of Jenkins' `junit-10.xsd`: a test file is a suite. Times are those of the
//! machine, in seconds; the modelled time is in `system-out`.

use super::{body, failed};
use crate::xml::{self, Xml, legal};
use crate::{CaseReport, FileReport, Report};
use aslx_engine::history::view::duration;
use quick_xml::events::BytesText;
use std::io;
use std::time::Duration;

pub(super) fn write(report: &Report, to: &mut dyn io::Write) -> io::Result<()> {
    let mut out = xml::document(to)?;
    let failures: usize = report.files.iter().map(|file| failed(&file.cases)).sum();
    out.create_element("testsuites")
        .with_attribute(("name", "aslx test"))
        .with_attribute(("time", &*seconds(report.wall)))
        .with_attribute(("tests", &*report.cases().count().to_string()))
        .with_attribute(("failures", &*failures.to_string()))
        .with_attribute(("errors", "0"))
        .write_inner_content(|out| report.files.iter().try_for_each(|file| suite(file, out)))?;
    out.get_mut().write_all(b"\n")
}

fn suite(file: &FileReport, out: &mut Xml<'_>) -> io::Result<()> {
    let path = file.path.display().to_string();
    let wall = file.cases.iter().map(|case| case.wall).sum();
    out.create_element("testsuite")
        .with_attribute(("name", &*legal(&path)))
        .with_attribute(("tests", &*file.cases.len().to_string()))
        .with_attribute(("failures", &*failed(&file.cases).to_string()))
        .with_attribute(("errors", "0"))
        .with_attribute(("skipped", "0"))
        .with_attribute(("time", &*seconds(wall)))
        .write_inner_content(|out| file.cases.iter().try_for_each(|one| case(&path, one, out)))?;
    Ok(())
}

fn case(suite: &str, case: &CaseReport, out: &mut Xml<'_>) -> io::Result<()> {
    let mut element = out
        .create_element("testcase")
        .with_attribute(("name", &*legal(&case.name)))
        .with_attribute(("classname", &*legal(suite)))
        .with_attribute(("time", &*seconds(case.wall)));
    if let Some(place) = &case.place {
        element =
            element.with_attribute(("file", &*legal(&place.file))).with_attribute(("line", &*place.line.to_string()));
    }
    element.write_inner_content(|out| {
        for failure in case.outcome.failures() {
            out.create_element("failure")
                .with_attribute(("message", &*legal(&failure.title)))
                .with_attribute(("type", "expectation"))
                .write_text_content(BytesText::new(&legal(&body(failure).join("\n"))))?;
        }
        let modelled = i64::try_from(case.modelled.as_millis()).unwrap_or(i64::MAX);
        let modelled = format!("modelled time {}", duration(modelled));
        out.create_element("system-out").write_text_content(BytesText::new(&modelled))?;
        Ok(())
    })?;
    Ok(())
}

fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}
