//! The distribution of rows over the servers of a cluster.

/// The distribution of an entity's rows over the servers of a Citus cluster. Other databases ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[doc(alias = "sharding")]
#[doc(alias = "citus")]
#[non_exhaustive]
pub enum Distribution {
    /// One server has all of them.
    #[default]
    OneServer,
    /// The value of this property determines the server of a row:
    /// `#[entity(distributed_by = "…")]`.
    By(&'static str),
    /// Each server has all of them: `#[entity(reference)]`.
    Reference,
}

impl Distribution {
    /// Whether it is that of most entities.
    #[cfg(feature = "serde")]
    pub(crate) fn is_one_server(&self) -> bool {
        matches!(self, Self::OneServer)
    }
}
