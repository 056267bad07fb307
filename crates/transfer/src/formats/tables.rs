//! The tables (CSV) that other programs write, each with its columns.

use super::login::Login;
use super::table::Row;
use super::table_layout::{Cells, EMPTY, Layout, read_blocks, read_table};
use super::{FilePassword, Found, Known, Stop, proton_pass, titles};

/// Bitwarden's, of a person's vault (`folder`) or an organisation's (`collections`).
pub(crate) const BITWARDEN: Known = Known {
    name: BITWARDEN_LAYOUT.format,
    is: |sight| sight.has_columns(&["type", "name", "login_username", "login_password"]),
    read: |bytes, _, found| read_table(bytes, &BITWARDEN_LAYOUT, found),
};

const BITWARDEN_LAYOUT: Layout = Layout {
    format: "a table (CSV) of Bitwarden",
    name: &["name"],
    user: &["login_username"],
    password: &["login_password"],
    site: &["login_uri"],
    factor: &["login_totp"],
    notes: &["notes"],
    also: |cells, login, found| {
        match cells.named("type") {
            "login" | "" => {}
            "note" | "securenote" => return Some("secure notes"),
            "card" => return Some("cards"),
            "identity" => return Some("identities"),
            "sshkey" => return Some("SSH keys"),
            _ => return Some("items of other kinds"),
        }
        if !cells.first(&["archiveddate"]).is_empty() {
            return Some("archived items");
        }
        for column in ["folder", "collections"] {
            cells.named(column).split(',').for_each(|path| login.add_path(path, &['/']));
        }
        if !cells.named("fields").is_empty() {
            found.left_out("custom fields");
        }
        None
    },
    ..EMPTY
};

/// 1Password's, since version 8.
pub(crate) const ONE_PASSWORD: Known = Known {
    name: ONE_PASSWORD_LAYOUT.format,
    is: |sight| sight.has_columns(&["title", "url", "username", "password", "otpauth", "favorite"]),
    read: |bytes, _, found| read_table(bytes, &ONE_PASSWORD_LAYOUT, found),
};

const ONE_PASSWORD_LAYOUT: Layout = Layout {
    format: "a table (CSV) of 1Password",
    name: &["title"],
    user: &["username"],
    password: &["password"],
    site: &["url"],
    factor: &["otpauth"],
    notes: &["notes"],
    tags: &["tags"],
    also: |cells, _, _| is_yes(cells.named("archived")).then_some("archived items"),
    ..EMPTY
};

/// Apple's, of Safari and Passwords: the same columns without those of 1Password's own.
pub(crate) const APPLE: Known = Known {
    name: APPLE_LAYOUT.format,
    is: |sight| sight.has_columns(&["title", "url", "username", "password", "notes", "otpauth"]),
    read: |bytes, _, found| read_table(bytes, &APPLE_LAYOUT, found),
};

const APPLE_LAYOUT: Layout =
    Layout { format: "a table (CSV) of Apple's Passwords", also: |_, _, _| None, tags: &[], ..ONE_PASSWORD_LAYOUT };

/// KeePassXC's; the columns behind the notes came in version 2.6.
pub(crate) const KEEPASSXC: Known = Known {
    name: KEEPASSXC_LAYOUT.format,
    is: |sight| sight.has_columns(&["group", "title", "username", "password", "url", "notes"]),
    read: |bytes, _, found| read_table(bytes, &KEEPASSXC_LAYOUT, found),
};

const KEEPASSXC_LAYOUT: Layout = Layout {
    format: "a table (CSV) of KeePassXC",
    name: &["title"],
    user: &["username"],
    password: &["password"],
    site: &["url"],
    factor: &["totp"],
    notes: &["notes"],
    also: |cells, login, _| {
        // The outermost group is the database itself.
        let path = cells.named("group").split_once('/').map_or("", |(_, path)| path);
        if path.split('/').next().is_some_and(titles::is_bin) {
            return Some("deleted items");
        }
        login.add_path(path, &['/']);
        None
    },
    ..EMPTY
};

/// The table that KeePass 1 writes, and KeePass 2 on request. The title stands in `Account`.
pub(crate) const KEEPASS: Known = Known {
    name: KEEPASS_LAYOUT.format,
    is: |sight| sight.has_columns(&["account", "login name", "password", "web site", "comments"]),
    read: |bytes, _, found| read_table(bytes, &KEEPASS_LAYOUT, found),
};

const KEEPASS_LAYOUT: Layout = Layout {
    format: "a table (CSV) of KeePass",
    name: &["account"],
    user: &["login name"],
    password: &["password"],
    site: &["web site"],
    notes: &["comments"],
    escape: Some(b'\\'),
    ..EMPTY
};

/// LastPass's.
pub(crate) const LASTPASS: Known = Known {
    name: LASTPASS_LAYOUT.format,
    is: |sight| sight.has_columns(&["url", "username", "password", "extra", "name", "grouping"]),
    read: |bytes, _, found| read_table(bytes, &LASTPASS_LAYOUT, found),
};

const LASTPASS_LAYOUT: Layout = Layout {
    format: "a table (CSV) of LastPass",
    name: &["name"],
    user: &["username"],
    password: &["password"],
    site: &["url"],
    factor: &["totp"],
    notes: &["extra"],
    also: |cells, login, _| {
        if cells.named("url").eq_ignore_ascii_case("http://group") {
            return Some("folders");
        }
        // What lies in no folder was once written so.
        let path = Some(cells.named("grouping")).filter(|path| *path != "(none)");
        login.add_path(path.unwrap_or_default(), &['\\']);
        // Everything that is no login has this address; the kind stands in the text.
        if cells.named("url").eq_ignore_ascii_case("http://sn") {
            return Some(match cells.named("extra").split(['\n', '\r']).next().unwrap_or_default() {
                "NoteType:Credit Card" | "NoteType:Bank Account" => "cards",
                "NoteType:SSH Key" => "SSH keys",
                "NoteType:Wi-Fi Password" => "Wi-Fi passwords",
                "NoteType:Software License" => "software licences",
                "NoteType:Address"
                | "NoteType:Driver's License"
                | "NoteType:Passport"
                | "NoteType:Social Security"
                | "NoteType:Health Insurance"
                | "NoteType:Insurance"
                | "NoteType:Membership" => "identities",
                _ => "secure notes",
            });
        }
        // The page of the export writes so what a file does not.
        if ["&amp;", "&lt;", "&gt;", "&quot;"].into_iter().any(|mark| cells.first(&["password"]).contains(mark)) {
            login.warn(
                "its password holds HTML such as &amp;, which LastPass's page may have written for &: compare it",
            );
        }
        None
    },
    ..EMPTY
};

/// Dashlane's `credentials.csv`; the key is in `otpSecret` or, since 2023, as an address in `otpUrl`.
pub(crate) const DASHLANE: Known = Known {
    name: DASHLANE_LAYOUT.format,
    is: |sight| sight.has_columns(&["username", "username2", "username3", "title", "password"]),
    read: |bytes, _, found| read_table(bytes, &DASHLANE_LAYOUT, found),
};

/// The same out of Dashlane's archive.
pub(crate) fn read_dashlane(bytes: &[u8], found: &mut dyn Found) -> Result<(), Stop> {
    read_table(bytes, &DASHLANE_LAYOUT, found)
}

const DASHLANE_LAYOUT: Layout = Layout {
    format: "a table (CSV) of Dashlane",
    name: &["title"],
    user: &["username", "username2", "username3"],
    password: &["password"],
    site: &["url"],
    factor: &["otpurl", "otpsecret"],
    notes: &["note"],
    tags: &["category"],
    ..EMPTY
};

/// Firefox's.
pub(crate) const FIREFOX: Known = Known {
    name: FIREFOX_LAYOUT.format,
    is: |sight| sight.has_columns(&["url", "username", "password", "httprealm", "formactionorigin"]),
    read: |bytes, _, found| read_table(bytes, &FIREFOX_LAYOUT, found),
};

const FIREFOX_LAYOUT: Layout = Layout {
    format: "a table (CSV) of Firefox",
    user: &["username"],
    password: &["password"],
    site: &["url"],
    also: |cells, _, _| cells.named("url").starts_with("chrome://").then_some("sign-ins of the browser itself"),
    ..EMPTY
};

/// Chrome's, which Edge, Brave, Opera and Vivaldi write too; the note came in version 110.
pub(crate) const CHROME: Known = Known {
    name: CHROME_LAYOUT.format,
    is: |sight| {
        let columns = sight.columns();
        sight.has_columns(&["name", "url", "username", "password"])
            && columns.iter().all(|column| ["name", "url", "username", "password", "note"].contains(&column.as_str()))
    },
    read: |bytes, _, found| read_table(bytes, &CHROME_LAYOUT, found),
};

const CHROME_LAYOUT: Layout = Layout {
    format: "a table (CSV) of Chrome or a browser made of it",
    name: &["name"],
    user: &["username"],
    password: &["password"],
    site: &["url"],
    notes: &["note"],
    ..EMPTY
};

/// Proton Pass's.
pub(crate) const PROTON_PASS: Known = Known {
    name: PROTON_PASS_LAYOUT.format,
    is: |sight| sight.has_columns(&["type", "name", "url", "username", "password", "note", "totp"]),
    read: |bytes, _, found| read_table(bytes, &PROTON_PASS_LAYOUT, found),
};

const PROTON_PASS_LAYOUT: Layout = Layout {
    format: "a table (CSV) of Proton Pass",
    name: &["name"],
    user: &["username", "email"],
    password: &["password"],
    site: &["url"],
    factor: &["totp"],
    notes: &["note"],
    also: |cells, login, _| {
        login.add_tag(cells.named("vault"));
        if cells.named("url").is_empty() {
            proton_pass::add_autofill_urls(cells.named("autofillurls"), login);
        }
        proton_pass::counted_as(cells.named("type"))
    },
    ..EMPTY
};

/// Delinea's (Secret Server): the secrets of each template stand below a head of their own, which begins with `Secret Name`.
pub(crate) const DELINEA: Known = Known {
    name: DELINEA_LAYOUT.format,
    is: |sight| sight.columns().first().is_some_and(|column| is_secret_name(column)),
    read: read_delinea,
};

const DELINEA_LAYOUT: Layout = Layout {
    format: "a table (CSV) of Secret Server",
    name: &["secret name", "secretname"],
    user: &["username", "user name", "user", "account", "login", "client id"],
    password: &["password", "passwd"],
    site: &["url", "website", "site"],
    factor: &["totp key"],
    notes: &["notes", "note"],
    path: &["folder path", "folderpath", "folder", "foldername"],
    also: |cells, login, found| {
        // What a server's secret has instead of an address.
        let machine = cells.first(&["machine", "server", "host", "resource", "computer", "ip address / host name"]);
        if !machine.is_empty() {
            login.notes = [login.notes.as_str(), machine].join("\n").trim().to_owned();
        }
        if !cells.named("totp backup codes").is_empty() {
            found.left_out("backup codes");
        }
        if !cells.first(&["private key", "private key passphrase"]).is_empty() {
            found.left_out("SSH keys");
        }
        None
    },
    ..EMPTY
};

fn read_delinea(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    fn is_head(row: &Row<'_>) -> bool {
        is_secret_name(&row.field(0).trim().to_lowercase())
    }
    read_blocks(bytes, &DELINEA_LAYOUT, is_head, found)
}

fn is_secret_name(column: &str) -> bool {
    matches!(column, "secret name" | "secretname")
}

/// CyberArk's Workforce Password Management.
pub(crate) const CYBERARK_WORKFORCE: Known = Known {
    name: CYBERARK_WORKFORCE_LAYOUT.format,
    is: |sight| sight.has_columns(&["name", "url", "username", "password", "notes", "totp", "folders"]),
    read: |bytes, _, found| read_table(bytes, &CYBERARK_WORKFORCE_LAYOUT, found),
};

const CYBERARK_WORKFORCE_LAYOUT: Layout = Layout {
    format: "a table (CSV) of CyberArk Workforce Password Management",
    name: &["name"],
    user: &["username"],
    password: &["password"],
    site: &["url"],
    factor: &["totp"],
    notes: &["notes"],
    path: &["folders"],
    ..EMPTY
};

/// CyberArk's list of accounts for its vault (`userName`, `address`, `safeName`, `platformId`, `secret`), or what its password
/// upload utility takes (`Password_name`, `Safe`, `Folder`, `Password`, `Address`, `UserName`).
pub(crate) const CYBERARK_VAULT: Known = Known {
    name: CYBERARK_VAULT_LAYOUT.format,
    is: |sight| {
        sight.has_columns(&["username", "address", "safename", "platformid"])
            || sight.has_columns(&["password_name", "safe", "password"])
    },
    read: |bytes, _, found| read_table(bytes, &CYBERARK_VAULT_LAYOUT, found),
};

const CYBERARK_VAULT_LAYOUT: Layout = Layout {
    format: "a table (CSV) of CyberArk's vault",
    name: &["name", "password_name"],
    user: &["username"],
    password: &["secret", "password"],
    path: &["safename", "safe", "folder"],
    also: also_cyberark,
    ..EMPTY
};

fn also_cyberark(cells: &Cells<'_>, login: &mut Login, _: &mut dyn Found) -> Option<&'static str> {
    if cells.named("secrettype").eq_ignore_ascii_case("key") {
        return Some("SSH keys");
    }
    let address = cells.named("address");
    if address.contains("://") {
        login.add_site(address);
        return None;
    }
    if login.name.is_empty() {
        let parts = [login.user.as_str(), address];
        login.name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("@");
    }
    if !address.is_empty() {
        // A machine's name is no page.
        login.notes = format!("Address: {address}");
    }
    None
}

/// How tables write that something is so.
pub(super) fn is_yes(cell: &str) -> bool {
    ["true", "yes", "1"].into_iter().any(|yes| cell.eq_ignore_ascii_case(yes))
}
