//! Objects: built from scratch, or by grouping what a path found.

use super::{Outcome, Run};
use crate::jsonata::fault::Fault;
use crate::jsonata::function::Frame;
use crate::jsonata::functions;
use crate::jsonata::meter::{HEAD, Ticket};
use crate::jsonata::syntax::{Pairs, Symbol};
use crate::jsonata::value::{Building, Forming, Items, Tuple, Val};
use indexmap::IndexMap;
use std::rc::Rc;
use std::sync::Arc;

/// The items with one name.
struct Group {
    pair: usize,
    data: Data,
}

enum Data {
    One(Val),
    Many(Building),
    Tuples(Vec<Tuple>),
}

impl Run<'_> {
    /// An object: each item gives names, and all items with one name together its value.
    pub(super) fn group(&self, pairs: &Pairs, input: &Val, frame: &Rc<Frame>) -> Outcome {
        let mut groups: IndexMap<Arc<str>, Group, foldhash::fast::RandomState> = IndexMap::default();
        let mut ticket = Ticket::new(&self.meter, HEAD)?;
        if let Val::Tuples(tuples) = input {
            for tuple in &tuples.items {
                let inner = self.tuple_frame(tuple, frame)?;
                for (pair, (name, _)) in pairs.iter().enumerate() {
                    let Some(name) = self.group_name(name, &tuple.value, &inner)? else { continue };
                    ticket.grow(2 * HEAD + name.len())?;
                    let group = groups.entry(name.clone());
                    let group = group.or_insert_with(|| Group { pair, data: Data::Tuples(Vec::new()) });
                    check_pair(group, pair, &name)?;
                    if let Data::Tuples(tuples) = &mut group.data {
                        tuples.push(tuple.clone());
                    }
                }
            }
        } else {
            let single = [input.clone()];
            let items = match input.items() {
                Some(items) if items.len() > 0 => items,
                Some(_) => Items::Made(&[Val::Undefined]),
                None => Items::Made(&single),
            };
            for item in items.iter() {
                for (pair, (name, _)) in pairs.iter().enumerate() {
                    let Some(name) = self.group_name(name, &item, frame)? else { continue };
                    match groups.entry(name) {
                        indexmap::map::Entry::Vacant(entry) => {
                            ticket.grow(2 * HEAD + entry.key().len())?;
                            entry.insert(Group { pair, data: Data::One(item.clone()) });
                        }
                        indexmap::map::Entry::Occupied(mut entry) => {
                            let name = entry.key().clone();
                            let group = entry.get_mut();
                            check_pair(group, pair, &name)?;
                            self.add(group, &item)?;
                        }
                    }
                }
            }
        }
        let mut object = Forming::new(&self.meter)?;
        for (name, group) in groups {
            let Some((_, value)) = pairs.get(group.pair) else { continue };
            let value = match group.data {
                Data::One(item) => self.eval(value, &item, frame)?,
                Data::Many(items) => self.eval(value, &items.list(), frame)?,
                Data::Tuples(tuples) => {
                    let (context, bound) = self.merged(&tuples)?;
                    let inner = Frame::with(&self.meter, Some(frame), bound)?;
                    self.eval(value, &context, &inner)?
                }
            };
            if !value.is_undefined() {
                object.insert(name, value)?;
            }
        }
        Ok(object.record())
    }

    fn group_name(
        &self,
        name: &crate::jsonata::syntax::Node,
        item: &Val,
        frame: &Rc<Frame>,
    ) -> Result<Option<Arc<str>>, Fault> {
        let name = self.eval(name, item, frame)?;
        if name.is_undefined() {
            return Ok(None);
        }
        let Some(text) = name.name() else {
            let shown = functions::shown(self, &name);
            return Err(Fault::coded(
                "T1003",
                format!("Key in object structure must evaluate to a string; got: {shown}"),
            ));
        };
        if matches!(&*text, "_jsonata_lambda" | "_jsonata_function") {
            let message =
                format!("Object property names starting with _jsonata_ are reserved for internal use: \"{text}\"");
            return Err(Fault::coded("D1013", message));
        }
        Ok(Some(text))
    }

    fn add(&self, group: &mut Group, item: &Val) -> Result<(), Fault> {
        match &mut group.data {
            Data::Many(items) => {
                if !item.is_undefined() {
                    items.append(item)?;
                }
            }
            Data::One(first) => {
                let first = std::mem::replace(first, Val::Undefined);
                group.data = if first.is_undefined() {
                    Data::One(item.clone())
                } else if item.is_undefined() {
                    Data::One(first)
                } else {
                    let mut items = Building::new(&self.meter)?;
                    items.append(&first)?;
                    items.append(item)?;
                    Data::Many(items)
                };
            }
            Data::Tuples(_) => {}
        }
        Ok(())
    }

    /// The values of tuples in one list, and so what each of their variables holds.
    fn merged(&self, tuples: &[Tuple]) -> Result<(Val, Vec<(Symbol, Val)>), Fault> {
        let [first, rest @ ..] = tuples else { return Ok((Val::Undefined, Vec::new())) };
        if rest.is_empty() {
            return Ok((first.value.clone(), first.bound.clone()));
        }
        let together = |of: &dyn Fn(&Tuple) -> Option<Val>| -> Outcome {
            let mut items = Building::new(&self.meter)?;
            for value in tuples.iter().filter_map(of).filter(|value| !value.is_undefined()) {
                items.append(&value)?;
            }
            Ok(items.list())
        };
        let context = together(&|tuple| Some(tuple.value.clone()))?;
        let mut bound = Vec::new();
        for (symbol, _) in &first.bound {
            let values = together(&|tuple| {
                tuple.bound.iter().find(|(other, _)| other == symbol).map(|(_, value)| value.clone())
            })?;
            bound.push((*symbol, values));
        }
        Ok((context, bound))
    }
}

fn check_pair(group: &Group, pair: usize, name: &str) -> Result<(), Fault> {
    if group.pair == pair {
        return Ok(());
    }
    let name = crate::Value::from(name).to_json();
    Err(Fault::coded("D1009", format!("Multiple key definitions evaluate to same key: {name}")))
}
