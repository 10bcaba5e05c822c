//! Writing XML.

use quick_xml::events::{BytesDecl, Event};
use std::borrow::Cow;
use std::io;

/// A writer of indented XML.
pub(crate) type Xml<'w> = quick_xml::Writer<&'w mut dyn io::Write>;

/// A document that has its declaration.
pub(crate) fn document(to: &mut dyn io::Write) -> io::Result<Xml<'_>> {
    let mut xml = Xml::new_with_indent(to, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    Ok(xml)
}

/// The text without the characters that XML 1.0 cannot hold, not even escaped (section 2.2 of its specification).
pub(crate) fn legal(text: &str) -> Cow<'_, str> {
    let is_legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.chars().all(is_legal) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_legal(c) { c } else { '\u{fffd}' }).collect())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use quick_xml::Reader;

    /// The elements of a well-formed document as nested names; panics at anything that is not well-formed.
    pub(crate) fn outline(text: &str) -> String {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        let mut out = String::new();
        let mut depth = 0;
        let separate = |out: &mut String, name: &str| {
            if !out.is_empty() && !out.ends_with('(') {
                out.push(',');
            }
            out.push_str(name);
        };
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) => {
                    for attribute in element.attributes() {
                        attribute.unwrap().normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap();
                    }
                    separate(&mut out, element.name().as_ref());
                    out.push('(');
                    depth += 1;
                }
                Event::Empty(element) => {
                    for attribute in element.attributes() {
                        attribute.unwrap().normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap();
                    }
                    separate(&mut out, element.name().as_ref());
                }
                Event::End(_) => {
                    depth -= 1;
                    if out.ends_with('(') {
                        out.pop();
                    } else {
                        out.push(')');
                    }
                }
                Event::Text(text) => assert!(depth > 0 || text.trim().is_empty()),
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        out
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(legal("a\tb\u{1b}[0m\u{0}é"), "a\tb\u{fffd}[0m\u{fffd}é");
        assert!(matches!(legal("a"), Cow::Borrowed(_)));
    }
}
