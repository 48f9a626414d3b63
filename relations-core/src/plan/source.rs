//! The source of a relation in a row: its key, and the kind of that.

use smallvec::SmallVec;

use crate::definition::entity::EntityDefinition;
use crate::definition::kind::KindDefinition;
use crate::definition::relation::RelationDefinition;
use crate::plan::tree::RowPlan;

/// The source of a planned relation, with the positions of its key and of the kind of that in a row.
#[derive(Debug, Clone)]
pub(crate) struct PlannedSource {
    pub(crate) entity: &'static EntityDefinition,
    pub(crate) key_from: SmallVec<[usize; 1]>,
    pub(crate) kind_from: Option<(usize, &'static KindDefinition)>,
}

impl RowPlan {
    /// The source of a relation, and where its key and the kind of that are in a row.
    pub(super) fn source(
        &self,
        entity: &'static EntityDefinition,
        relation: &RelationDefinition,
    ) -> PlannedSource {
        let kind = relation.kind_of_source().and_then(|kind| {
            let at = self.positions(entity, &[kind.property]);
            Some((*at.first()?, kind))
        });
        PlannedSource {
            entity,
            key_from: self.positions(entity, relation.key_from),
            kind_from: kind,
        }
    }
}
