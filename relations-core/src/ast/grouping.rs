//! Rows put into groups.

use crate::ast::call::Function;
use crate::ast::predicate::Predicate;
use crate::ast::term::{Field, Operand, Term};
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::RelationDefinition;

/// The groups of a query's rows.
#[derive(Debug, Clone)]
pub(crate) struct Grouping {
    /// The entity of the rows.
    pub(crate) entity: &'static EntityDefinition,
    /// The values that the rows of a group share; none where all rows are one group.
    pub(crate) keys: Vec<Term>,
    /// Which groups are meant.
    pub(crate) having: Predicate,
}

/// The values of a group that follow from its keys without being among them.
#[derive(Debug, Default)]
pub(crate) struct Determined {
    pub(crate) fields: Vec<Field>,
}

impl Grouping {
    /// Makes sure that a value is one of each group, or names the part that is not.
    ///
    /// It is where it is a key, an aggregate, or made of such. So are the columns of a row whose id, or
    /// a foreign key to which, is grouped by; those are noted, as not every database knows.
    pub(crate) fn check(&self, term: &Term, determined: &mut Determined) -> Result<(), Term> {
        if self.keys.contains(term) {
            return Ok(());
        }
        match term {
            Term::Field(field) => self.field(*field, determined).ok_or_else(|| term.clone()),
            Term::RelationAggregate(computation) => {
                self.relation(computation.targets.relation, determined)
            }
            Term::Arithmetic(calculation) => {
                calculation.terms().try_for_each(|term| self.check(term, determined))
            }
            // A query that is grouped has no order of its rows.
            Term::OfLink(_) => Err(term.clone()),
            Term::Call(call) => match &call.function {
                Function::Aggregate(..) | Function::Raw(_) => Ok(()),
                _ => {
                    call.terms().try_for_each(|term| self.check(term, determined))?;
                    call.predicates().iter().try_for_each(|one| self.check_all(one, determined))
                }
            },
        }
    }

    /// Makes sure that a condition is on values of each group.
    pub(crate) fn check_all(
        &self,
        predicate: &Predicate,
        determined: &mut Determined,
    ) -> Result<(), Term> {
        let mut check = |term: &Term| self.check(term, determined);
        match predicate {
            Predicate::Compare(left, _, right) => {
                [left, right].into_iter().try_for_each(|operand| match operand {
                    Operand::Term(term) => check(term),
                    Operand::Parameter(_) => Ok(()),
                })
            }
            Predicate::Range { term, other, .. } => {
                check(term)?;
                match other {
                    Operand::Term(term) => check(term),
                    Operand::Parameter(_) => Ok(()),
                }
            }
            Predicate::In { term, .. }
            | Predicate::Like { term, .. }
            | Predicate::Null { term, .. }
            | Predicate::Array { term, .. } => check(term),
            Predicate::Not(inner) | Predicate::Untrue(inner) => self.check_all(inner, determined),
            Predicate::All(list) | Predicate::Any(list) => {
                list.iter().try_for_each(|one| self.check_all(one, determined))
            }
            Predicate::Always | Predicate::Never | Predicate::TooDeep | Predicate::Raw(_) => Ok(()),
            Predicate::Exists(targets) => self.relation(targets.relation, determined),
        }
    }

    /// Makes sure that the rows of a group have one set of targets, or names the key of theirs.
    fn relation(
        &self,
        relation: &'static RelationDefinition,
        determined: &mut Determined,
    ) -> Result<(), Term> {
        let keys = relation.leading().filter_map(|name| self.entity.property(name));
        keys.map(|key| Field::of(self.entity, key))
            .try_for_each(|key| self.field(key, determined).ok_or(Term::Field(key)))
    }

    /// Notes a column that has one value in each group.
    fn field(&self, field: Field, determined: &mut Determined) -> Option<()> {
        let path: Vec<_> = field.relations().collect();
        if self.is_key(&path, field.property.name) {
            return Some(());
        }
        self.is_determined(&path, field.entity).then(|| {
            if !determined.fields.contains(&field) {
                determined.fields.push(field);
            }
        })
    }

    /// Whether a property, at the end of a path, is grouped by.
    fn is_key(&self, path: &[&'static RelationDefinition], property: &str) -> bool {
        self.keys.iter().any(|key| match key {
            Term::Field(field) => {
                let names = field.relations().map(|relation| relation.name);
                field.property.name == property
                    && names.eq(path.iter().map(|relation| relation.name))
            }
            _ => false,
        })
    }

    /// Whether all rows of a group have one row of an entity at the end of a path.
    fn is_determined(
        &self,
        path: &[&'static RelationDefinition],
        entity: &'static EntityDefinition,
    ) -> bool {
        let mut id = entity.id().peekable();
        if id.peek().is_some() && id.all(|part| self.is_key(path, part.name)) {
            return true;
        }
        let Some((last, before)) = path.split_last() else { return false };
        if last.may_lead_to_several() {
            return false;
        }
        let source = before.last().map_or(self.entity, |one| one.target.definition());
        last.leading().all(|name| self.is_key(before, name)) || self.is_determined(before, source)
    }
}
