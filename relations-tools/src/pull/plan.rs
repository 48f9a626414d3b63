//! Entities of a database, their fields, and relations both ways.
mod indexes;

use std::collections::BTreeSet;

use heck::ToSnakeCase;
use relations::Engine;
use relations::definition::Action;
use relations::shape::{
    ColumnShape, EnumShape, ForeignKeyShape, IndexShape, Shape, TableKind, TableShape,
};

use super::types::{self, RustType};
use super::{Dates, names};
pub(super) use indexes::deferrable;
use indexes::is_plain_unique;

/// Everything that is written.
pub(super) struct Plan<'a> {
    pub(super) shape: &'a Shape,
    pub(super) structs: Vec<Struct<'a>>,
    pub(super) enums: Vec<(String, &'a EnumShape)>,
}

/// A table or a view.
pub(super) struct Struct<'a> {
    pub(super) table: &'a TableShape,
    pub(super) name: String,
    /// The columns of the id; none of what is only read.
    pub(super) id: Vec<String>,
    pub(super) fields: Vec<Field<'a>>,
    pub(super) belongs_to: Vec<BelongsTo>,
    pub(super) inverses: Vec<Inverse>,
    /// The name of the primary key, where it is not the usual one.
    pub(super) id_name: Option<&'a str>,
    /// Unique keys, indexes, and checks by their names, that stand on the struct.
    pub(super) unique: Vec<&'a IndexShape>,
    pub(super) indexes: Vec<&'a IndexShape>,
    pub(super) checks: Vec<(Option<&'a str>, &'a str)>,
    /// Facts that no attribute expresses.
    pub(super) comments: Vec<String>,
}

pub(super) struct Field<'a> {
    pub(super) column: &'a ColumnShape,
    pub(super) name: String,
    pub(super) rust: RustType,
    pub(super) generated: bool,
    /// The unique key of this column alone.
    pub(super) unique: Option<&'a IndexShape>,
    pub(super) indexed: Option<&'a IndexShape>,
}

/// A relation by a foreign key of its own.
pub(super) struct BelongsTo {
    pub(super) name: String,
    /// The place of the target among the structs.
    pub(super) target: usize,
    pub(super) fields: Vec<String>,
    pub(super) target_fields: Vec<String>,
    pub(super) targets_id: bool,
    pub(super) on_delete: Action,
    pub(super) set_null: Vec<String>,
    pub(super) on_update: Action,
    /// A name that differs from ours.
    pub(super) constraint: Option<String>,
    /// The word for a key that a transaction may break until its end.
    pub(super) deferrable: Option<&'static str>,
    /// Whether the database holds it for all rows.
    pub(super) holds: bool,
    pub(super) indexed: bool,
}

/// A relation that another foreign key leads back.
pub(super) struct Inverse {
    pub(super) name: String,
    pub(super) target: String,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    /// By the fields of the target that hold the key, and the own ones where these are not the id.
    Held { one: bool, key_to: Vec<String>, key_from: Option<Vec<String>> },
    /// Through an entity, by its relations.
    Through { link: String, from: String, to: String },
}

impl<'a> Plan<'a> {
    pub(super) fn new(shape: &'a Shape, dates: Dates) -> Self {
        let mut plan = Self { shape, structs: Vec::new(), enums: Vec::new() };
        let mut taken = BTreeSet::new();
        plan.enums(&mut taken);
        for table in &shape.tables {
            let name = Self::struct_name(table, &mut taken);
            let made = plan.structure(table, name, dates);
            plan.structs.push(made);
        }
        let mut relations = plan.relation_names();
        plan.belongs_to(&mut relations);
        plan.inverses(&mut relations);
        plan.through(&mut relations);
        plan
    }

    /// The enums that a column is of.
    fn enums(&mut self, taken: &mut BTreeSet<String>) {
        let columns = || self.shape.tables.iter().flat_map(|table| &table.columns);
        let is_used = |one: &&EnumShape| {
            columns().any(|column| column.base_type.trim_end_matches("[]") == one.name)
        };
        let enums: Vec<_> = self.shape.enums.iter().filter(is_used).collect();
        for one in enums {
            let name = types::enumeration(&one.name);
            taken.insert(name.clone());
            self.enums.push((name, one));
        }
    }

    /// The name of a struct beside those of others and beside what is generated for them.
    fn struct_name(table: &TableShape, taken: &mut BTreeSet<String>) -> String {
        let mut name = names::of_struct(&table.name);
        if taken.contains(&name)
            && let Some(schema) = table.schema.as_ref().filter(|_| !table.on_search_path)
        {
            name = names::of_struct(&format!("{schema}_{}", table.name));
        }
        while taken.contains(&name) {
            name.push_str("Row");
        }
        taken.insert(name.clone());
        for generated in [format!("New{name}"), format!("{name}With"), format!("{name}Columns")] {
            taken.insert(generated);
        }
        name
    }

    fn structure(&self, table: &'a TableShape, name: String, dates: Dates) -> Struct<'a> {
        let mut comments = Vec::new();
        let mut taken = BTreeSet::new();
        let id = if is_entity(table) { self.id(table, dates) } else { Vec::new() };
        let mut fields = Vec::new();
        for column in &table.columns {
            let rust = types::of(self.shape, column, dates);
            if id.is_empty() && !rust.plain {
                comments.push(format!(
                    "column: `{}` is `{}`; cast it to text where it is read",
                    column.name, column.sql_type
                ));
                continue;
            }
            let mut field = names::of_field(&column.name);
            while !taken.insert(field.clone()) {
                field.push('_');
            }
            let is_number = ["i16", "i32", "i64"].contains(&rust.name.as_str());
            let is_foreign =
                table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
            let generated = id.contains(&column.name)
                && column.numbering.is_some()
                && is_number
                && !is_foreign
                && (self.shape.engine == Engine::Postgres || id.len() == 1);
            if column.numbering.is_some() && !generated && !is_foreign {
                comments.push(format!("column: the database counts `{}` up", column.name));
            }
            fields.push(Field {
                column,
                name: field,
                rust,
                generated,
                unique: None,
                indexed: None,
            });
        }
        let primary = table.primary_key.as_ref().filter(|key| same(&key.columns, &id));
        let id_name = primary.and_then(|key| key.name.as_deref());
        let id_name = id_name.filter(|name| **name != format!("{}_pkey", table.name));
        let mut made = Struct {
            table,
            id_name,
            name,
            id,
            fields,
            belongs_to: Vec::new(),
            inverses: Vec::new(),
            unique: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            comments,
        };
        made.indexes();
        made
    }

    /// The columns of the id: of the primary key, or else of a unique one without nulls.
    fn id(&self, table: &TableShape, dates: Dates) -> Vec<String> {
        let is_key = |columns: &&Vec<String>| {
            columns.len() <= 12
                && columns.iter().all(|name| {
                    let column = table.columns.iter().find(|column| column.name == *name);
                    column.is_some_and(|column| {
                        !column.nullable
                            && column.generated.is_none()
                            && types::of(self.shape, column, dates).is_key()
                    })
                })
        };
        let unique = table.indexes.iter().filter(|index| is_plain_unique(index));
        let primary = table.primary_key.iter().map(|key| &key.columns);
        let found = primary.chain(unique.map(|index| &index.columns)).find(is_key);
        // An id is in the order of the columns.
        let found = found.cloned().unwrap_or_default();
        let columns = table.columns.iter().map(|column| column.name.clone());
        columns.filter(|column| found.contains(column)).collect()
    }

    /// The names that relations of each struct cannot have.
    fn relation_names(&self) -> Vec<BTreeSet<String>> {
        let fields = |one: &Struct<'_>| one.fields.iter().map(|field| field.name.clone()).collect();
        self.structs.iter().map(fields).collect()
    }

    fn belongs_to(&mut self, taken: &mut [BTreeSet<String>]) {
        for at in 0..self.structs.len() {
            let Some(source) = self.structs.get(at) else { continue };
            let (mut relations, mut comments) = (Vec::<BelongsTo>::new(), Vec::new());
            for key in &source.table.foreign_keys {
                let target = self.target(key).filter(|_| !source.id.is_empty());
                let is_again = |one: &BelongsTo| one.fields == source.fields_of(&key.columns);
                match target.filter(|_| !relations.iter().any(is_again)) {
                    Some((target, targets_id)) => {
                        let Some(taken) = taken.get_mut(at) else { continue };
                        relations.push(self.relation(source, key, (target, targets_id), taken));
                    }
                    None => comments.push(format!(
                        "foreign key: {} ({}) to {} ({})",
                        key.name.as_deref().unwrap_or("without a name"),
                        key.columns.join(", "),
                        key.target_table,
                        key.target_columns.join(", "),
                    )),
                }
                if !key.validated || !key.enforced {
                    let columns = key.columns.join(", ");
                    comments.push(format!("foreign key: that of ({columns}) is not valid"));
                }
            }
            // A foreign key and its target have one type.
            let types: Vec<_> = relations
                .iter()
                .flat_map(|relation| {
                    relation.fields.iter().zip(&relation.target_fields).map(|(field, to)| {
                        (field.clone(), self.field(relation.target, to).cloned())
                    })
                })
                .collect();
            let Some(source) = self.structs.get_mut(at) else { continue };
            for (name, theirs) in types {
                let field = source.fields.iter_mut().find(|field| field.name == name);
                if let (Some(field), Some(theirs)) = (field, theirs)
                    && field.rust.name != theirs.name
                {
                    let sql = Some(field.column.sql_type.clone());
                    field.rust = RustType { sql, ..theirs };
                }
            }
            source.belongs_to = relations;
            source.comments.extend(comments);
            source.leave_out_indexes();
        }
    }

    fn field(&self, of: usize, name: &str) -> Option<&RustType> {
        self.structs.get(of)?.fields.iter().find(|field| field.name == name).map(|one| &one.rust)
    }

    /// The target of a key: its place, and whether the key is that of its id.
    fn target(&self, key: &ForeignKeyShape) -> Option<(usize, bool)> {
        let at = self.structs.iter().position(|one| {
            let is_name = match self.shape.engine {
                Engine::Postgres => one.table.name == key.target_table,
                Engine::Sqlite => one.table.name.eq_ignore_ascii_case(&key.target_table),
            };
            is_name && one.table.schema == key.target_schema
        })?;
        let target = self.structs.get(at)?;
        if target.id.is_empty() || key.target_columns.len() != key.columns.len() {
            return None;
        }
        let is_id = same(&target.id, &key.target_columns);
        let is_unique = target
            .table
            .indexes
            .iter()
            .any(|index| is_plain_unique(index) && same(&index.columns, &key.target_columns));
        (is_id || is_unique).then_some((at, is_id))
    }

    fn relation(
        &self,
        source: &Struct<'_>,
        key: &ForeignKeyShape,
        (target, targets_id): (usize, bool),
        taken: &mut BTreeSet<String>,
    ) -> BelongsTo {
        let of = self.structs.get(target);
        let singular = of.map(|of| of.name.to_snake_case()).unwrap_or_default();
        let fields = source.fields_of(&key.columns);
        let candidates = match &*fields {
            [only] => match only.strip_suffix("_id").filter(|stem| !stem.is_empty()) {
                Some(stem) => vec![stem.to_owned(), format!("{stem}_{singular}")],
                None => vec![format!("{only}_{singular}")],
            },
            several => vec![singular.clone(), format!("{}_{singular}", several.join("_"))],
        };
        let usual = format!("{}_{}_fkey", source.table.name, key.columns.join("_"));
        BelongsTo {
            name: names::free(taken, &candidates),
            target,
            target_fields: of.map(|of| of.fields_of(&key.target_columns)).unwrap_or_default(),
            targets_id,
            on_delete: key.on_delete,
            set_null: source.fields_of(&key.set_null),
            on_update: key.on_update,
            constraint: key.name.clone().filter(|name| *name != usual),
            deferrable: deferrable(key.deferrable, key.deferred),
            holds: key.validated && key.enforced,
            indexed: source.is_indexed(&key.columns),
            fields,
        }
    }

    fn inverses(&mut self, taken: &mut [BTreeSet<String>]) {
        let mut found: Vec<(usize, Inverse)> = Vec::new();
        for (at, source) in self.structs.iter().enumerate() {
            for relation in &source.belongs_to {
                let (Some(target), Some(taken)) =
                    (self.structs.get(relation.target), taken.get_mut(relation.target))
                else {
                    continue;
                };
                let same_target = |one: &&BelongsTo| one.target == relation.target;
                let is_sole = source.belongs_to.iter().filter(same_target).count() == 1;
                let snake = source.name.to_snake_case();
                let one = source.is_unique(&relation.fields);
                let many = if one { snake.clone() } else { names::plural(&snake) };
                let by = format!("{many}_by_{}", stem(&relation.fields));
                let candidates = if at == relation.target {
                    match &*relation.fields {
                        [only] if only.contains("parent") => vec!["children".to_owned(), by],
                        _ => vec![by],
                    }
                } else if is_sole || relation.name == target.name.to_snake_case() {
                    vec![many, by]
                } else {
                    vec![by]
                };
                let key_from = (!relation.targets_id || relation.target_fields.len() > 1)
                    .then(|| relation.target_fields.clone());
                found.push((
                    relation.target,
                    Inverse {
                        name: names::free(taken, &candidates),
                        target: source.name.clone(),
                        kind: Kind::Held { one, key_to: relation.fields.clone(), key_from },
                    },
                ));
            }
        }
        for (at, inverse) in found {
            if let Some(target) = self.structs.get_mut(at) {
                target.inverses.push(inverse);
            }
        }
    }

    /// Many-to-many through tables that are two foreign keys, which are their key, and what the
    /// database fills in.
    fn through(&mut self, taken: &mut [BTreeSet<String>]) {
        let mut found: Vec<(usize, Inverse)> = Vec::new();
        for link in &self.structs {
            let [one, other] = &*link.belongs_to else { continue };
            let both: Vec<_> = one.fields.iter().chain(&other.fields).cloned().collect();
            let fills_in = |field: &Field<'_>| {
                both.contains(&field.name)
                    || field.column.default.is_some()
                    || field.column.generated.is_some()
            };
            let is_link = same(&link.fields_of(&link.id), &both)
                && link.fields.iter().all(fills_in)
                && [one, other].iter().all(|one| one.targets_id && one.fields.len() == 1);
            for (from, to) in [(one, other), (other, one)] {
                let (Some(target), Some(taken)) =
                    (self.structs.get(to.target), taken.get_mut(from.target))
                else {
                    continue;
                };
                if !is_link {
                    continue;
                }
                let many = names::plural(&target.name.to_snake_case());
                let mut candidates = vec![format!("{many}_through_{}", link.name.to_snake_case())];
                if from.target == to.target {
                    candidates.insert(0, names::plural(&to.name));
                } else {
                    candidates.insert(0, many);
                }
                found.push((
                    from.target,
                    Inverse {
                        name: names::free(taken, &candidates),
                        target: target.name.clone(),
                        kind: Kind::Through {
                            link: link.name.clone(),
                            from: from.name.clone(),
                            to: to.name.clone(),
                        },
                    },
                ));
            }
        }
        for (at, inverse) in found {
            if let Some(source) = self.structs.get_mut(at) {
                source.inverses.push(inverse);
            }
        }
    }
}

/// Whether a table has rows with ids.
fn is_entity(table: &TableShape) -> bool {
    matches!(table.kind, TableKind::Table | TableKind::Partitioned)
}

/// Whether both have the same names, in any order.
fn same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|a| other.iter().any(|b| a.eq_ignore_ascii_case(b)))
}

/// `reports_to` for itself, `language` for `language_id`.
fn stem(fields: &[String]) -> String {
    match fields {
        [only] => only.strip_suffix("_id").unwrap_or(only).to_owned(),
        several => several.join("_"),
    }
}
