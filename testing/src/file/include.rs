//! Files that test files share: substitutions, named answers, mocks.

use super::fields::{Field, Reader};
use super::{FileError, Shared, document, names};

/// How deep files may include others; deeper, they go round in a circle.
const DEPTH: usize = 8;

/// Reads the files of a list, in their order; later ones go before earlier ones.
pub(super) fn read(
    reader: &mut Reader<'_>,
    field: Field<'_>,
    shared: &mut Shared,
    depth: usize,
) -> Result<(), FileError> {
    for item in reader.items(&field) {
        let Some(path) = reader.beside(&item) else { continue };
        if depth == DEPTH {
            let help = "does a file include itself?";
            reader.fault(item.node.span, &item.pointer, "files include others too deep", Some(help));
            continue;
        }
        let text = match reader.text_of(&path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("`{}` cannot be read: {error}", path.display());
                reader.fault(item.node.span, &item.pointer, &message, None);
                continue;
            }
        };
        let error = |diagnostics| FileError { file: path.clone(), text: text.as_str().into(), diagnostics };
        let tree = document(&path, &text).map_err(|diagnostic| error(vec![diagnostic]))?;
        let mut inner = Reader::new(&path, &tree, reader.read_text());
        if let Some(mut fields) = inner.object(tree.root(), "", "an included file", names::INCLUDED) {
            inner.version(&mut fields);
            if let Some(list) = fields.take("include") {
                read(&mut inner, list, shared, depth + 1)?;
            }
            inner.fixtures(&mut fields, shared);
        }
        let diagnostics = inner.into_diagnostics();
        if !diagnostics.is_empty() {
            return Err(error(diagnostics));
        }
    }
    Ok(())
}
