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

use crate::error::{Error, Result};

/// Encryption that is asked for, in the words of PostgreSQL's own library; each asks for more than the
/// one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    /// None.
    Disable,
    /// Wherever the server can.
    Prefer,
    /// Always, whoever the server is.
    Require,
    /// Always, with a certificate that is signed by somebody who is trusted.
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
        let (mut sslmode, mut root) = (None, None);
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
        Ok(Self { config, sslmode, root })
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
        .target_session_attrs(config.get_target_session_attrs())
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
            "`{name}` stands twice in the URL; write it once"
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
mod tests {
    use tokio_postgres::config::{ChannelBinding, SslMode};

    use super::*;
    use crate::driver::encryption::Encryption;

    /// Numbers that are the same each time.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % bound as u64).unwrap_or_default()
        }

        fn one_of<'text>(&mut self, texts: &[&'text str]) -> &'text str {
            texts.get(self.below(texts.len())).copied().unwrap_or_default()
        }

        /// A word, with some of its characters encoded.
        fn spelled(&mut self, word: &str) -> String {
            let mut spelled = String::new();
            for byte in word.bytes() {
                match self.below(6) {
                    0 => spelled.extend([format!("%{byte:02x}")]),
                    1 => spelled.extend([format!("%{byte:02X}")]),
                    _ => spelled.push(char::from(byte)),
                }
            }
            spelled
        }
    }

    fn asked(url: &str) -> Option<Asked> {
        let encryption = Url::read(url).and_then(|url| Encryption::new(&url, None));
        encryption.ok().map(|encryption| encryption.asked)
    }

    /// How much the driver asks for, where it takes the URL.
    fn asked_by_driver(url: &str) -> Option<Asked> {
        let config: Config = url.parse().ok()?;
        Some(match config.get_ssl_mode() {
            SslMode::Disable => Asked::Disable,
            SslMode::Prefer => Asked::Prefer,
            _ => Asked::Require,
        })
    }

    #[test]
    fn the_driver_is_never_asked_for_less_than_it_reads() {
        const PARTS: &[&str] = &[
            "?",
            "?",
            "&",
            "&",
            "=",
            "=",
            "@",
            ":",
            "/",
            "//",
            "#",
            "+",
            " ",
            "%",
            "%2",
            "%zz",
            "%3f",
            "%26",
            "%3D",
            "%40",
            "é",
            "[::1]",
            ",",
            "h",
            "db",
            "5432",
            "sslmode=",
            "ssl%6Dode=",
            "%73slmode=",
            "SSLMODE=",
            "sslmode",
            "disable",
            "prefer",
            "require",
            "re%71uire",
            "verify-ca",
            "verify-full",
            "sslrootcert=",
            "system",
            "%2Fa.pem",
            "application_name=",
            "options=",
            "host=",
            "hostaddr=",
            "127.0.0.1",
            "channel_binding=",
            "sslnegotiation=",
            "direct",
            "connect_timeout=3",
            "sslmode=require",
            "sslmode=disable",
            "sslmode=prefer",
        ];
        let mut random = Random(0x5eed);
        let (mut both, mut raised) = (0, 0);
        for _ in 0..40_000 {
            let mut url = random.one_of(&["postgres://", "postgresql://"]).to_owned();
            url.push_str(random.one_of(&[
                "",
                "bob@",
                "bob:a?b@",
                "bob:a%3fb@h",
                "h/db?",
                "h?",
                "b:p@h/db?",
            ]));
            for _ in 0..random.below(9) {
                url.push_str(random.one_of(PARTS));
            }
            let (Some(ours), Some(drivers)) = (asked(&url), asked_by_driver(&url)) else {
                continue;
            };
            assert!(ours >= drivers, "{url}: {ours:?} for {drivers:?}");
            let (read, config) = (Url::read(&url), url.parse::<Config>());
            assert_eq!(read.ok().map(|url| url.config), config.ok(), "{url}");
            both += 1;
            raised += usize::from(drivers > Asked::Prefer);
        }
        assert!(both > 2_000 && raised > 40, "{both} URLs are read by both, {raised} ask for more");
    }

    #[test]
    fn a_mode_is_read_in_each_spelling() {
        let modes = ["disable", "prefer", "require", "verify-full"];
        let mut random = Random(7);
        for _ in 0..20_000 {
            let mode = random.one_of(&modes);
            let user =
                random.one_of(&["", "bob@", "bob:p?w@", "bob:?sslmode=disable@", "bob:p:w/?x=y&@"]);
            let before =
                random.one_of(&["", "application_name=a?b&", "options=%26sslmode%3Ddisable&"]);
            let after = random.one_of(&["", "&", "&application_name=sslmode=disable", "&user=ann"]);
            let (name, value) = (random.spelled("sslmode"), random.spelled(mode));
            let url = format!("postgres://{user}h/db?{before}{name}={value}{after}");
            assert_eq!(asked(&url), Asked::named(mode), "{url}");
        }
    }

    #[test]
    fn a_parameter_that_is_not_understood_is_refused() {
        for parameters in [
            "sslmode=allow",
            "sslmode=",
            "sslmode",
            "&sslmode=require",
            "?sslmode=require",
            "sslmode=require&sslmode=require",
            "sslmode=require&ssl%6dode=disable",
            "sslrootcert=",
            "sslrootcert=%2",
            "sslrootcert=%ff",
            "sslrootcert=a&sslrootcert=b",
            "channel_binding=require&channel_binding=disable",
            "SslMode=require",
            "sslcrl=a",
            "nothing=1",
        ] {
            let refused = Url::read(&format!("postgres://a@b/c?{parameters}"));
            assert!(refused.is_err_and(|error| error.is_invalid_request()), "{parameters}");
        }
        for url in ["postgres:a", "postgresql:/a", "mysql://a", "host=a sslmode=require", ""] {
            assert!(Url::read(url).is_err_and(|error| error.is_invalid_request()), "{url}");
        }
    }

    #[test]
    fn a_password_that_is_not_encoded_names_no_host() {
        for url in [
            "postgres://bob:p@ss@h/db",
            "postgres://bob:p@s/s@h/db",
            "postgres://b@ob:p@h",
            "postgres://bob:p@h/a@b?sslmode=require",
            "postgres://h/db?user=a@b",
            "postgres://h/db?user=a@b&password=c@d",
        ] {
            let error = Url::read(url).map(drop).err().map(|error| error.to_string());
            assert!(error.is_some_and(|error| error.contains("%40")), "{url}");
        }
        for (url, host) in [
            ("postgres://bob:p%40ss@h/db", "h"),
            ("postgres://h/db?user=a%40b&password=c%40d", "h"),
            ("postgres://bob:a/b?c@h/db?password=c@d", "h"),
            ("postgres://bob@h/db?application_name=a@b", "h"),
        ] {
            let read = Url::read(url).map(|url| url.config.get_hosts().to_vec());
            assert_eq!(read.ok(), Some(vec![Host::Tcp(host.to_owned())]), "{url}");
        }
    }

    #[test]
    fn each_parameter_of_the_driver_is_known() {
        for known in KNOWN {
            let url = format!("postgres://h/db?{known}=1");
            let driver = url.parse::<Config>().map_err(|error| format!("{error:?}"));
            assert!(!driver.is_err_and(|error| error.contains("UnknownOption")), "{known}");
        }
    }

    #[test]
    fn each_server_has_what_the_url_says() {
        let url = "postgres://bob:secret@a:1,b:2/shop?channel_binding=require&keepalives_retries=3&\
                   hostaddr=127.0.0.1,127.0.0.2&target_session_attrs=read-write&sslmode=verify-full";
        let servers = Url::read(url).and_then(|url| url.servers()).unwrap_or_default();
        let [first, second] = servers.as_slice() else { unreachable!("two servers: {servers:?}") };
        assert_eq!((first.get_ports(), second.get_ports()), (&[1][..], &[2][..]));
        assert_eq!(second.get_hosts(), [Host::Tcp("b".to_owned())]);
        assert_eq!(second.get_hostaddrs().len(), 1);
        assert_eq!(second.get_password(), Some(&b"secret"[..]));
        assert_eq!(second.get_channel_binding(), ChannelBinding::Require);
        assert_eq!(second.get_keepalives_retries(), Some(3));
        for wrong in [
            "postgres:///shop",
            "postgres://a,b:1,c:2/d?port=1,2",
            "postgres://a,b/c?hostaddr=127.0.0.1",
        ] {
            let refused = Url::read(wrong).and_then(|url| url.servers());
            assert!(refused.is_err_and(|error| error.is_invalid_request()), "{wrong}");
        }
    }
}
