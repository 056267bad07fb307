//! What people and programs call the columns of a table of accounts, in small letters, in the languages in which it was seen.

/// What the account is called.
pub(super) const NAME: &[&str] = &[
    "title",
    "name",
    "item",
    "item name",
    "entry",
    "service",
    "account name",
    "display name",
    "displayname",
    // German, French, Spanish, Portuguese, Italian, Dutch, Polish, Russian.
    "titel",
    "bezeichnung",
    "titre",
    "nom",
    "título",
    "nombre",
    "nome",
    "titolo",
    "naam",
    "tytuł",
    "nazwa",
    "название",
];

/// The user name.
pub(super) const USER: &[&str] = &[
    "username",
    "user name",
    "user_name",
    "user",
    "login",
    "login name",
    "login_username",
    "username_value",
    "userid",
    "user id",
    "login id",
    "email",
    "e-mail",
    "email address",
    "username/email",
    "account",
    "benutzername",
    "benutzer",
    "anmeldename",
    "nom d'utilisateur",
    "utilisateur",
    "identifiant",
    "nombre de usuario",
    "usuario",
    "correo",
    "nome de usuário",
    "usuário",
    "nome de utilizador",
    "utilizador",
    "nome utente",
    "utente",
    "gebruikersnaam",
    "gebruiker",
    "nazwa użytkownika",
    "użytkownik",
    "имя пользователя",
    "логин",
];

/// The password.
pub(super) const PASSWORD: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "login_password",
    "password_value",
    "passwort",
    "kennwort",
    "mot de passe",
    "contraseña",
    "clave",
    "senha",
    "palavra-passe",
    "parola d'accesso",
    "wachtwoord",
    "hasło",
    "пароль",
];

/// The address.
pub(super) const SITE: &[&str] = &[
    "url",
    "website",
    "web site",
    "site",
    "uri",
    "web address",
    "website address",
    "website url",
    "login url",
    "login_url",
    "login_uri",
    "origin_url",
    "link",
    "webseite",
    "internetadresse",
    "site web",
    "adresse web",
    "sitio web",
    "página web",
    "sito web",
    "adres url",
    "веб-сайт",
    "сайт",
];

/// Columns that hold setup keys and nothing else.
pub(super) const FACTOR: &[&str] = &[
    "totp",
    "otp",
    "otpauth",
    "otp auth",
    "otpauth url",
    "otpurl",
    "otp url",
    "otp uri",
    "otpsecret",
    "otp_secret",
    "otp secret",
    "totp uri",
    "totp url",
    "totp_uri",
    "totp_secret",
    "totpsecret",
    "totp secret",
    "totp key",
    "login_totp",
    "2fa",
    "2fa secret",
    "2fa key",
    "mfa",
    "mfa secret",
    "mfa key",
    "authenticator key",
    "authenticator secret",
    "one-time password",
    "one time password",
];

/// Columns that hold setup keys in one file, and passwords or an interface's secrets in the next.
pub(super) const DOUBTFUL: &[&str] = &["secret", "secret key"];

/// Both.
pub(super) const FACTOR_OR_DOUBTFUL: &[&str] = &{
    let mut all = [""; FACTOR.len() + DOUBTFUL.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < FACTOR.len() { FACTOR[at] } else { DOUBTFUL[at - FACTOR.len()] };
        at += 1;
    }
    all
};

/// What somebody wrote.
pub(super) const NOTES: &[&str] = &[
    "notes",
    "note",
    "comments",
    "comment",
    "description",
    "extra",
    "notizen",
    "notiz",
    "anmerkungen",
    "bemerkung",
    "kommentar",
    "commentaire",
    "commentaires",
    "remarques",
    "notas",
    "nota",
    "comentarios",
    "observações",
    "notities",
    "opmerkingen",
    "notatki",
    "uwagi",
    "заметки",
    "примечания",
];

/// A folder's path.
pub(super) const PATH: &[&str] = &[
    "folder",
    "folders",
    "group",
    "grouping",
    "path",
    "vault",
    "ordner",
    "gruppe",
    "dossier",
    "groupe",
    "carpeta",
    "grupo",
    "pasta",
    "cartella",
    "gruppo",
    "map",
    "groep",
    "folder/grupa",
    "grupa",
    "папка",
    "группа",
];

/// Tags.
pub(super) const TAGS: &[&str] = &[
    "tags",
    "tag",
    "category",
    "labels",
    "kategorie",
    "schlagwörter",
    "catégorie",
    "étiquettes",
    "categoría",
    "etiquetas",
    "categoria",
    "etichette",
    "categorie",
    "labels",
    "kategoria",
    "etykiety",
    "категория",
    "метки",
];

/// What the bin of KeePassXC's databases is called, which makes it in the language that it speaks.
const BINS: &[&str] = &[
    "recycle bin",
    "trash",
    "papierkorb",
    "corbeille",
    "papelera de reciclaje",
    "papelera",
    "lixeira",
    "reciclagem",
    "cestino",
    "prullenbak",
    "kosz",
    "корзина",
    "кошик",
    "смітник",
    "koš",
    "kôš",
    "papperskorg",
    "papperskorgen",
    "papirkurv",
    "papirkurven",
    "roskakori",
    "kuka",
    "lomtár",
    "geri dönüşüm kutusu",
    "coș de reciclare",
    "paperera",
    "κάδος ανακύκλωσης",
    "šiukšlinė",
    "prügikast",
    "ゴミ箱",
    "回收站",
    "回收桶",
    "資源回收桶",
    "휴지통",
    "keranjang sampah",
    "tempat sampah",
];

/// Whether a group is that bin.
pub(super) fn is_bin(group: &str) -> bool {
    BINS.contains(&group.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_title_stands_in_small_letters_and_says_one_thing() {
        let lists = [NAME, USER, PASSWORD, SITE, FACTOR_OR_DOUBTFUL, NOTES, PATH];
        for (place, list) in lists.iter().enumerate() {
            for title in *list {
                assert_eq!(*title, title.trim().to_lowercase());
                let others = lists.iter().enumerate().filter(|(other, _)| *other != place);
                assert!(others.into_iter().all(|(_, other)| !other.contains(title)), "{title}");
            }
        }
        assert_eq!(FACTOR_OR_DOUBTFUL.last(), Some(&"secret key"));
        assert!(is_bin("Papierkorb") && is_bin(" Recycle Bin ") && !is_bin("Recycle Binder") && !is_bin(""));
    }
}
