//! The kind of server that a pool wants, and the kind that a server says it is.

use std::sync::atomic::{AtomicU8, Ordering};

/// The server that `target_session_attrs` of a URL asks for, in the words of libpq.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TargetSession {
    /// Any server.
    #[default]
    Any,
    /// A server whose sessions may write.
    ReadWrite,
    /// A server whose sessions only read: a standby, or one with `default_transaction_read_only`.
    ReadOnly,
    /// A server that is not in recovery.
    Primary,
    /// A server that is in recovery.
    Standby,
    /// A standby, or any other server where there is none.
    PreferStandby,
}

/// The relation of a server to a [`TargetSession`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    Wanted,
    /// To be used where no server is wanted more.
    Spare,
    Refused,
}

impl TargetSession {
    /// All of them, by their names.
    const NAMED: [(&'static str, Self); 6] = [
        ("any", Self::Any),
        ("read-write", Self::ReadWrite),
        ("read-only", Self::ReadOnly),
        ("primary", Self::Primary),
        ("standby", Self::Standby),
        ("prefer-standby", Self::PreferStandby),
    ];

    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, target)| *target == self).map_or("any", |(name, _)| name)
    }

    /// Whether its sessions can write for sure.
    pub(crate) fn writes(self) -> bool {
        self == Self::ReadWrite
    }

    pub(crate) fn fit(self, role: Role) -> Fit {
        let is_wanted = match self {
            Self::ReadWrite => !role.standby && !role.read_only,
            Self::ReadOnly => role.standby || role.read_only,
            Self::Primary => !role.standby,
            Self::Standby => role.standby,
            Self::PreferStandby if !role.standby => return Fit::Spare,
            Self::Any | Self::PreferStandby => true,
        };
        if is_wanted { Fit::Wanted } else { Fit::Refused }
    }
}

/// The role of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) standby: bool,
    /// Whether transactions only read unless they say otherwise.
    pub(crate) read_only: bool,
}

impl Role {
    /// The role of a server by the settings that it reports, as PostgreSQL 14 and newer do. A pooler
    /// and an older server leave them out.
    pub(crate) fn reported<'a>(setting: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let is_on = |name| setting(name).map(|value| value == "on");
        let (standby, read_only) =
            (is_on("in_hot_standby")?, is_on("default_transaction_read_only")?);
        Some(Self { standby, read_only })
    }
}

/// Asks a server for its role: whether it is in recovery, and the default of its transactions.
pub(crate) const ROLE: &str = "SELECT pg_catalog.pg_is_in_recovery()::text, \
                               pg_catalog.current_setting('default_transaction_read_only')";

/// The role that a server has reported last on a connection. A promoted server reports its new role
/// with its next answer.
#[derive(Debug, Default)]
pub(crate) struct ReportedRole(AtomicU8);

impl ReportedRole {
    const KNOWN: u8 = 1;
    const STANDBY: u8 = 2;
    const READ_ONLY: u8 = 4;

    pub(crate) fn set(&self, role: Role) {
        let bit = |is_set, bit| if is_set { bit } else { 0 };
        let bits = bit(role.standby, Self::STANDBY) | bit(role.read_only, Self::READ_ONLY);
        self.0.store(Self::KNOWN | bits, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Option<Role> {
        let bits = self.0.load(Ordering::Relaxed);
        let role =
            Role { standby: bits & Self::STANDBY != 0, read_only: bits & Self::READ_ONLY != 0 };
        (bits & Self::KNOWN != 0).then_some(role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_takes_the_servers_that_libpq_takes() {
        use Fit::{Refused, Spare, Wanted};

        let role = |standby, read_only| Role { standby, read_only };
        let servers = [role(false, false), role(false, true), role(true, false), role(true, true)];
        let fits =
            |name| servers.map(|server| TargetSession::named(name).unwrap_or_default().fit(server));
        assert_eq!(fits("any"), [Wanted; 4]);
        assert_eq!(fits("read-write"), [Wanted, Refused, Refused, Refused]);
        assert_eq!(fits("read-only"), [Refused, Wanted, Wanted, Wanted]);
        assert_eq!(fits("primary"), [Wanted, Wanted, Refused, Refused]);
        assert_eq!(fits("standby"), [Refused, Refused, Wanted, Wanted]);
        assert_eq!(fits("prefer-standby"), [Spare, Spare, Wanted, Wanted]);
        assert_eq!(TargetSession::named("slave"), None);
        for (name, target) in TargetSession::NAMED {
            assert_eq!((target.name(), TargetSession::named(name)), (name, Some(target)));
        }
    }

    #[test]
    fn a_role_is_known_when_the_server_reports_all_of_it() {
        let reported = |settings: &'static [(&str, &str)]| {
            Role::reported(|name| settings.iter().find(|(of, _)| *of == name).map(|(_, is)| *is))
        };
        let role = |standby, read_only| Some(Role { standby, read_only });
        let both = [("in_hot_standby", "on"), ("default_transaction_read_only", "off")];
        assert_eq!(reported(&[("in_hot_standby", "on")]), None);
        assert_eq!(
            Role::reported(|name| both.iter().find(|(of, _)| *of == name).map(|(_, is)| *is)),
            role(true, false)
        );
        let last = ReportedRole::default();
        assert_eq!(last.get(), None);
        last.set(Role { standby: false, read_only: true });
        assert_eq!(last.get(), role(false, true));
    }
}
