//! Conditions on the targets of each row, and aggregates of them.

use sea_query::{Asterisk, Expr, Func, SelectStatement};

use crate::ast::aggregate::Aggregate;
use crate::ast::predicate::Targets;
use crate::ast::relation_aggregate::{Computation, Made};
use crate::ast::term::Term;
use crate::error::Result;
use crate::sql::from_clause::{FromClause, keys_equal};
use crate::sql::select::SelectBuilder;
use crate::sql::value::Selected;

impl<'writer> FromClause<'writer> {
    /// The value of a term in each row.
    pub(crate) fn term(&mut self, term: &Term) -> Result<Expr> {
        match term {
            Term::Field(field) => self.checked_field(*field),
            Term::RelationAggregate(computation) => {
                self.computed_once(term).map_or_else(|| self.computed(computation), Ok)
            }
            Term::Arithmetic(calculation) => {
                self.computed_once(term).map_or_else(|| self.calculated(calculation), Ok)
            }
            Term::Call(call) => self.computed_once(term).map_or_else(|| self.called(call), Ok),
            Term::OfLink(inner) => self.of_link(term, inner),
        }
    }

    /// The value of a term in each row, to be selected.
    pub(crate) fn selected(&mut self, term: &Term) -> Result<Selected> {
        Ok(Selected::new(self.term(term)?, term.column().map(|field| field.property)))
    }

    /// The targets of each row, of which nothing is selected yet.
    ///
    /// They stand under a name of their own, as do what their filter leads to and asks for in turn,
    /// so that a relation can lead back to where it came from. Where it goes through links that
    /// may repeat each other, each target is one row, unless that makes no difference.
    pub(crate) fn targets(
        &self,
        targets: &Targets,
        each_once: bool,
    ) -> Result<SelectBuilder<'writer>> {
        let Targets { relation, filter, links, visible, .. } = targets;
        self.writer.check_key_array(relation)?;
        let root = self.writer.aliases.target_of(relation).seen(*visible);
        let mut places = FromClause::new(self.writer, root);
        let mut statement = SelectStatement::new();
        self.writer.from(&mut statement, &places.root);
        match &relation.through {
            Some(through) if each_once && (relation.is_numbered() || !through.is_unique()) => {
                statement.and_where(self.is_linked(through, links.as_ref(), &places.root));
            }
            Some(through) => self.link(&mut statement, through, links.as_ref(), &places.root),
            None => {
                statement.and_where(keys_equal(&self.root, relation, &places.root));
            }
        }
        for condition in places.filter(filter)? {
            statement.and_where(condition);
        }
        Ok(SelectBuilder::new(statement, places))
    }

    fn computed(&self, computation: &Computation) -> Result<Expr> {
        let mut targets = self.targets(&computation.targets, true)?;
        let engine = self.writer.engine;
        match &computation.made {
            Made::Count => {
                targets.statement.expr(Func::count(Expr::col(Asterisk)));
                Ok(targets.finish().into())
            }
            Made::Of(aggregate, term, result) => {
                let value = targets.places.term(term)?;
                let value = aggregate.of(engine, term.column_type(), value, None, *result);
                targets.statement.expr(value);
                Ok(Aggregate::compared(engine, *result, targets.finish().into()))
            }
        }
    }
}
