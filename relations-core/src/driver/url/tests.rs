//! URLs as this crate reads them, beside the driver's reading.

use tokio_postgres::config::{ChannelBinding, SslMode};

use super::*;
use crate::driver::encryption::Encryption;

/// Numbers that are the same each time.
struct RandomUrls(u64);

impl RandomUrls {
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

/// The encryption that the driver asks for, where it takes the URL.
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
    let mut random = RandomUrls(0x5eed);
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
    let mut random = RandomUrls(7);
    for _ in 0..20_000 {
        let mode = random.one_of(&modes);
        let user =
            random.one_of(&["", "bob@", "bob:p?w@", "bob:?sslmode=disable@", "bob:p:w/?x=y&@"]);
        let before = random.one_of(&["", "application_name=a?b&", "options=%26sslmode%3Ddisable&"]);
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
