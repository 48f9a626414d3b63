//! Indexes and unique keys of an entity.

use relations::shape::IndexShape;

use super::{Field, Struct, same};

impl Struct<'_> {
    /// The fields of columns.
    pub(crate) fn fields_of(&self, columns: &[String]) -> Vec<String> {
        let field = |column: &String| {
            let is_it = |field: &&Field<'_>| field.column.name.eq_ignore_ascii_case(column);
            Some(self.fields.iter().find(is_it)?.name.clone())
        };
        columns.iter().filter_map(field).collect()
    }

    pub(super) fn indexes(&mut self) {
        let table = self.table;
        if self.id.is_empty() {
            for index in &table.indexes {
                self.comment(index);
            }
            return;
        }
        for index in &table.indexes {
            let plain = !index.has_expressions && index.valid && index.method == "btree";
            let is_of_id = index.unique && same(&index.columns, &self.id);
            let is_key = plain && !index.nulls_equal && (index.unique || index.elements.is_empty());
            match &*index.columns {
                _ if is_of_id && plain && index.filter.is_none() => {}
                [only] if is_key && index.filter.is_none() => {
                    let is_only = |field: &&mut Field<'_>| field.column.name == *only;
                    let field = self.fields.iter_mut().find(is_only);
                    let place = match (field, index.unique) {
                        (Some(field), true) => &mut field.unique,
                        (Some(field), false) => &mut field.indexed,
                        (None, _) => continue,
                    };
                    if place.is_some() {
                        self.comment(index);
                    } else {
                        *place = Some(index);
                    }
                }
                [] => {}
                _ if is_key && index.unique => {
                    let same_key = |other: &&IndexShape| {
                        other.filter == index.filter && same(&other.columns, &index.columns)
                    };
                    if self.unique.iter().any(same_key) {
                        self.comment(index);
                    } else {
                        self.unique.push(index);
                    }
                }
                _ if index.valid && is_told(index) => self.indexes.push(index),
                _ => self.comment(index),
            }
        }
        for field in &mut self.fields {
            // A unique column is indexed by being so.
            field.indexed = field.indexed.filter(|_| field.unique.is_none());
        }
        for check in &table.checks {
            if let Some(condition) = condition(&check.definition) {
                self.checks.push((check.name.as_deref(), condition));
            } else {
                let name = check.name.as_deref().unwrap_or("without a name");
                self.comments.push(format!("constraint: {name} {}", check.definition));
            }
        }
    }

    pub(super) fn comment(&mut self, index: &IndexShape) {
        let told = index.definition.clone().unwrap_or_else(|| index.columns.join(", "));
        self.comments.push(format!("index: {told}"));
    }

    /// A foreign key is indexed unless it says otherwise, by an index of the usual name.
    pub(super) fn leave_out_indexes(&mut self) {
        let table = &self.table.name;
        for relation in &self.belongs_to {
            if let [only] = &*relation.fields
                && let Some(field) = self.fields.iter_mut().find(|field| field.name == *only)
            {
                let usual = format!("{table}_{}_idx", field.column.name);
                let is_usual = |index: &&IndexShape| index.name.as_ref() == Some(&usual);
                field.indexed = field.indexed.filter(|index| !is_usual(index));
            }
        }
    }

    pub(super) fn is_indexed(&self, columns: &[String]) -> bool {
        let begins = |indexed: &[String]| {
            indexed.get(..columns.len()).is_some_and(|first| same(first, columns))
        };
        self.table.primary_key.as_ref().is_some_and(|key| begins(&key.columns))
            || self.table.indexes.iter().any(|index| {
                index.valid
                    && index.filter.is_none()
                    && index.method == "btree"
                    && begins(&index.columns)
            })
    }

    /// Whether no two rows share the values of these fields.
    pub(super) fn is_unique(&self, fields: &[String]) -> bool {
        let unique = self.unique.iter().filter(|index| index.filter.is_none());
        same(&self.fields_of(&self.id), fields)
            || matches!(fields, [only] if self.fields.iter().any(|one| one.name == *only && one.unique.is_some()))
            || unique.clone().any(|index| same(&self.fields_of(&index.columns), fields))
    }
}

/// Whether no two rows have the same values at any time, and whatever they are.
pub(super) fn is_plain_unique(index: &IndexShape) -> bool {
    index.unique
        && index.valid
        && index.filter.is_none()
        && !index.has_expressions
        && !index.nulls_equal
        && !index.deferrable
}

/// Whether an attribute expresses an index. One of columns alone that is unique is a key.
fn is_told(index: &IndexShape) -> bool {
    let includes = index.definition.as_ref().is_some_and(|sql| sql.contains(" INCLUDE "));
    let is_unique = index.unique && index.elements.is_empty();
    !includes && !is_unique && !index.nulls_equal && !index.constraint
}

/// The condition of a check. `None` of another constraint, and of one that does not hold for all rows.
fn condition(definition: &str) -> Option<&str> {
    definition.strip_prefix("CHECK (")?.strip_suffix(')')
}

/// The word for a key that a transaction may break until its end.
pub(in crate::pull) fn deferrable(can: bool, does: bool) -> Option<&'static str> {
    let word = if does { "initially_deferred" } else { "deferrable" };
    can.then_some(word)
}
