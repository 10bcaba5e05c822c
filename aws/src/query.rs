//! The query protocol, which SNS speaks: a form there, XML back.

use aslx_asl::Value;
use quick_xml::Reader;
use quick_xml::events::Event;

/// A form with the parameters of a call. `null`s are left away by [`crate::names::wire`].
pub(crate) fn form(operation: &str, version: &str, parameters: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", operation).append_pair("Version", version);
    for (name, value) in parameters.as_object().into_iter().flatten() {
        field(&mut form, name, value);
    }
    form.finish()
}

fn field(form: &mut form_urlencoded::Serializer<'_, String>, name: &str, value: &Value) {
    match value {
        Value::String(text) => drop(form.append_pair(name, text)),
        // The only objects that SNS takes are maps: their entries are numbered.
        Value::Object(_) => {
            for (index, (key, value)) in value.as_object().into_iter().flatten().enumerate() {
                let entry = format!("{name}.entry.{}", index + 1);
                form.append_pair(&format!("{entry}.Name"), key);
                for (member, value) in value.as_object().into_iter().flatten() {
                    field(form, &format!("{entry}.Value.{member}"), value);
                }
            }
        }
        Value::Array(_) => {
            for (index, item) in value.as_array().unwrap_or_default().iter().enumerate() {
                field(form, &format!("{name}.member.{}", index + 1), item);
            }
        }
        other => drop(form.append_pair(name, &other.to_json())),
    }
}

/// The text of the first element of this name.
pub(crate) fn member(xml: &str, name: &str) -> Option<String> {
    members(xml).into_iter().find_map(|(known, text)| (known == name).then_some(text))
}

/// Elements that hold nothing but text, in order. What is no XML has none.
fn members(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                open = Some((start.local_name().as_ref().to_owned(), String::new()));
            }
            Ok(Event::Text(text)) => {
                if let Some((_, so_far)) = &mut open {
                    so_far.push_str(&text.xml10_content());
                }
            }
            Ok(Event::GeneralRef(entity)) => {
                if let (Some((_, so_far)), Some(known)) = (&mut open, resolved(&entity)) {
                    so_far.push(known);
                }
            }
            Ok(Event::End(_)) => found.extend(open.take()),
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// The character of `&name;`.
fn resolved(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_number_the_entries_of_maps() {
        let parameters = r#"{"Message":"a b&c","MessageAttributes":{"kind":{"DataType":"String","StringValue":"x"}}}"#;
        let form = form("Publish", "2010-03-31", &Value::parse(parameters).unwrap());
        let expected = "Action=Publish&Version=2010-03-31&Message=a+b%26c&MessageAttributes.entry.1.Name=kind\
            &MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=x";
        assert_eq!(form, expected);
    }

    #[test]
    fn members_are_read_from_xml() {
        let xml = "<E xmlns='u'><Error><Code>NotFound</Code>\n<Message>a &lt;b&gt; &#x41;</Message></Error></E>";
        assert_eq!(member(xml, "Code").as_deref(), Some("NotFound"));
        assert_eq!(member(xml, "Message").as_deref(), Some("a <b> A"));
        assert_eq!(member(xml, "Error"), None);
        assert_eq!(member("no XML <", "Code"), None);
    }
}
