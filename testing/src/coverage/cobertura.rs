//! Cobertura's XML, which GitLab, Jenkins and Azure read (its `coverage-04.dtd`): a definition is a class, a state a
//! method; rules, retriers, catchers and timeouts are the conditions of their lines.

use super::kind::Kind;
use super::lines::{Line, lines};
use super::model::{Coverage, DefinitionCoverage, Totals};
use crate::xml::{self, Xml, legal};
use aslx_asl::Timestamp;
use std::io;

pub(super) fn cobertura(coverage: &Coverage, now: Timestamp, to: &mut dyn io::Write) -> io::Result<()> {
    let mut out = xml::document(to)?;
    let classes: Vec<_> = coverage.definitions.iter().map(|definition| (definition, lines(definition))).collect();
    let of_all =
        |count: fn(&[Line<'_>]) -> Totals| classes.iter().map(|(_, lines)| count(lines)).fold(Totals::default(), plus);
    let (by_line, by_branch) = (of_all(line_totals), of_all(branch_totals));
    out.create_element("coverage")
        .with_attribute(("line-rate", &*rate(by_line)))
        .with_attribute(("branch-rate", &*rate(by_branch)))
        .with_attribute(("lines-covered", &*by_line.reached.to_string()))
        .with_attribute(("lines-valid", &*by_line.total.to_string()))
        .with_attribute(("branches-covered", &*by_branch.reached.to_string()))
        .with_attribute(("branches-valid", &*by_branch.total.to_string()))
        .with_attribute(("complexity", "0"))
        .with_attribute(("version", concat!("aslx ", env!("CARGO_PKG_VERSION"))))
        .with_attribute(("timestamp", &*now.as_millis().to_string()))
        .write_inner_content(|out| {
            out.create_element("sources").write_inner_content(|out| {
                out.create_element("source").write_text_content(quick_xml::events::BytesText::new("."))?;
                Ok(())
            })?;
            out.create_element("packages").write_inner_content(|out| {
                out.create_element("package")
                    .with_attribute(("name", "definitions"))
                    .with_attribute(("line-rate", &*rate(by_line)))
                    .with_attribute(("branch-rate", &*rate(by_branch)))
                    .with_attribute(("complexity", "0"))
                    .write_inner_content(|out| {
                        out.create_element("classes").write_inner_content(|out| {
                            classes.iter().try_for_each(|(definition, lines)| class(definition, lines, out))
                        })?;
                        Ok(())
                    })?;
                Ok(())
            })?;
            Ok(())
        })?;
    Ok(())
}

fn class(definition: &DefinitionCoverage, lines: &[Line<'_>], out: &mut Xml<'_>) -> io::Result<()> {
    out.create_element("class")
        .with_attribute(("name", &*legal(&definition.name)))
        .with_attribute(("filename", &*legal(&definition.display())))
        .with_attribute(("line-rate", &*rate(line_totals(lines))))
        .with_attribute(("branch-rate", &*rate(branch_totals(lines))))
        .with_attribute(("complexity", "0"))
        .write_inner_content(|out| {
            out.create_element("methods").write_inner_content(|out| {
                for state in definition.items.iter().filter(|item| item.kind == Kind::State) {
                    let hits = definition.hits(state);
                    let rate = if hits > 0 { "1" } else { "0" };
                    out.create_element("method")
                        .with_attribute(("name", &*legal(&state.label)))
                        .with_attribute(("signature", ""))
                        .with_attribute(("line-rate", rate))
                        .with_attribute(("branch-rate", "1"))
                        .with_attribute(("complexity", "0"))
                        .write_inner_content(|out| {
                            out.create_element("lines").write_inner_content(|out| {
                                out.create_element("line")
                                    .with_attribute(("number", &*state.lines.start().to_string()))
                                    .with_attribute(("hits", &*hits.to_string()))
                                    .write_empty()?;
                                Ok(())
                            })?;
                            Ok(())
                        })?;
                }
                Ok(())
            })?;
            out.create_element("lines").write_inner_content(|out| lines.iter().try_for_each(|one| line(one, out)))?;
            Ok(())
        })?;
    Ok(())
}

fn line(line: &Line<'_>, out: &mut Xml<'_>) -> io::Result<()> {
    let element = out
        .create_element("line")
        .with_attribute(("number", &*line.number.to_string()))
        .with_attribute(("hits", &*line.hits.to_string()));
    if line.branches.is_empty() {
        element.with_attribute(("branch", "false")).write_empty()?;
        return Ok(());
    }
    let totals = branch_totals(std::slice::from_ref(line));
    let shown = format!("{}% ({}/{})", totals.whole_percent(), totals.reached, totals.total);
    element.with_attribute(("branch", "true")).with_attribute(("condition-coverage", &*shown)).write_inner_content(
        |out| {
            out.create_element("conditions").write_inner_content(|out| {
                for (number, (item, hits)) in line.branches.iter().enumerate() {
                    out.create_element("condition")
                        .with_attribute(("number", &*number.to_string()))
                        .with_attribute(("type", item.kind.singular()))
                        .with_attribute(("coverage", if *hits > 0 { "100%" } else { "0%" }))
                        .write_empty()?;
                }
                Ok(())
            })?;
            Ok(())
        },
    )?;
    Ok(())
}

fn line_totals(lines: &[Line<'_>]) -> Totals {
    Totals { reached: lines.iter().filter(|line| line.hits > 0).count(), total: lines.len() }
}

fn branch_totals(lines: &[Line<'_>]) -> Totals {
    let branches = || lines.iter().flat_map(|line| &line.branches);
    Totals { reached: branches().filter(|(_, hits)| *hits > 0).count(), total: branches().count() }
}

fn plus(a: Totals, b: Totals) -> Totals {
    Totals { reached: a.reached + b.reached, total: a.total + b.total }
}

fn rate(totals: Totals) -> String {
    let digits = format!("{:.4}", totals.percent() / 100.0);
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}
