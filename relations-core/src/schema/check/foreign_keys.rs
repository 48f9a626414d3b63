//! Foreign keys: whether the database holds the targets that relations promise.

use super::cure::{add, alter, list, quoted, rebuild, told_table};
use super::keys::same_set;
use super::{Counted, Draft, Drift, Pair, SchemaComparison};
use crate::definition::constraint_names::{NamedConstraint, What, cut, named};
use crate::definition::deferrable::Deferrable;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::{Action, RelationDefinition};
use crate::dialect::Engine;
use crate::error::Result;
use crate::schema::shape::ForeignKeyShape;

pub(super) fn compare(all: &mut SchemaComparison<'_>, pair: Pair<'_>) -> Result<()> {
    for one in named(pair.entity) {
        if let What::ForeignKey(relation) = one.what {
            DeclaredKey::new(pair, &one, relation).compare(all)?;
        }
    }
    Ok(())
}

/// A foreign key that a relation declares.
struct DeclaredKey<'a> {
    pair: Pair<'a>,
    one: &'a NamedConstraint,
    relation: &'static RelationDefinition,
    target: &'static EntityDefinition,
    from: Vec<String>,
    to: Vec<String>,
}

impl<'a> DeclaredKey<'a> {
    fn new(
        pair: Pair<'a>,
        one: &'a NamedConstraint,
        relation: &'static RelationDefinition,
    ) -> Self {
        let target = relation.target.definition();
        let column =
            |of: &EntityDefinition, name: &&str| Some(of.property(name)?.column.to_owned());
        Self {
            pair,
            one,
            relation,
            target,
            from: relation.key_from.iter().filter_map(|name| column(pair.entity, name)).collect(),
            to: relation.key_to.iter().filter_map(|name| column(target, name)).collect(),
        }
    }

    /// `Order.customer`, in a sentence.
    fn told(&self) -> String {
        format!("`{}.{}`", self.pair.entity.name, self.relation.name)
    }

    fn declared(&self) -> String {
        format!(
            "FOREIGN KEY ({}) REFERENCES {} ({})",
            self.from.join(", "),
            self.target.table,
            self.to.join(", "),
        )
    }

    fn compare(&self, all: &mut SchemaComparison<'_>) -> Result<()> {
        let over = self.pair.found.foreign_keys.iter();
        let over: Vec<_> =
            over.filter(|key| same_set(all.engine, &key.columns, &self.from)).collect();
        let mut ours: Vec<_> =
            over.iter().copied().filter(|key| self.leads_there(all, key)).collect();
        // A table may hold a key twice; the better one counts.
        ours.sort_by_key(|key| {
            let differs = (
                self.actions(key).is_some(),
                self.deferral(key).is_some(),
                self.name(key).is_some(),
            );
            (!key.enforced, !key.validated, differs)
        });
        match (ours.first(), over.first()) {
            (Some(key), _) => self.compare_with(all, key),
            (None, Some(other)) => {
                let message = format!(
                    "{} leads to {}, and the foreign key of the database leads to `{}` ({})",
                    self.told(),
                    told_table(self.target),
                    other.target_table,
                    other.target_columns.join(", "),
                );
                self.add(all, Drift::Broken, message, Some(other))
            }
            (None, None) => {
                let promise = if self.relation.optional {
                    "promises that a key has its target"
                } else {
                    "promises a target"
                };
                let message = format!(
                    "{} {promise}, and the database does not hold it: no {}",
                    self.told(),
                    self.declared(),
                );
                self.add(all, Drift::Broken, message, None)
            }
        }
    }

    fn leads_there(&self, all: &SchemaComparison<'_>, key: &ForeignKeyShape) -> bool {
        let target = self.target;
        let (is_table, is_schema) = match all.engine {
            Engine::Sqlite => (key.target_table.eq_ignore_ascii_case(target.table), true),
            Engine::Postgres => {
                let found = all.found.table(target.schema, target.table);
                let schema = found.and_then(|found| found.schema.clone());
                (key.target_table == cut(target.table), key.target_schema == schema)
            }
        };
        let pair = |from: &String, to: &String| {
            let at = key.columns.iter().position(|one| one.eq_ignore_ascii_case(cut(from)));
            let theirs = at.and_then(|at| key.target_columns.get(at));
            theirs.is_some_and(|theirs| theirs.eq_ignore_ascii_case(cut(to)))
        };
        is_table && is_schema && self.from.iter().zip(&self.to).all(|(from, to)| pair(from, to))
    }

    fn compare_with(&self, all: &mut SchemaComparison<'_>, key: &ForeignKeyShape) -> Result<()> {
        let name = key.name.as_deref().unwrap_or_default();
        if !key.enforced {
            let message = format!(
                "{} promises a target, and its foreign key `{name}` is not enforced",
                self.told(),
            );
            return self.add(all, Drift::Broken, message, Some(key));
        }
        if !key.validated {
            let message = format!(
                "{} promises a target, and its foreign key `{name}` is not valid: it does not hold \
                 for rows that were there before it",
                self.told(),
            );
            let cure = alter(self.pair.entity, &format!("VALIDATE CONSTRAINT {}", quoted(name)));
            let draft = Draft::new(Drift::Broken, self.pair.entity, message)
                .relation(self.relation)
                .cure([cure])
                .counting(self.orphans());
            all.add(draft);
        }
        if let Some(message) = self.actions(key) {
            self.add(all, Drift::Differs, format!("{} {message}", self.told()), Some(key))?;
        } else if let Some((ours, theirs)) = self.deferral(key) {
            let message = format!(
                "{} is declared {}, and its foreign key `{name}` is {}",
                self.told(),
                ours.told(),
                theirs.told(),
            );
            let cure = match all.engine {
                Engine::Postgres => {
                    let change = format!("ALTER CONSTRAINT {} {}", quoted(name), ours.told());
                    vec![alter(self.pair.entity, &change)]
                }
                Engine::Sqlite => rebuild(self.pair.entity, self.pair.found)?,
            };
            let draft = Draft::new(Drift::Differs, self.pair.entity, message);
            all.add(draft.relation(self.relation).cure(cure));
        } else if let Some(ours) = self.name(key) {
            let message =
                format!("the foreign key of {} is named `{ours}`, and is `{name}`", self.told());
            let cure = match all.engine {
                Engine::Postgres => vec![alter(
                    self.pair.entity,
                    &format!("RENAME CONSTRAINT {} TO {}", quoted(name), quoted(ours)),
                )],
                Engine::Sqlite => rebuild(self.pair.entity, self.pair.found)?,
            };
            let draft = Draft::new(Drift::Differs, self.pair.entity, message);
            all.add(draft.relation(self.relation).cure(cure));
        }
        Ok(())
    }

    /// Why the actions are others than declared.
    fn actions(&self, key: &ForeignKeyShape) -> Option<String> {
        let ours = self.relation.foreign_key?;
        let set_null: Vec<_> = ours
            .set_null
            .iter()
            .filter_map(|name| Some(self.pair.entity.property(name)?.column.to_owned()))
            .collect();
        // All columns of a key may be listed or not.
        let whole = |columns: &[String]| columns.is_empty() || columns.len() == self.from.len();
        let same_null = whole(&set_null) && whole(&key.set_null)
            || same_set(Engine::Postgres, &set_null, &key.set_null);
        let (delete, update) = (ours.on_delete == key.on_delete, ours.on_update == key.on_update);
        if !delete || !same_null {
            Some(format!(
                "is declared with ON DELETE {}, and the database has ON DELETE {}",
                words(ours.on_delete, &set_null),
                words(key.on_delete, &key.set_null),
            ))
        } else if !update {
            Some(format!(
                "is declared with ON UPDATE {}, and the database has ON UPDATE {}",
                words(ours.on_update, &[]),
                words(key.on_update, &[]),
            ))
        } else {
            None
        }
    }

    /// The time of the check that is written, and that of the database where it is another.
    fn deferral(&self, key: &ForeignKeyShape) -> Option<(Deferrable, Deferrable)> {
        let ours = self.relation.foreign_key?.deferrable;
        let theirs = Deferrable::of(key.deferrable, key.deferred);
        (!ours.is_no() && ours != theirs).then_some((ours, theirs))
    }

    /// The name that is written, where the database has another.
    fn name(&self, key: &ForeignKeyShape) -> Option<&'static str> {
        let ours = self.relation.foreign_key?.name?;
        (key.name.as_deref() != Some(cut(ours))).then_some(ours)
    }

    fn add(
        &self,
        all: &mut SchemaComparison<'_>,
        kind: Drift,
        message: String,
        replaced: Option<&ForeignKeyShape>,
    ) -> Result<()> {
        let entity = self.pair.entity;
        let cure = match all.engine {
            Engine::Postgres => {
                let dropped = replaced
                    .and_then(|key| key.name.as_ref())
                    .map(|name| alter(entity, &format!("DROP CONSTRAINT {}", quoted(name))));
                dropped.into_iter().chain(add(all.engine, entity, self.one)).collect()
            }
            Engine::Sqlite => rebuild(entity, self.pair.found)?,
        };
        let draft = Draft::new(kind, entity, message).relation(self.relation).cure(cure);
        let is_there = all.found.table(self.target.schema, self.target.table).is_some();
        all.add(if kind == Drift::Broken && is_there {
            draft.counting(self.orphans())
        } else {
            draft
        });
        Ok(())
    }

    fn orphans(&self) -> Counted {
        Counted::orphans(self.pair.entity, self.target, &self.from, &self.to)
    }
}

fn words(action: Action, columns: &[String]) -> String {
    let words = match action {
        Action::NoAction => "NO ACTION",
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    };
    if columns.is_empty() { words.to_owned() } else { format!("{words} ({})", list(columns)) }
}
