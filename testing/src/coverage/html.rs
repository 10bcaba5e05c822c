//! Coverage as one page that needs nothing else: figures, what is missing, the coloured graph, the coloured text.

use super::kind::Kind;
use super::lines::lines;
use super::model::{Coverage, DefinitionCoverage};
use super::table;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

const STYLE: &str = "
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1f2328; --dim: #59636e; --rule: #d1d9e0;
  --good: #d3f5dc; --part: #ffe8d1; --bad: #ffd3d0; --warn: #bc4c00; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --ink: #e6edf3; --dim: #9198a1; --rule: #3d444d;
  --good: #12361f; --part: #40230b; --bad: #55191b; --warn: #f0883e; } }
body { background: var(--ground); color: var(--ink); font: 15px/1.5 -apple-system, 'Segoe UI', Roboto, sans-serif;
  max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
table { border-collapse: collapse; } th, td { padding: .2rem .8rem .2rem 0; text-align: right; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 1px solid var(--rule); color: var(--dim); font-weight: 500; }
.short { color: var(--warn); font-weight: 600; }
.missing { padding-left: 1.2rem; } .missing a { color: var(--dim); font-family: ui-monospace, monospace; font-size: .85em; }
.picture { overflow-x: auto; } .picture svg { max-width: 100%; height: auto; }
.text { border: 1px solid var(--rule); border-radius: 6px; overflow-x: auto; padding: .5rem 0; }
.text pre { margin: 0; font: 12px/1.45 ui-monospace, 'SF Mono', Menlo, monospace; white-space: pre; }
.text span { display: block; padding: 0 .8rem; } .text i { color: var(--dim); display: inline-block; font-style: normal;
  text-align: right; user-select: none; width: 3.2rem; padding-right: .8rem; }
.good { background: var(--good); } .part { background: var(--part); } .bad { background: var(--bad); }
.text span:target { outline: 2px solid var(--warn); }
";

pub(super) fn html(coverage: &Coverage) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = page(coverage, &mut out);
    out
}

fn page(coverage: &Coverage, out: &mut String) -> fmt::Result {
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<title>Coverage</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>Coverage</h1>")?;
    figures(coverage, out)?;
    for (number, definition) in coverage.definitions.iter().enumerate() {
        section(number, definition, out)?;
    }
    writeln!(out, "</body>\n</html>")
}

/// One row per definition, one column per kind.
fn figures(coverage: &Coverage, out: &mut String) -> fmt::Result {
    write!(out, "<table>\n<thead><tr><th>definition</th>")?;
    for kind in Kind::ALL {
        write!(out, "<th>{}</th>", kind.plural())?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for (number, definition) in coverage.definitions.iter().enumerate() {
        write!(out, "<tr><td><a href=\"#d{number}\">{}</a></td>", escape(&definition.display()))?;
        for kind in Kind::ALL {
            let totals = definition.totals(Some(kind));
            let class = if totals.reached < totals.total && kind.is_counted() { " class=\"short\"" } else { "" };
            write!(out, "<td{class}>{} / {}</td>", totals.reached, totals.total)?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody>\n</table>")
}

fn section(number: usize, definition: &DefinitionCoverage, out: &mut String) -> fmt::Result {
    writeln!(out, "<h2 id=\"d{number}\">{}</h2>", escape(&definition.name))?;
    let missing = table::missing_of(definition);
    if missing.is_empty() {
        writeln!(out, "<p>Everything was reached.</p>")?;
    } else {
        writeln!(out, "<ul class=\"missing\">")?;
        for (what, line) in missing {
            let file = escape(&definition.display());
            writeln!(out, "<li>{} <a href=\"#d{number}-{line}\">{file}:{line}</a></li>", escape(&what))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "<div class=\"picture\">{}</div>", definition.to_svg())?;
    writeln!(out, "<div class=\"text\"><pre>")?;
    let known: BTreeMap<usize, (&str, u64)> = lines(definition)
        .iter()
        .map(|line| {
            let some_missed = line.branches.iter().any(|(_, hits)| *hits == 0);
            let class = match (line.hits, some_missed) {
                (0, _) => "bad",
                (_, true) => "part",
                (_, false) => "good",
            };
            (line.number, (class, line.hits))
        })
        .collect();
    for (index, text) in definition.program.text().lines().enumerate() {
        let line = index + 1;
        let (class, hits) = match known.get(&line) {
            Some((class, hits)) => (format!(" class=\"{class}\""), format!("{hits}×")),
            None => (String::new(), String::new()),
        };
        writeln!(out, "<span id=\"d{number}-{line}\"{class}><i>{line}</i><i>{hits}</i>{}</span>", escape(text))?;
    }
    writeln!(out, "</pre></div>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
