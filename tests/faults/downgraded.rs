//! Encryption that is asked for, by all its spellings, beside servers that do not give it: a password
//! goes in clear only where `sslmode` allows it.

use std::time::Duration;

use ::relations::ConnectOptions;
use futures_util::future::join_all;

use crate::fake_server::{FakeServer, Moment, PASSWORD, Reply, login, ready};
use crate::tally::tried;

/// The time that a connection may take to a server that does not answer.
const LIMIT: Duration = Duration::from_secs(1);

/// A certificate of nobody's.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/root.pem");

/// Certificates that are trusted, as a program may name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trusted {
    Nobody,
    InUrl,
    InOption,
    Missing,
    System,
}

/// Answers to the question whether the server encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    No,
    Error,
    Garbage,
    NotAtAll,
    YesAndSilent,
    YesAndClosed,
    YesAndPlainText,
}

impl Answer {
    const ALL: [Self; 7] = [
        Self::No,
        Self::Error,
        Self::Garbage,
        Self::NotAtAll,
        Self::YesAndSilent,
        Self::YesAndClosed,
        Self::YesAndPlainText,
    ];

    fn reply(self) -> Reply {
        match self {
            Self::No => Reply::Bytes(b"N".to_vec()),
            Self::Error => Reply::Bytes(crate::fake_server::error(&[(b'M', "what?")])),
            Self::Garbage => Reply::Bytes(b"R".to_vec()),
            Self::NotAtAll => Reply::Silence(Vec::new()),
            Self::YesAndSilent => Reply::Silence(b"S".to_vec()),
            Self::YesAndClosed => Reply::Close(b"S".to_vec()),
            Self::YesAndPlainText => {
                Reply::Silence([b"S".to_vec(), login(3, &[]), login(0, &[]), ready()].concat())
            }
        }
    }
}

/// A server that answers so, and then asks for a password.
async fn server(answer: Answer) -> FakeServer {
    let asks = Reply::Turns(vec![login(3, &[]), login(0, &[])]);
    FakeServer::start(vec![(Moment::Encryption, answer.reply()), (Moment::Login, asks)]).await
}

/// End of an attempt to connect.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    /// It is refused before anybody is asked.
    Refused,
    /// It fails before a password is sent.
    Failed,
    /// The password is sent in clear, and the server lets the client in.
    InClear,
}

/// The table of the documentation.
#[allow(clippy::match_same_arms, reason = "the first that fits counts")]
fn expected(mode: Option<&str>, trusted: Trusted, answer: Answer) -> Expected {
    let is_built_in = cfg!(feature = "tls");
    match (mode, trusted) {
        (Some("disable"), Trusted::Nobody) => Expected::InClear,
        (Some("allow" | "VERIFY-FULL" | "disable"), _) | (_, Trusted::Missing) => Expected::Refused,
        (None | Some("prefer"), Trusted::Nobody) if !is_built_in || answer == Answer::No => {
            Expected::InClear
        }
        (None | Some("prefer"), Trusted::Nobody) => Expected::Failed,
        (Some("verify-ca"), Trusted::Nobody) => Expected::Refused,
        (Some(mode), Trusted::System) if mode != "verify-full" => Expected::Refused,
        _ if is_built_in => Expected::Failed,
        _ => Expected::Refused,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_goes_in_clear_only_as_the_mode_says() {
    let modes = [
        None,
        Some("disable"),
        Some("allow"),
        Some("prefer"),
        Some("require"),
        Some("verify-ca"),
        Some("verify-full"),
        Some("VERIFY-FULL"),
    ];
    let all_trusted =
        [Trusted::Nobody, Trusted::InUrl, Trusted::InOption, Trusted::Missing, Trusted::System];
    tried(60, async |tally| {
        for mode in modes {
            let cases = all_trusted
                .into_iter()
                .flat_map(|trusted| Answer::ALL.into_iter().map(move |answer| (trusted, answer)));
            let tried = cases.map(|(trusted, answer)| async move {
                let server = server(answer).await;
                let mut parameters = Vec::new();
                parameters.extend(mode.map(|mode| format!("sslmode={mode}")));
                match trusted {
                    Trusted::InUrl => parameters.push(format!("sslrootcert={ROOT}")),
                    Trusted::Missing => parameters.push("sslrootcert=/no/such/file.pem".to_owned()),
                    Trusted::System => parameters.push("sslrootcert=system".to_owned()),
                    Trusted::Nobody | Trusted::InOption => {}
                }
                let url = server.url(&format!("?{}", parameters.join("&")));
                let mut options = ConnectOptions::new(url).connect_timeout(LIMIT);
                if trusted == Trusted::InOption {
                    options = options.root_certificate(ROOT);
                }
                let case = format!("{mode:?}, {trusted:?}, {answer:?}");
                let connected = options.connect().await;
                let expected = expected(mode, trusted, answer);
                let in_clear = server.has_heard(PASSWORD);
                assert_eq!(in_clear, expected == Expected::InClear, "{case}: {connected:?}");
                match connected {
                    Ok(_) => assert_eq!(expected, Expected::InClear, "{case}"),
                    // A system that trusts nobody says so beforehand.
                    Err(error) if error.is_invalid_request() => assert!(
                        expected == Expected::Refused
                            || trusted == Trusted::System
                            || mode == Some("verify-full") && trusted == Trusted::Nobody,
                        "{case}: {error}",
                    ),
                    Err(error) => {
                        assert!(error.is_connection(), "{case}: {error:?}");
                        assert_eq!(expected, Expected::Failed, "{case}: {error:?}");
                    }
                }
            });
            tally.injected.add(join_all(tried).await.len() as u64);
        }
    })
    .await;
}

#[tokio::test]
async fn a_mode_is_understood_however_it_is_spelled() {
    let server = server(Answer::No).await;
    let address = server.address();
    for spelled in [
        "postgres://bob:hun?ter2@{}/shop?sslmode=require",
        "postgres://bob:hunter2@{}/shop?ssl%6Dode=require",
        "postgres://bob:hunter2@{}/shop?%73%73%6c%6D%6f%64%65=%72equire",
        "postgresql://bob:hunter2@{}/shop?application_name=a?b&sslmode=require",
        "postgres://bob:hunter2@{}?sslmode=require",
        "postgres://bob:hunter2@{}/?sslmode=require",
        "postgres://bob:hunter2@{}/shop?sslmode=require&",
        "postgres://bob:hunter2@{}/shop?sslmode=require&application_name=sslmode=disable",
        // Each of these is refused.
        "postgres://bob:hunter2@{}/shop?sslmode=require&sslmode=disable",
        "postgres://bob:hunter2@{}/shop?sslmode=require&ssl%6Dode=prefer",
        "postgres://bob:hunter2@{}/shop?sslmode=disable&sslmode=require",
        "postgres://bob:hunter2@{}/shop?&sslmode=require",
        "postgres://bob:hunter2@{}/shop??sslmode=require",
        "postgres://bob:hunter2@{}/shop?SSLMODE=require",
        "postgres://bob:hunter2@{}/shop?sslmode=Require",
        "postgres://bob:hunter2@{}/shop?sslmode=require%20",
        "postgres://bob:hunter2@{}/shop?sslmode%20=require",
        "postgres://bob:hunter2@{}/shop?sslmode",
        "postgres://bob:hunter2@{}/shop?sslmode=",
        "postgres://bob:hunter2@{}/shop?sslmode=require#fragment",
        "postgres://bob:hunter2@{}/shop?requiressl=1",
        "postgres://bob:hunter2@{}/shop?ssl=true",
        "postgres://bob:hunter2@{}/shop?sslcert=/a.pem",
        "postgres://bob:hunter2@{}/shop?gssencmode=require",
        "postgres://bob:hunter2@{}/shop?sslnegotiation=direct",
        "postgres://bob:hunter2@{}/shop?sslnegotiation=direct&sslmode=prefer",
        "postgres://bob:hunter2@{}/shop?sslnegotiation=direct&sslmode=require",
        "postgres://bob:hunter2@{}/shop?channel_binding=require",
        "postgres://bob:hunter2@{}/shop?channel_binding=require&channel_binding=disable",
        "POSTGRES://bob:hunter2@{}/shop?sslmode=require",
        "postgres:host={} user=bob password=hunter2 sslmode=require",
    ] {
        let url = spelled.replace("{}", &address);
        let connected = ConnectOptions::new(&url).connect_timeout(LIMIT).connect().await;
        let error = connected.expect_err(spelled);
        assert!(error.is_invalid_request() || error.is_connection(), "{spelled}: {error:?}");
        let heard = server.has_heard("hunter2") || server.has_heard("hun?ter2");
        assert!(!heard, "{spelled} sends the password in clear");
    }
    // The server asks for it, and is told where nothing forbids it.
    let url = server.url("?sslmode=prefer&application_name=a");
    ConnectOptions::new(&url).connect_timeout(LIMIT).connect().await.unwrap();
    assert!(server.has_heard(PASSWORD));
}

/// A server on this machine is reached without encryption, which no mode may hide.
#[cfg(unix)]
#[tokio::test]
async fn a_socket_of_a_file_is_no_encryption() {
    for mode in ["require", "verify-full"] {
        let url = format!("postgres://bob@%2Fno%2Fsuch/shop?sslmode={mode}");
        let error = ConnectOptions::new(url).connect().await.unwrap_err();
        assert!(error.is_invalid_request(), "{mode}: {error:?}");
    }
    let error =
        ConnectOptions::new("postgres://bob@%2Fno%2Fsuch/shop").connect().await.unwrap_err();
    assert!(error.is_connection(), "{error:?}");
}
