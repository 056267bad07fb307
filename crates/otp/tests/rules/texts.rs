use countersign_otp::{PasteError, Pasted, uris};

use super::line;

const KEY: &str = "JBSWY3DPEHPK3PXP";

/// Each finding as `line: account`, or `line! error`.
fn walk(text: &str) -> Vec<String> {
    uris(text)
        .map(|found| match found.outcome {
            Ok(Pasted::Setup(setup)) => format!("{}: {}", found.line, setup.label.account()),
            Ok(Pasted::Migration(part)) => format!("{}: part {} of {}", found.line, part.part, part.parts),
            Err(error) => format!("{}! {}", found.line, error.to_string().split([':', ';']).next().unwrap_or_default()),
        })
        .collect()
}

fn uri(account: &str) -> String {
    format!("otpauth://totp/{account}?secret={KEY}&period=30")
}

#[test]
fn several_addresses_in_one_text() {
    let (a, b, c) = (uri("a"), uri("b"), uri("c"));
    let rows = [
        (format!("{a}\n{b}\n{c}\n"), vec!["1: a", "2: b", "3: c"]),
        (format!("\u{feff}{a}\r\n\r\n# remark {b}\r\n   {b}\r\n"), vec!["1: a", "4: b"]),
        (format!("{a}\r{b}\r{c}"), vec!["1: a", "2: b", "3: c"]),
        (format!("{a} {b}, {c};"), vec!["1: a", "1: b", "1: c"]),
        (format!("{a}{b}{c}"), vec!["1: a", "1: b", "1: c"]),
        (format!("1. {a}\n2. {b}\n- {c}"), vec!["1: a", "2: b", "3: c"]),
        (format!("\"{a}\",\n\"{b}\"\n"), vec!["1: a", "2: b"]),
        (format!("[\"{a}\", \"{b}\"]"), vec!["1: a", "1: b"]),
        (format!("name,url\nx,\"{a}\",y\n"), vec!["1! this line holds no otpauth", "2: a"]),
        (format!("<{a}>, ({b}) and `{c}`."), vec!["1: a", "1: b", "1: c"]),
        (format!("Steam: steam://{KEY}\nmotp://x"), vec!["1: ", "2! Mobile-OTP (motp"]),
        (
            format!("hello\n\n{a}\nmy notes here\n"),
            vec!["1! this line holds no otpauth", "3: a", "4! this line holds no otpauth"],
        ),
        (String::new(), vec![]),
        ("\n\n#\n".to_owned(), vec![]),
    ];
    for (text, expected) in rows {
        assert_eq!(walk(&text), expected, "{text}");
    }
}

/// An address may be broken at any place, even twice, and with an indent: if its pieces are taken as one, it is the
/// whole key, and if they are not, it is refused. No break gives another key.
#[test]
fn an_address_wrapped_over_lines() {
    let whole =
        format!("otpauth://totp/Big%20Corp:alice%40example.org?secret={KEY}{KEY}&issuer=Big%20Corp&digits=8&period=60");
    let expected = line(match &uris(&whole).next().unwrap().outcome {
        Ok(Pasted::Setup(setup)) => setup,
        _ => panic!("the whole address is good"),
    });
    let after_scheme = "otpauth://".len();
    let mut taken = 0;
    for cut in after_scheme..whole.len() {
        for glue in ["\n", "\r\n", "\n    "] {
            let text = format!("{}{glue}{}\n", &whole[..cut], &whole[cut..]);
            let found: Vec<_> = uris(&text).collect();
            assert_eq!(found.len(), 1, "cut at {cut}");
            match &found[0].outcome {
                Ok(Pasted::Setup(setup)) => {
                    assert_eq!(line(setup), expected, "cut at {cut}");
                    taken += 1;
                }
                Err(PasteError::Unclear { line: 2 }) => {}
                _ => panic!("cut at {cut}"),
            }
        }
    }
    let all = 3 * (whole.len() - after_scheme);
    assert!(taken * 10 >= all * 8, "only {taken} of {all} wrapped addresses were understood");
    let twice = format!("> {}\n{}\n{}\n\n{}", &whole[..40], &whole[40..90], &whole[90..], uri("next"));
    assert_eq!(walk(&twice), ["1: alice@example.org", "5: next"]);
}

#[test]
fn a_line_that_may_be_part_of_the_key_is_not_guessed_about() {
    let unclear = "1! line 2 may belong to this URL or not, and either would give a different key";
    let foreign = "2! this line holds no otpauth";
    let secret_last = format!("otpauth://totp/me?issuer=Example&secret={KEY}");
    let period_last = format!("otpauth://totp/me?secret={KEY}&period=3");
    let rows = [
        // Capitals after capitals, a digit after a digit: it may be either.
        (format!("{secret_last}\nABCDEFGH"), vec![unclear]),
        (format!("{period_last}\n0"), vec![unclear]),
        // Small letters after capitals, letters after a digit, blanks, a key of impossible length: it is none.
        (format!("{secret_last}\nnonsense"), vec!["1: me", foreign]),
        (format!("{secret_last}\nsome words"), vec!["1: me", foreign]),
        (format!("{secret_last}\nABC"), vec!["1: me", foreign]),
        (format!("{period_last}\nnonsense"), vec!["1: me", foreign]),
        // Too short to have been wrapped.
        (format!("otpauth://totp/me?secret={}\nABCDEFGH", &KEY[..8]), vec!["1: me", foreign]),
        // What is refused by itself and with its neighbour is refused by itself.
        (
            "otpauth://totp/me?secret=ABC0\nword\nword".to_owned(),
            vec!["1! in the otpauth URL's secret", foreign, "3! this line holds no otpauth"],
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(walk(&format!("{text}\n")), expected, "{text}");
    }
}

/// A name does no harm either way: at the usual widths it is taken for wrapped.
#[test]
fn a_wrapped_name_at_the_end() {
    let whole = format!("otpauth://totp/alice@example.org?secret={KEY}&issuer=BigCompany");
    for cut in [whole.len() - 7, whole.len() - 3] {
        let text = format!("{}\n{}\n", &whole[..cut], &whole[cut..]);
        let found: Vec<_> = uris(&text).collect();
        let Ok(Pasted::Setup(setup)) = &found[0].outcome else { panic!("{text}") };
        assert_eq!((found.len(), setup.label.issuer()), (1, Some("BigCompany")), "{text}");
    }
    assert_eq!(
        walk(&format!("otpauth://totp/me?secret={KEY}&issuer=Big\nCompany")),
        ["1: me", "2! this line holds no otpauth"]
    );
}

#[test]
fn a_long_text_is_walked_once() {
    // A hundred thousand addresses, and the same with a word after each: neither takes noticeable time.
    let mut text = String::new();
    for index in 0..100_000 {
        text.push_str(&format!("otpauth://totp/Site{index}:user?secret={KEY}&issuer=Site{index}\n"));
    }
    assert_eq!(uris(&text).filter(|found| found.outcome.is_ok()).count(), 100_000);
    let words = "word\n".repeat(100_000);
    assert_eq!(uris(&words).count(), 100_000);
    let starts = "otpauth://".repeat(100_000);
    assert_eq!(uris(&starts).count(), 100_000);
}

/// Each as `issuer/account`, digits, or the error.
fn names(text: &str) -> Vec<String> {
    uris(text)
        .filter_map(|found| match found.outcome {
            Ok(Pasted::Setup(setup)) => Some(format!(
                "{}/{} {}",
                setup.label.issuer().unwrap_or("-"),
                setup.label.account(),
                setup.secret.parameters().digits().get()
            )),
            Ok(Pasted::Migration(_)) => None,
            Err(PasteError::Foreign) => None,
            Err(error) => Some(error.to_string()),
        })
        .collect()
}

/// Exports without quotation marks: what stands in the other columns, notes above all, reaches no name.
#[test]
fn an_address_among_other_columns_ends_with_its_own() {
    let a = format!("otpauth://totp/Acorn:me?secret={KEY}&issuer=Acorn");
    let key_last = format!("otpauth://totp/Acorn:me?issuer=Acorn&secret={KEY}");
    let rows = [
        (format!("Acorn,https://acorn.example,{a},false,false,shop;eu,door code 4711"), vec!["Acorn/me 6"]),
        (format!("Acorn;{a};false;door code 4711"), vec!["Acorn/me 6"]),
        (format!("Acorn\t{a}\tdoor code 4711"), vec!["Acorn/me 6"]),
        (format!("| Acorn | {a} | door code 4711 |"), vec!["Acorn/me 6"]),
        (format!("{a}, door code 4711"), vec!["Acorn/me 6"]),
        (format!("{a},,,"), vec!["Acorn/me 6"]),
        (format!("\"the code: {a}\",\"door code 4711\""), vec!["Acorn/me 6"]),
        (format!("x,{key_last},false,note\ny,{a},true,note"), vec!["Acorn/me 6", "Acorn/me 6"]),
        (format!("steam://{KEY},door code 4711"), vec!["Steam/ 5"]),
        // The site's address in the next column has parameters of its own.
        (format!("{a},https://sso.example/?client=1&issuer=Evil&digits=8,x"), vec!["Acorn/me 6"]),
        // An address that is itself cut at the end of its column may not take the next line with it.
        (format!("x,{key_last},\nABCDEFGH,x"), vec!["Acorn/me 6"]),
        // A comma that more parameters follow belongs to a name: nothing that a token depends on is lost.
        (format!("otpauth://totp/me?secret={KEY}&issuer=Acorn, Inc.&digits=8"), vec!["Acorn, Inc./me 8"]),
        (format!("x,otpauth://totp/me?secret={KEY}&issuer=A,B,C&amp;digits=8,y"), vec!["A,B,C/me 8"]),
        (format!("otpauth://totp/me?secret={KEY}&amp;issuer=Acorn&amp;digits=8;y"), vec!["Acorn/me 8"]),
        (format!("x,otpauth://totp/me?secret={KEY}&issuer=\"A,B\"&digits=8,y"), vec!["\"A,B\"/me 8"]),
        (format!("otpauth://totp/me?secret={KEY}&issuer=Acorn, I\nnc.&digits=8"), vec!["Acorn, Inc./me 8"]),
        // Before the parameters a comma is part of the name.
        (format!("x,otpauth://totp/Acorn, Inc.:Doe, J?secret={KEY},y"), vec!["Acorn, Inc./Doe, J 6"]),
    ];
    for (text, expected) in rows {
        assert_eq!(names(&text), expected, "{text}");
    }
}

/// PHP writes `/` as `\/`, and others all that is not ASCII as `\u00fc`.
#[test]
fn addresses_as_json_writes_them() {
    let query = format!("secret={KEY}&issuer=Acorn");
    let rows = [
        (format!(r#"{{"uri":"otpauth:\/\/totp\/Acorn:me?{query}"}}"#), "Acorn/me 6"),
        (format!(r"otpauth:\/\/totp\/Acorn:me?{query}"), "Acorn/me 6"),
        (format!(r#"{{"uri":"otpauth://totp/Acorn:J\u00fcrgen?{query}","note":"x"}}"#), "Acorn/Jürgen 6"),
        (format!(r#"{{"uri":"otpauth:\/\/totp\/Acorn:\ud83d\ude00?{query}"}}"#), "Acorn/😀 6"),
        (format!(r#"{{"uri":"otpauth:\/\/totp\/Acorn:me?secret={KEY}\u0026digits=8\u0026issuer=A"}}"#), "A/me 8"),
        (format!(r#"{{"uri":"otpauth://totp/Acorn:\"me\"?{query}"}}"#), r#"Acorn/"me" 6"#),
        (format!(r#""{{\"uri\":\"otpauth://totp/Acorn:me?{query}\",\"note\":\"x\"}}""#), "Acorn/me 6"),
        (format!(r#""{{\"uri\":\"otpauth:\\\/\\\/totp\\\/Acorn:me?{query}\"}}""#), "Acorn/me 6"),
        // No JSON: the backslash is the name's own.
        (format!(r"otpauth://totp/ACORN\me?{query}"), r"Acorn/ACORN\me 6"),
    ];
    for (text, expected) in rows {
        assert_eq!(names(&text), [expected], "{text}");
    }
    assert!(names(r#"{"uri":"otpauth:\/\/totp\/a?secret=\ud83d"}"#)[0].contains("secret"), "a broken sequence stays");
}
