//! A folder with everything, to begin with.

use super::{typed, write_new};
use crate::error::CommandError;
use std::path::Path;

const FILES: [(&str, &str); 5] = [
    ("order.asl.json", include_str!("template/order.asl.json")),
    ("order.test.yaml", include_str!("template/order.test.yaml")),
    ("mocks/charge.yaml", include_str!("template/charge.yaml")),
    ("aslx.toml", include_str!("template/aslx.toml")),
    (".github/workflows/state-machines.yml", include_str!("template/workflow.yml")),
];

pub(super) fn run(folder: &Path) -> Result<(), CommandError> {
    let files: Vec<_> = FILES.iter().map(|(name, text)| (folder.join(name), (*text).to_owned())).collect();
    write_new(&files)?;
    let here = typed(folder);
    println!("\nTry:");
    println!("  aslx check {here}");
    println!("  aslx test {here} --fail-under 100");
    println!("  aslx test {here} --coverage html={}", typed(&folder.join("coverage.html")));
    println!("  aslx graph {here} --output {}", typed(&folder.join("order.svg")));
    Ok(())
}
