//! Encryption by `sslmode`.

use super::*;

/// A server that knows no encryption: it says so, and whatever else is said it goes.
async fn plain_server() -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 8];
            let _ = stream.read_exact(&mut asked).await;
            let _ = stream.write_all(b"N").await;
        }
    });
    format!("postgres://postgres@127.0.0.1:{port}/shop")
}

#[tokio::test]
async fn what_is_to_be_encrypted_is_so_or_fails() {
    let server = plain_server().await;
    let error = connect(&format!("{server}?sslmode=require")).await.unwrap_err();
    assert!(if cfg!(feature = "tls") { error.is_connection() } else { error.is_invalid_request() });
    for wrong in ["sslmode=sometimes", "sslmode=require&sslrootcert=system", "sslrootcert=%zz"] {
        assert!(
            connect(&format!("{server}?{wrong}")).await.unwrap_err().is_invalid_request(),
            "{wrong}"
        );
    }
    for missing in ["/no/such/file.pem", "Cargo.toml"] {
        let missing = format!("{server}?sslmode=verify-ca&sslrootcert={missing}");
        assert!(connect(&missing).await.unwrap_err().is_invalid_request(), "{missing}");
    }
}

/// Runs itself once more beside a server that encrypts, by a certificate that is made for the test.
#[cfg(feature = "tls")]
#[tokio::test]
async fn a_server_is_verified_as_the_mode_says() {
    let Ok(root) = std::env::var("RELATIONS_TEST_POSTGRES_ROOT") else {
        if support::postgres_url().await.is_none() {
            return;
        }
        // Other programs of PostgreSQL may have been built without encryption.
        let mut beside = std::process::Command::new("scripts/postgres");
        beside.env_remove("POSTGRES_PROGRAMS");
        let this = std::env::current_exe().unwrap();
        beside.args(["run", "--tls"]).arg(this);
        beside.args(["--exact", "options::encryption::a_server_is_verified_as_the_mode_says"]);
        let ran = tokio::task::spawn_blocking(move || beside.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        let failed = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && said.contains("1 passed"), "{said}{failed}");
        return;
    };
    let address = std::env::var("RELATIONS_TEST_POSTGRES").unwrap();
    let named = address.replace("127.0.0.1", "localhost");
    let client = support::client(&address).await;
    let encrypted = async |db: &Database| {
        let sql = "EXISTS (SELECT FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl)";
        let filter = Filter::<Customer>::raw(sql, ());
        Customer::find().filter(filter).count(db).await.unwrap() > 0
    };
    let first = connect(&address).await.unwrap();
    cast::create(&first).await;
    cast::customers(&first).await;
    let known = &format!("&sslrootcert={root}");
    for (url, expected) in [
        (format!("{address}?sslmode=disable"), Some(false)),
        (address.clone(), Some(true)),
        (format!("{address}?sslmode=prefer"), Some(true)),
        (format!("{address}?sslmode=require"), Some(true)),
        // Somebody is trusted, so that the server is to be known.
        (format!("{address}?sslmode=require{known}"), Some(true)),
        (format!("{address}?sslmode=verify-ca"), None),
        (format!("{address}?sslmode=verify-ca{known}"), Some(true)),
        (format!("{address}?sslmode=verify-full{known}"), None),
        (format!("{named}?sslmode=verify-full"), None),
        (format!("{named}?sslmode=verify-full{known}"), Some(true)),
    ] {
        match (connect(&url).await, expected) {
            (Ok(db), Some(expected)) => assert_eq!(encrypted(&db).await, expected, "{url}"),
            // A system that trusts nobody says so.
            (Err(error), None) => {
                assert!(error.is_connection() || error.is_invalid_request(), "{error:?}");
            }
            (connected, _) => panic!("{url}: {connected:?}"),
        }
    }

    let options =
        ConnectOptions::new(format!("{named}?sslmode=verify-full")).root_certificate(&root);
    let late = options.statement_timeout(Duration::from_millis(200)).connect().await.unwrap();
    assert!(encrypted(&late).await);
    // A request to cancel is encrypted too.
    let filter = slow(Engine::Postgres);
    assert!(Customer::find().filter(filter).all(&late).await.unwrap_err().is_timeout());
    nothing_is_slow(&client).await;
}
