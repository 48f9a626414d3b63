//! The table of servers that break the protocol.

use crate::fake_server::{
    Made, Moment, Reply, claimed, columns, error, login, message, ready, row,
};

/// A server that does one thing wrong.
pub struct Behaviour {
    pub name: &'static str,
    pub moment: Moment,
    pub reply: Reply,
    /// Whether a client gets its answer all the same.
    pub is_harmless: bool,
}

impl Behaviour {
    /// Whether it happens before the client is let in.
    pub fn is_before_login(&self) -> bool {
        !matches!(self.moment, Moment::Asked(_))
    }
}

const INT4: u32 = 23;

fn one() -> Vec<u8> {
    row(&[Some(&[0, 0, 0, 1])])
}

fn done() -> Vec<u8> {
    message(b'C', b"SELECT 1\0")
}

/// A notice with that text.
fn notice(text: &str) -> Vec<u8> {
    let mut notice = error(&[(b'S', "NOTICE"), (b'C', "00000"), (b'M', text)]);
    notice[0] = b'N';
    notice
}

/// A request for a password by SCRAM.
fn scram() -> Vec<u8> {
    login(10, b"SCRAM-SHA-256\0\0")
}

/// All servers.
pub fn table() -> Vec<Behaviour> {
    [before_login(), in_login(), first_query(), described(), rows(), after_rows()]
        .into_iter()
        .flatten()
        .map(|(name, moment, reply)| {
            let (name, is_harmless) = match name.strip_prefix("harmless: ") {
                Some(name) => (name, true),
                None => (name, false),
            };
            Behaviour { name, moment, reply, is_harmless }
        })
        .collect()
}

type Wrong = (&'static str, Moment, Reply);

fn before_login() -> Vec<Wrong> {
    use Moment::{Connected, Encryption, Login};
    use Reply::{Bytes, Close, Drip, Endless, Silence};

    vec![
        ("silent from the beginning", Connected, Silence(vec![])),
        ("closed at once", Connected, Close(vec![])),
        (
            "speaks first, and another protocol",
            Connected,
            Close(b"220 mail.example.com ESMTP\r\n".to_vec()),
        ),
        ("pours out zeros", Connected, Endless(vec![0; 4096])),
        ("encryption: silent", Encryption, Silence(vec![])),
        ("encryption: garbage", Encryption, Bytes(b"?".to_vec())),
        ("encryption: an error", Encryption, Close(error(&[(b'M', "unknown")]))),
        ("encryption: yes, and silent", Encryption, Silence(b"S".to_vec())),
        ("encryption: yes, and closed", Encryption, Close(b"S".to_vec())),
        (
            "encryption: yes, and plain text behind it",
            Encryption,
            Silence([b"S".to_vec(), login(0, &[]), ready()].concat()),
        ),
        ("encryption: no, and silent", Encryption, Silence(b"N".to_vec())),
        ("login: silent", Login, Silence(vec![])),
        ("login: closed", Login, Close(vec![])),
        ("login: garbage", Login, Silence((0..=255).collect())),
        ("login: zeros without end", Login, Endless(vec![0; 4096])),
        ("login: a message of 2 GiB", Login, Endless(claimed(b'R', i32::MAX, &[0; 4096]))),
        ("login: an error of 2 GiB", Login, Endless(claimed(b'E', i32::MAX, &[b'x'; 4096]))),
        ("login: a notice of 100 MB", Login, Endless(claimed(b'N', 100_000_000, &[b'x'; 4096]))),
        (
            "login: an error of 1 MB",
            Login,
            Close(error(&[(b'C', "28000"), (b'M', &"x".repeat(1_000_000))])),
        ),
        ("login: a negative length", Login, Silence(claimed(b'R', -1, &[0; 8]))),
        ("login: the least length", Login, Silence(claimed(b'R', i32::MIN, &[0; 8]))),
        ("login: no length", Login, Silence(claimed(b'R', 0, &[0; 8]))),
        ("login: half a message", Login, Close(claimed(b'R', 8, &[0]))),
        ("login: half a header", Login, Close(vec![b'R', 0, 0])),
        ("login: a byte now and then", Login, Drip(notice("wait"))),
        ("login: notices without end", Login, Endless(notice(&"x".repeat(1000)))),
        ("login: settings without end", Login, Endless(message(b'S', b"a\0b\0"))),
        ("login: rows", Login, Endless(one())),
        ("login: another version", Login, Bytes(message(b'v', &[0, 0, 0, 0, 0, 0, 0, 0]))),
    ]
}

fn in_login() -> Vec<Wrong> {
    use Moment::{Key, Login, Ready, Settings};
    use Reply::{Bytes, Close, Endless, Silence, Turns};

    let many: Vec<u8> = (0..2000)
        .flat_map(|_| message(b'S', &[b"a\0".as_slice(), &[b'b'; 1000], &[0]].concat()))
        .collect();
    vec![
        ("login: a method that nobody knows", Login, Bytes(login(99, &[]))),
        ("login: Kerberos", Login, Bytes(login(2, &[]))),
        ("login: GSS", Login, Bytes(login(7, &[]))),
        ("login: SSPI", Login, Bytes(login(9, &[]))),
        ("login: MD5 with half a salt", Login, Silence(login(5, &[1, 2]))),
        ("login: a method of two bytes", Login, Silence(message(b'R', &[0, 0]))),
        ("login: SASL without a mechanism", Login, Silence(login(10, &[0]))),
        ("login: SASL of another mechanism", Login, Silence(login(10, b"OAUTHBEARER\0\0"))),
        ("login: SASL whose mechanisms do not end", Login, Silence(login(10, b"SCRAM-SHA-256"))),
        (
            "login: SCRAM that goes on with garbage",
            Login,
            Turns(vec![scram(), login(11, b"garbage")]),
        ),
        (
            "login: SCRAM with another nonce",
            Login,
            Turns(vec![scram(), login(11, b"r=x,s=AAAA,i=4096")]),
        ),
        (
            "login: SCRAM of endless rounds",
            Login,
            Turns(vec![scram(), login(11, b"r=x,s=AAAA,i=4294967295")]),
        ),
        ("login: SCRAM that ends at once", Login, Turns(vec![scram(), login(12, b"v=AAAA")])),
        ("login: SCRAM that lets in without a proof", Login, Turns(vec![scram(), login(0, &[])])),
        (
            "login: asked for a password again and again",
            Login,
            Turns(vec![login(3, &[]), login(3, &[])]),
        ),
        ("login: an error without SQLSTATE", Login, Close(error(&[(b'M', "no")]))),
        (
            "login: an error without a text",
            Login,
            Close(error(&[(b'S', "FATAL"), (b'C', "28000")])),
        ),
        (
            "login: an error whose fields do not end",
            Login,
            Close(message(b'E', b"SFATAL\0C28000\0Mno")),
        ),
        ("login: an error that is empty", Login, Close(message(b'E', &[]))),
        ("login: twice", Login, Bytes([login(0, &[]), login(0, &[])].concat())),
        ("settings: silent", Settings, Silence(vec![])),
        ("settings: closed", Settings, Close(vec![])),
        ("settings: 2 MB of them", Settings, Bytes(many)),
        ("settings: without end", Settings, Endless(message(b'S', b"name\0value\0"))),
        (
            "settings: of bytes that are no text",
            Settings,
            Bytes(message(b'S', b"\xff\xfe\0\xff\0")),
        ),
        (
            "settings: a `\\` in texts is an escape",
            Settings,
            Bytes(message(b'S', b"standard_conforming_strings\0off\0")),
        ),
        (
            "settings: texts in another encoding",
            Settings,
            Bytes(message(b'S', b"client_encoding\0LATIN1\0")),
        ),
        (
            "harmless: settings: UTF-8 in other words",
            Settings,
            Bytes(message(b'S', b"client_encoding\0utf-8\0")),
        ),
        ("settings: without an end of the name", Settings, Bytes(message(b'S', b"name"))),
        ("settings: notices without end", Settings, Endless(notice("again"))),
        ("key: silent", Key, Silence(vec![])),
        ("key: half of it", Key, Bytes(message(b'K', &[0, 0, 0, 1]))),
        ("harmless: key: none", Key, Bytes(vec![])),
        ("ready: silent", Ready, Silence(vec![])),
        ("ready: closed", Ready, Close(vec![])),
        ("ready: of no state", Ready, Silence(message(b'Z', &[]))),
        (
            "ready: an error",
            Ready,
            Close(error(&[(b'S', "FATAL"), (b'C', "53300"), (b'M', "too many")])),
        ),
    ]
}

fn first_query() -> Vec<Wrong> {
    use Moment::{Asked, Ready};
    use Reply::{Bytes, Close, Endless, Silence};

    let asked = Asked(b'Q');
    vec![
        ("ready: answers what nobody asked", Ready, Bytes([ready(), done()].concat())),
        ("first query: silent", asked, Silence(vec![])),
        ("first query: closed", asked, Close(vec![])),
        ("first query: ready is missing", asked, Silence(message(b'I', &[]))),
        (
            "first query: an error",
            asked,
            Bytes([error(&[(b'S', "ERROR"), (b'C', "XX000"), (b'M', "no")]), ready()].concat()),
        ),
        (
            "first query: an error without SQLSTATE",
            asked,
            Bytes([error(&[(b'M', "no")]), ready()].concat()),
        ),
        ("first query: a kind that nobody knows", asked, Silence(message(b'!', &[]))),
        ("first query: without end", asked, Endless(message(b'I', &[]))),
        ("first query: notices without end", asked, Endless(notice("again"))),
        (
            "first query: notifications without end",
            asked,
            Endless(message(b'A', b"\0\0\0\x01channel\0text\0")),
        ),
        ("first query: settings without end", asked, Endless(message(b'S', b"name\0value\0"))),
        (
            "first query: ends for good",
            asked,
            Close(error(&[(b'S', "FATAL"), (b'C', "57P01"), (b'M', "ends")])),
        ),
    ]
}

fn described() -> Vec<Wrong> {
    use Moment::Asked;
    use Reply::{Bytes, Close, Endless, Silence, Types};

    let (parse, describe) = (Asked(b'P'), Asked(b'D'));
    vec![
        ("statement: silent", parse, Silence(vec![])),
        ("statement: closed", parse, Close(vec![])),
        ("statement: a row before it is parsed", parse, Bytes(one())),
        (
            "statement: an error",
            parse,
            Bytes(error(&[(b'S', "ERROR"), (b'C', "42601"), (b'M', "no")])),
        ),
        ("statement: a negative length", parse, Silence(claimed(b'1', -4, &[]))),
        ("statement: a length of 2 GiB", parse, Silence(claimed(b'1', i32::MAX, &[0; 4096]))),
        (
            "columns: more than there are",
            describe,
            Bytes([message(b't', &[0, 0]), message(b'T', &[0xff, 0xff])].concat()),
        ),
        (
            "columns: a name without an end",
            describe,
            Bytes([message(b't', &[0, 0]), message(b'T', b"\0\x01name")].concat()),
        ),
        ("columns: parameters of none", describe, Bytes(message(b't', &[0xff, 0xff]))),
        ("columns: none", describe, Bytes(message(b'n', &[]))),
        ("columns: without end", describe, Endless(columns(&[("n", INT4)]))),
        ("types: that tell of types are unknown", describe, Types(Made::Unknown)),
        ("types: domains without end", describe, Types(Made::Domain)),
        ("types: arrays without end", describe, Types(Made::Array)),
        ("types: ranges without end", describe, Types(Made::Range)),
        ("types: composites without end", describe, Types(Made::Composite)),
        ("types: an enum of a number", describe, Types(Made::Enum)),
    ]
}

fn rows() -> Vec<Wrong> {
    use Reply::{Bytes, Close, Silence};

    let run = Moment::Asked(b'E');
    let of = |rows: Vec<u8>| Bytes([rows, done()].concat());
    vec![
        ("rows: silent", run, Silence(vec![])),
        ("rows: closed", run, Close(vec![])),
        ("rows: silent in the middle", run, Silence(one()[..7].to_vec())),
        ("rows: closed in the middle", run, Close(one()[..7].to_vec())),
        ("rows: more fields than columns", run, of(row(&[Some(&[0, 0, 0, 1]), Some(&[1])]))),
        ("rows: fewer fields than columns", run, of(row(&[]))),
        (
            "rows: more fields than the row has",
            run,
            of(message(b'D', &[0, 9, 0, 0, 0, 4, 0, 0, 0, 1])),
        ),
        (
            "rows: a field longer than the row",
            run,
            of(message(b'D', &[0, 1, 0x7f, 0xff, 0xff, 0xff, 1])),
        ),
        (
            "rows: a field of a negative length",
            run,
            of(message(b'D', &[0, 1, 0x80, 0, 0, 0, 0, 0, 0, 1])),
        ),
        ("rows: a null", run, of(row(&[None]))),
        ("rows: a number of two bytes", run, of(row(&[Some(&[0, 1])]))),
        ("rows: a number of nine bytes", run, of(row(&[Some(&[0; 9])]))),
        ("rows: an empty number", run, of(row(&[Some(&[])]))),
        ("rows: two instead of one", run, of(one().repeat(2))),
        ("rows: none", run, of(vec![])),
    ]
}

fn after_rows() -> Vec<Wrong> {
    use Reply::{Bytes, Endless, Silence};

    let run = Moment::Asked(b'E');
    let failed = error(&[(b'S', "ERROR"), (b'C', "22012"), (b'M', "division by zero")]);
    vec![
        ("end: an error in the middle of rows", run, Bytes([one(), failed].concat())),
        ("end: an error without SQLSTATE", run, Bytes([one(), error(&[(b'M', "no")])].concat())),
        (
            "harmless: end: a notice with a NUL",
            run,
            Bytes([one(), done(), notice("a\u{0}b")].concat()),
        ),
        ("harmless: end: told twice", run, Bytes([one(), done(), done()].concat())),
        ("end: not told", run, Silence(one())),
        (
            "harmless: end: a number of rows that is none",
            run,
            Bytes([one(), message(b'C', b"SELECT many\0")].concat()),
        ),
        ("end: not text", run, Bytes([one(), message(b'C', b"\xff\xff\0")].concat())),
        ("end: an empty query", run, Bytes(message(b'I', &[]))),
        (
            "harmless: end: a portal that is suspended",
            run,
            Bytes([one(), message(b's', &[])].concat()),
        ),
        ("end: asks for a copy", run, Silence(message(b'G', &[0, 0, 0]))),
        ("end: begins a copy", run, Silence(message(b'H', &[0, 0, 0]))),
        ("end: rows of a copy", run, Endless(message(b'd', b"1\n"))),
        ("end: notices without end", run, Endless(notice("again"))),
        (
            "end: notifications without end",
            run,
            Endless(message(b'A', b"\0\0\0\x01channel\0text\0")),
        ),
        ("end: garbage", run, Silence((0..=255).rev().collect())),
        ("harmless: end: ready twice", run, Bytes([one(), done(), ready()].concat())),
        (
            "harmless: end: a state that nobody knows",
            Moment::Asked(b'S'),
            Bytes(message(b'Z', b"?")),
        ),
        ("end: ready is missing", Moment::Asked(b'S'), Silence(vec![])),
    ]
}
