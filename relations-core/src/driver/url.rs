//! The URL of a PostgreSQL database.
//!
//! The driver reads it. What it does not know is taken out of the parameters before, which are found
//! and decoded as the driver does: they begin at the first `?` behind the first `@`, each has a `=`,
//! and names are decoded. So both read the same parameters, whatever the URL.

use std::borrow::Cow;
use std::path::PathBuf;
use std::str;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::driver::postgres::target_session::TargetSession;
use crate::error::{Error, Result};

/// Encryption that is asked for, in the words of PostgreSQL's own library; each asks for more than the
/// one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    /// None.
    Disable,
    /// If the server supports it.
    Prefer,
    /// Always, without a check of the server's identity.
    Require,
    /// Always, with a certificate that a trusted authority has signed.
    VerifyCa,
    /// Always, with such a certificate that names the server.
    VerifyFull,
}

/// The authorities whose certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// The authorities of the system.
    System,
    /// The authorities in a file.
    File(PathBuf),
}

impl Asked {
    /// The mode of that name.
    pub(crate) fn named(mode: &str) -> Option<Self> {
        Some(match mode {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }
}

/// A URL as it is understood.
#[derive(Debug, Clone)]
pub(crate) struct Url {
    /// All that the driver knows.
    pub(crate) config: Config,
    pub(crate) sslmode: Option<Asked>,
    pub(crate) root: Option<Root>,
    /// The kind of server that is wanted; the driver knows only some of them.
    pub(crate) target: TargetSession,
}

impl Url {
    /// Reads a URL. A parameter that is not known, or that says a second time how to encrypt, is
    /// refused.
    pub(crate) fn read(url: &str) -> Result<Self> {
        let (address, mut rest) = parameters_of(url).ok_or_else(not_understood)?;
        if !is_clear(address) {
            return Err(Error::invalid_request(
                "the URL does not tell the user from the host: the first `@` ends the user and the \
                 password; write `%40` for any other, `%2F` for a `/` and `%3F` for a `?` before it",
            ));
        }
        let (mut sslmode, mut root, mut target) = (None, None, TargetSession::default());
        let (mut binding, mut negotiation) = (None, None);
        let mut known = String::from(address);
        while !rest.is_empty() {
            let (name, after) = rest.split_once('=').ok_or_else(not_understood)?;
            let (value, after) = after.split_once('&').unwrap_or((after, ""));
            rest = after;
            let decoded_name = decoded(name);
            let (name, value) = match &*decoded_name {
                b"sslmode" => {
                    let mode = mode_of(value)?;
                    once(sslmode.replace(mode).is_some(), "sslmode")?;
                    let of_driver = match mode {
                        Asked::Disable => "disable",
                        Asked::Prefer => "prefer",
                        Asked::Require | Asked::VerifyCa | Asked::VerifyFull => "require",
                    };
                    (name, of_driver)
                }
                b"sslrootcert" => {
                    once(root.replace(root_of(value)?).is_some(), "sslrootcert")?;
                    continue;
                }
                b"target_session_attrs" => {
                    target = target_of(value)?;
                    continue;
                }
                b"channel_binding" => {
                    once(binding.replace(()).is_some(), "channel_binding")?;
                    (name, value)
                }
                b"sslnegotiation" => {
                    once(negotiation.replace(()).is_some(), "sslnegotiation")?;
                    (name, value)
                }
                known if is_known(known) => (name, value),
                _ => return Err(unknown_parameter()),
            };
            known.push(if known.len() == address.len() { '?' } else { '&' });
            known.push_str(name);
            known.push('=');
            known.push_str(value);
        }
        let config: Config = known
            .parse()
            .map_err(|error: tokio_postgres::Error| not_understood().because(error))?;
        Ok(Self { config, sslmode, root, target })
    }

    /// The servers of the URL, each by itself, in the order in which they are tried.
    pub(crate) fn servers(&self) -> Result<Vec<Config>> {
        let (hosts, addresses) = (self.config.get_hosts(), self.config.get_hostaddrs());
        let ports = self.config.get_ports();
        let number = hosts.len().max(addresses.len());
        if number == 0 {
            return Err(Error::invalid_request(
                "the URL names no host; write it behind the `@`, as in `postgres://user@localhost/shop`",
            ));
        }
        let fits = |length: usize| length == 0 || length == number;
        if !fits(hosts.len()) || !fits(addresses.len()) || !(fits(ports.len()) || ports.len() == 1)
        {
            return Err(Error::invalid_request(
                "the URL names a different number of hosts, of their addresses and of their ports; \
                 write one of each for each server",
            ));
        }
        let server_at = |place: usize| {
            let mut server = without_hosts(&self.config);
            let address = addresses.get(place);
            match (hosts.get(place), address) {
                (Some(Host::Tcp(name)), _) => server.host(name),
                // The address is the name that a certificate must have.
                (_, Some(address)) => server.host(address.to_string()),
                #[cfg(unix)]
                (Some(Host::Unix(path)), None) => server.host_path(path),
                (None, None) => &mut server,
            };
            if let Some(address) = address {
                server.hostaddr(*address);
            }
            if let Some(port) = ports.get(place).or_else(|| ports.first()) {
                server.port(*port);
            }
            server
        };
        Ok((0..number).map(server_at).collect())
    }
}

/// All that a configuration says beside its servers.
fn without_hosts(config: &Config) -> Config {
    let mut copy = Config::new();
    if let Some(user) = config.get_user() {
        copy.user(user);
    }
    if let Some(password) = config.get_password() {
        copy.password(password);
    }
    if let Some(name) = config.get_dbname() {
        copy.dbname(name);
    }
    if let Some(options) = config.get_options() {
        copy.options(options);
    }
    if let Some(name) = config.get_application_name() {
        copy.application_name(name);
    }
    if let Some(time) = config.get_connect_timeout() {
        copy.connect_timeout(*time);
    }
    if let Some(time) = config.get_tcp_user_timeout() {
        copy.tcp_user_timeout(*time);
    }
    copy.keepalives(config.get_keepalives()).keepalives_idle(config.get_keepalives_idle());
    if let Some(time) = config.get_keepalives_interval() {
        copy.keepalives_interval(time);
    }
    if let Some(retries) = config.get_keepalives_retries() {
        copy.keepalives_retries(retries);
    }
    copy.ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .channel_binding(config.get_channel_binding())
        .load_balance_hosts(config.get_load_balance_hosts());
    copy
}

/// A URL up to its parameters, and these. `None` where it is of another kind.
fn parameters_of(url: &str) -> Option<(&str, &str)> {
    let scheme =
        ["postgres://", "postgresql://"].into_iter().find(|scheme| url.starts_with(scheme))?;
    // The user and the password may hold any character.
    let named = url.find('@').unwrap_or(scheme.len());
    let begin = url.get(named..)?.find('?').map_or(url.len(), |at| named + at);
    let parameters = url.get(begin..)?;
    Some((url.get(..begin)?, parameters.strip_prefix('?').unwrap_or_default()))
}

/// Names of parameters that the driver knows, beside those about encryption.
const KNOWN: [&str; 16] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "load_balance_hosts",
];

fn is_known(name: &[u8]) -> bool {
    KNOWN.iter().any(|known| known.as_bytes() == name)
}

/// The name is not told: behind a `?` in a password it is a part of that.
fn unknown_parameter() -> Error {
    Error::invalid_request(format!(
        "the URL has a parameter that is not known; there are sslmode, sslrootcert, sslnegotiation, \
         channel_binding, {}. If a `?` or an `&` belongs to the password, write `%3F` or `%26`",
        KNOWN.join(", "),
    ))
}

/// Whether the first `@` of an address is certainly the one before the host. The driver takes it for that
/// even where it stands in a password, a parameter or the name of a database.
fn is_clear(address: &str) -> bool {
    let Some((before, behind)) = address.split_once('@') else { return true };
    let behind_scheme = before.split_once("://").map_or(before, |(_, behind)| behind);
    let user = behind_scheme.split_once(':').map_or(behind_scheme, |(user, _)| user);
    !behind.contains('@') && !user.contains(['/', '?'])
}

/// A parameter says how to encrypt, and may do so once.
fn once(is_second: bool, name: &str) -> Result<()> {
    if is_second {
        return Err(Error::invalid_request(format!(
            "`{name}` appears twice in the URL; write it once"
        )));
    }
    Ok(())
}

fn mode_of(value: &str) -> Result<Asked> {
    let mode = decoded(value);
    str::from_utf8(&mode).ok().and_then(Asked::named).ok_or_else(|| {
        Error::invalid_request(
            "this `sslmode` is not known; write `disable`, `prefer`, `require`, `verify-ca` or \
             `verify-full`",
        )
    })
}

fn target_of(value: &str) -> Result<TargetSession> {
    let name = decoded(value);
    str::from_utf8(&name).ok().and_then(TargetSession::named).ok_or_else(|| {
        Error::invalid_request(
            "this `target_session_attrs` is not known; write `any`, `read-write`, `read-only`, \
             `primary`, `standby` or `prefer-standby`",
        )
    })
}

fn root_of(value: &str) -> Result<Root> {
    let name = decoded(value);
    let name = str::from_utf8(&name).ok().filter(|name| !name.is_empty() && is_encoded(value));
    match name {
        Some("system") => Ok(Root::System),
        Some(path) => Ok(Root::File(path.into())),
        None => Err(Error::invalid_request(
            "this `sslrootcert` cannot be read; write the path of a file, in which a `%` is followed by \
             the code of a character, or `system`",
        )),
    }
}

/// Text of a URL as the driver decodes it: a `%` that no code follows stands for itself.
fn decoded(text: &str) -> Cow<'_, [u8]> {
    let bytes = text.as_bytes();
    if !bytes.contains(&b'%') {
        return Cow::Borrowed(bytes);
    }
    let (mut decoded, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        let code = if first == b'%' { code_of(after) } else { None };
        decoded.push(code.unwrap_or(first));
        if code.is_some() {
            rest = after.get(2..).unwrap_or_default();
        }
    }
    Cow::Owned(decoded)
}

/// The character that two digits are the code of.
fn code_of(digits: &[u8]) -> Option<u8> {
    let digit = |place: usize| char::from(*digits.get(place)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// Whether each `%` is followed by a code.
fn is_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|after| code_of(after.as_bytes()).is_some())
}

fn not_understood() -> Error {
    Error::invalid_request(
        "this is no URL of a PostgreSQL database; write it as in \
         `postgres://user:password@localhost:5432/shop?sslmode=verify-full`",
    )
}

#[cfg(test)]
mod tests;
