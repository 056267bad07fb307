//! What a notice says. Pure. No secret and no page's own words are in it: a credential's name, what happened, what is
//! asked, and where to go.

use countersign_model::{ChangeKind, NoticeKind};
use countersign_vault::Notice;
use serde_json::{Value, json};

/// One line.
pub(crate) fn subject(notice: &Notice) -> String {
    let name = &notice.credential_name;
    let run = run_words(notice.what);
    match notice.kind {
        NoticeKind::Waiting => format!("{name}: {run} needs attention"),
        NoticeKind::InDoubt => format!("{name}: password unverified"),
        NoticeKind::Failed => format!("{name}: {run} failed"),
        NoticeKind::Changed => format!("{name}: password changed"),
        NoticeKind::AccessRequested => format!("{name}: {} requests access", person(notice)),
        NoticeKind::AccessTaken => format!("{name}: emergency access by {}", person(notice)),
        NoticeKind::AccessApproved => format!("{name}: access approved"),
        NoticeKind::AccessRejected => format!("{name}: access rejected"),
        NoticeKind::AccessRevoked => format!("{name}: access revoked"),
        NoticeKind::AccessExpired => format!("{name}: request expired"),
        NoticeKind::CheckOutFree => format!("{name}: your turn"),
        NoticeKind::SinkBehind => format!("{name}: audit log is not arriving"),
        NoticeKind::Exported => format!("{} has exported {name}", person(notice)),
        NoticeKind::ExportRequested => format!("{} requests {name}", person(notice)),
        NoticeKind::ExportApproved => format!("Approved: {name}"),
        NoticeKind::ExportRejected => format!("Rejected: {name}"),
        NoticeKind::ExportExpired => format!("Expired: {name}"),
        NoticeKind::ExportApprovalOn => "Exports need a second administrator from now on".to_owned(),
        NoticeKind::ExportApprovalOff => "Exports no longer need a second administrator".to_owned(),
        NoticeKind::AdministratorMade => format!("{name} is an administrator now"),
        NoticeKind::AdministratorReset => format!("{name}: sign-in replaced by {}", person(notice)),
        NoticeKind::Transferred => format!("{name}: setup key transferred to a phone by {}", person(notice)),
        NoticeKind::BackupFailed => "No backup could be made".to_owned(),
        NoticeKind::Test => "Test notice from Countersign".to_owned(),
    }
}

/// What happened and what to do, in one paragraph.
pub(crate) fn text(notice: &Notice) -> String {
    let name = &notice.credential_name;
    let run = run_words(notice.what);
    let reason = notice.reason.as_deref().and_then(reason_words);
    match notice.kind {
        NoticeKind::Waiting => {
            let asked = reason.unwrap_or("The site asks for something that only a person can answer.");
            format!(
                "The {run} of {name} needs attention. {asked} Open it and do what the site asks; it then continues automatically."
            )
        }
        NoticeKind::InDoubt => format!(
            "It is not known whether the new or the old password of {name} signs in. {}Both are kept. Try them at the site, then \
             resolve the change.",
            reason.map(|text| format!("{text} ")).unwrap_or_default()
        ),
        NoticeKind::Failed => {
            format!("The {run} of {name} failed. {} The password is unchanged.", reason.unwrap_or("Its page says why."))
        }
        NoticeKind::Changed => format!("The password of {name} was changed and verified by a new sign-in."),
        NoticeKind::AccessRequested => {
            format!(
                "{} requests access to {name}. Open the request to see for what and for how long, and to decide.",
                person(notice)
            )
        }
        NoticeKind::AccessTaken => format!(
            "{} has used emergency access to {name}, before anybody had approved it. Open it to see why, and to revoke it.",
            person(notice)
        ),
        NoticeKind::AccessApproved => format!("Access to {name} was approved by {}.", person(notice)),
        NoticeKind::AccessRejected => format!("The request for access to {name} was rejected by {}.", person(notice)),
        NoticeKind::AccessRevoked => format!("The access to {name} was revoked by {}.", person(notice)),
        NoticeKind::AccessExpired => {
            format!("Nobody has approved the request for access to {name} in time. It can be requested again.")
        }
        NoticeKind::CheckOutFree => format!(
            "{name} is free again, and kept for you for a quarter of an hour. Check it out, or leave the queue for those who wait after you."
        ),
        NoticeKind::SinkBehind => format!(
            "The destination {name} has not taken the audit log for more than an hour. Nothing is lost: it is sent as soon as it is taken. \
             Open Audit, Destinations to see why."
        ),
        NoticeKind::BackupFailed => format!(
            "The server could not make a backup in {name}, and goes on trying. The audit log says why, and so does Settings, Doctor."
        ),
        NoticeKind::Test => "Notices from Countersign arrive here.".to_owned(),
        _ => text_of_what_leaves(notice),
    }
}

/// Of secrets that leave: exports and who approves them, administrators, setup keys on phones. All other kinds are told above.
fn text_of_what_leaves(notice: &Notice) -> String {
    let name = &notice.credential_name;
    match notice.kind {
        NoticeKind::Exported => format!(
            "{} has exported {name}, secrets included. If you did not expect that, end their access under Settings, Users, and look in the \
             audit log for what was exported: those passwords and setup keys have to be replaced.",
            person(notice)
        ),
        NoticeKind::ExportRequested => format!(
            "{} requests {name}. Another administrator has to approve it. Open the request to see why, and to decide.",
            person(notice)
        ),
        NoticeKind::ExportApproved => format!(
            "Your request for {name} was approved by {}. An approved export can be made once, within an hour.",
            person(notice)
        ),
        NoticeKind::ExportRejected => format!("Your request for {name} was rejected by {}.", person(notice)),
        NoticeKind::ExportExpired => {
            format!("No administrator has decided about your request for {name} in time. It can be requested again.")
        }
        NoticeKind::ExportApprovalOn => {
            format!("{} has turned on that exports need the approval of a second administrator.", person(notice))
        }
        NoticeKind::ExportApprovalOff => format!(
            "{} has approved that exports no longer need the approval of a second administrator: each administrator exports alone now. \
             If you did not expect that, turn it on again under Settings, Exports.",
            person(notice)
        ),
        NoticeKind::AdministratorMade => format!(
            "{} has made {name} an administrator. An administrator may approve what another one exports. If you did not expect that, change \
             it under Settings, Users.",
            person(notice)
        ),
        NoticeKind::AdministratorReset => format!(
            "{} has replaced what the administrator {name} signs in with: the password, the second factor, or the connection with the \
             sign-in provider; or made a link by which another password is chosen. If {name} did not ask for that, look into it under \
             Settings, Users.",
            person(notice)
        ),
        NoticeKind::Transferred => format!(
            "{} has transferred the setup key of {name} to a phone. Whoever holds that phone gets its codes without Countersign and without \
             a record. If you did not expect that, set up a new key at the site and store it here: only that ends it.",
            person(notice)
        ),
        NoticeKind::Waiting
        | NoticeKind::InDoubt
        | NoticeKind::Failed
        | NoticeKind::Changed
        | NoticeKind::AccessRequested
        | NoticeKind::AccessTaken
        | NoticeKind::AccessApproved
        | NoticeKind::AccessRejected
        | NoticeKind::AccessRevoked
        | NoticeKind::AccessExpired
        | NoticeKind::CheckOutFree
        | NoticeKind::SinkBehind
        | NoticeKind::BackupFailed
        | NoticeKind::Test => String::new(),
    }
}

/// The mail's text.
pub(crate) fn body(notice: &Notice) -> String {
    let place = match (link(notice), notice.change, notice.request) {
        (Some(link), _, _) => format!("\n\n{link}"),
        (None, Some(change), _) => format!("\n\nOpen Countersign, then Changes. The change's id is {change}."),
        (None, None, Some(request)) => format!("\n\nOpen Countersign, then Requests. The request's id is {request}."),
        (None, None, None) => String::new(),
    };
    format!("{}{place}\n\n--\nSent by Countersign. Where notices go is set under Settings, Notices.\n", text(notice))
}

/// The webhook's body.
pub(crate) fn json(notice: &Notice) -> Value {
    json!({
        "id": notice.id,
        "kind": notice.kind.name(),
        "at": notice.at,
        "credential": notice.credential_name,
        "change": notice.change,
        "change_kind": notice.what.map(ChangeKind::name),
        "request": notice.request,
        "person": notice.person,
        "reason": notice.reason,
        "subject": subject(notice),
        "text": text(notice),
        "url": link(notice),
    })
}

fn link(notice: &Notice) -> Option<String> {
    let place = match (notice.change, notice.request) {
        (Some(change), _) => format!("changes/{change}"),
        (None, Some(request)) if is_of_export(notice.kind) => format!("export/requests/{request}"),
        (None, Some(request)) => format!("requests/{request}"),
        (None, None) => return None,
    };
    notice.address.as_ref().map(|address| format!("{address}/#/{place}"))
}

/// Whether its request is one of an administrator to others.
const fn is_of_export(kind: NoticeKind) -> bool {
    matches!(
        kind,
        NoticeKind::ExportRequested
            | NoticeKind::ExportApproved
            | NoticeKind::ExportRejected
            | NoticeKind::ExportExpired
    )
}

fn person(notice: &Notice) -> &str {
    notice.person.as_deref().unwrap_or("Somebody")
}

fn run_words(what: Option<ChangeKind>) -> &'static str {
    match what {
        Some(ChangeKind::Rehearsal) => "test run",
        Some(ChangeKind::Heartbeat) => "sign-in check",
        Some(ChangeKind::SignIn) => "sign-in",
        Some(ChangeKind::Change) | None => "password change",
    }
}

/// Only codes that are known here: what else a reason holds may be a page's own words.
fn reason_words(code: &str) -> Option<&'static str> {
    Some(match code {
        "challenge:captcha" => "The site shows a CAPTCHA.",
        "challenge:location" => "The site asks whether the sign-in was yours.",
        "challenge:trust_browser" => "The site asks whether to trust this browser.",
        "challenge:new_device" => "The site has sent a code to the account's owner.",
        code if code.starts_with("challenge:") => "The site asks for something that only a person can answer.",
        "wrong_password" => "The site did not accept the user name and password.",
        "wrong_token" => "The site did not accept the one-time code.",
        "account_locked" => "The site has locked the account.",
        "rate_limited" => "There were too many tries in a short time.",
        "password_rejected" => "The site did not accept the new password.",
        "layout_unknown" => "The page to sign in or to change the password was not found.",
        "left_site" => "A page outside the allowed sign-in URLs asked for a secret. Nothing was typed there.",
        "site_unavailable" => "The site did not answer, or is broken.",
        "timed_out" => "The site did not react in time.",
        "browser_missing" => "No Chromium runs on the server.",
        "session_open" => "A session of the credential is open.",
        "cancelled" => "Cancelled before anything was changed.",
        "browser_failed" => "The browser on the server stopped working in the middle.",
        "not_typed" => "A form of the site did not take what was typed into it, so nothing was sent.",
        "not_sendable" => "A form of the site could not be sent.",
        "second_factor_not_understood" => "The site asks for a second factor in a way that was not understood.",
        "certificate_not_trusted" => "The site's certificate is not trusted, so its page was not opened.",
        "browser_sign_in" => {
            "The site asks for name and password in the browser's own window, in a way that cannot be answered."
        }
        "sign_in_not_shown" => "Nothing on the site's pages shows whether the sign-in worked.",
        "old_password_works" => "The site refuses the new password and still takes the old one.",
        "tries_spent" => "The site has refused a password as often as it is sent without a person's word.",
        "tokens_taken" => "Others took each one-time code before it could be sent.",
        "session_expired" => "The site's session had expired when the new password was sent.",
        "no_tls" => "The site is plain HTTP to a public host, so nothing was typed there.",
        "not_rehearsed" => {
            "The site's URL, its allowed sign-in URLs or its trusted certificate were changed, and nobody has done a test run there since."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use countersign_model::ChangeReason;

    use super::reason_words;

    #[test]
    fn every_reason_has_words() {
        // Serde names all codes there are when it is asked for one that is none.
        let refusal =
            serde_json::from_str::<ChangeReason>(r#"{"code":"no such code"}"#).expect_err("it is none").to_string();
        let (_, codes) = refusal.split_once("expected one of").expect("the codes that are known");
        let codes: Vec<&str> = codes.split('`').skip(1).step_by(2).collect();
        assert!(codes.len() > 20, "{refusal}");
        let code_sent = |code: &str| if code == "challenge" { "challenge:captcha".to_owned() } else { code.to_owned() };
        let silent: Vec<&&str> = codes.iter().filter(|code| reason_words(&code_sent(code)).is_none()).collect();
        assert!(silent.is_empty(), "notices have no words for {silent:?}");
        assert_eq!(reason_words("a page's own words"), None);
    }
}
