//! German.

use super::Word;

pub(super) fn wordings(word: Word) -> &'static [&'static str] {
    match word {
        Word::Tagline => {
            &["Worüber man in der Nachbarschaft spricht", "Kleine Worte, große Herzen", "Der Ort für deine Leute"]
        }
        Word::Home => &["Startseite", "Start"],
        Word::Feed => &["Neues", "Beiträge", "Aktuelles"],
        Word::Profile => &["Profil", "Meine Seite"],
        Word::Settings => &["Einstellungen", "Kontoeinstellungen", "Einstellungen & Privatsphäre"],
        Word::Menu => &["Menü", "Mehr", "Du"],
        Word::SignIn => &["Anmelden", "Einloggen", "Login", "Zur Anmeldung"],
        Word::SignUp => &["Registrieren", "Konto erstellen", "Jetzt mitmachen"],
        Word::SignOut => &["Abmelden", "Ausloggen"],
        Word::Search => &["Suchen", "Leute und Beiträge suchen"],
        Word::Help => &["Hilfe", "Support"],
        Word::Privacy => &["Datenschutz", "Datenschutzerklärung"],
        Word::Newsletter => &["Unser Rundbrief, einmal im Monat", "Die besten Beiträge per E-Mail"],
        Word::Subscribe => &["Abonnieren", "Auf dem Laufenden bleiben"],
        Word::MailAddress => &["E-Mail-Adresse", "Deine E-Mail"],
        Word::Close => &["Schließen", "Ausblenden", "×"],
        Word::SignInTitle => &["Anmelden", "Willkommen zurück", "Bei deinem Konto anmelden", "Schön, dich zu sehen"],
        Word::Username => &[
            "Benutzername",
            "Nutzername",
            "Benutzername oder E-Mail",
            "E-Mail oder Benutzername",
            "Anmeldename",
            "Kennung",
        ],
        Word::Password => &["Passwort", "Kennwort", "Dein Passwort"],
        Word::Next => &["Weiter", "Fortfahren"],
        Word::SignInButton => &["Anmelden", "Einloggen", "Login", "Weiter"],
        Word::Forgot => &["Passwort vergessen?", "Kennwort vergessen?", "Probleme beim Anmelden?"],
        Word::Remember => &["Angemeldet bleiben", "Eingeloggt bleiben"],
        Word::ShowPassword => &["Passwort anzeigen", "Anzeigen"],
        Word::ContinueWith => &["Weiter mit {}", "Mit {} anmelden"],
        Word::NoAccount => &["Neu hier?", "Noch kein Konto?"],
        Word::TokenTitle => &[
            "Zwei-Faktor-Authentisierung",
            "Bestätigung in zwei Schritten",
            "Noch ein Schritt",
            "Gib deinen Sicherheitscode ein",
        ],
        Word::TokenHint => &[
            "Öffne deine Authenticator-App und gib den Code ein, der dort steht.",
            "Gib den sechsstelligen Code aus deiner Authenticator-App ein.",
            "Dein Konto ist durch einen zweiten Faktor geschützt.",
        ],
        Word::Token => &[
            "Authentifizierungscode",
            "Sechsstelliger Code",
            "Sicherheitscode",
            "Bestätigungscode",
            "Einmalpasswort",
            "Zwei-Faktor-Code",
        ],
        Word::Digit => &["Ziffer {}", "Stelle {}"],
        Word::Verify => &["Bestätigen", "Prüfen", "Weiter", "Absenden"],
        Word::TrustTitle => &["Diesem Browser vertrauen?", "Dieses Gerät merken?", "Ist das dein eigenes Gerät?"],
        Word::TrustHint => &[
            "Wenn du diesem Browser vertraust, fragen wir hier nicht mehr nach einem Code.",
            "Vertraue keinem Rechner, den andere benutzen.",
        ],
        Word::TrustYes => &["Diesem Browser vertrauen", "Ja, vertrauen", "30 Tage lang vertrauen", "Speichern"],
        Word::TrustNo => &["Nicht vertrauen", "Jetzt nicht", "Nein, danke", "Überspringen"],
        Word::TrustBox => {
            &["In diesem Browser nicht mehr fragen", "Diesem Gerät 30 Tage vertrauen", "Diesen Browser merken"]
        }
        Word::LocationTitle => &["Warst du das?", "Ungewöhnliche Anmeldung", "Bestätige, dass du es bist"],
        Word::LocationHint => {
            &["Jemand meldet sich aus {} an. Bist du es, dann weiter.", "Uns ist eine Anmeldung nahe {} aufgefallen."]
        }
        Word::LocationYes => &["Ja, das war ich", "Das war ich"],
        Word::LocationNo => &["Nein, das war ich nicht", "Konto sichern"],
        Word::MailTitle => &["Sieh in deine E-Mails", "Wir kennen dieses Gerät nicht", "Neues Gerät"],
        Word::MailHint => {
            &["Wir haben einen Code an {} geschickt.", "Gib den Code ein, den wir an {} geschickt haben."]
        }
        Word::MailCode => &["Code aus der E-Mail", "Bestätigungscode"],
        Word::CaptchaTitle => &["Bist du ein Mensch?", "Sicherheitsabfrage"],
        Word::CaptchaHint => &["Welche Summe steht im Bild?", "Löse die Aufgabe im Bild."],
        Word::CaptchaField => &["Ergebnis", "Deine Antwort", "Summe"],
        Word::ReauthTitle => &["Passwort bestätigen", "Zugriff bestätigen", "Bitte erneut anmelden"],
        Word::ReauthHint => &["Gib zur Sicherheit dein Passwort ein.", "Du betrittst einen geschützten Bereich."],
        Word::Account => &["Konto", "Dein Konto"],
        Word::Security => &["Sicherheit", "Sicherheit & Login", "Anmeldung und Sicherheit", "Passwort und Sicherheit"],
        Word::Sessions => &["Sitzungen", "Wo du angemeldet bist", "Aktive Sitzungen"],
        Word::TwoFactor => &["Zwei-Faktor-Authentisierung", "Bestätigung in zwei Schritten", "2FA"],
        Word::ChangeLink => &["Passwort ändern", "Passwort", "Kennwort ändern", "Passwort aktualisieren"],
        Word::ChangeTitle => &["Passwort ändern", "Neues Passwort festlegen", "Kennwort ändern", "Passwort"],
        Word::Old => &["Aktuelles Passwort", "Altes Passwort", "Bisheriges Passwort", "Derzeitiges Kennwort"],
        Word::New => &["Neues Passwort", "Neues Kennwort", "Dein neues Passwort"],
        Word::Repeat => {
            &["Neues Passwort wiederholen", "Neues Passwort bestätigen", "Passwort wiederholen", "Noch einmal eingeben"]
        }
        Word::Save => &["Speichern", "Änderungen speichern", "Passwort ändern", "Aktualisieren", "Übernehmen"],
        Word::Yes => &["Ja, ändern", "Bestätigen", "Weiter"],
        Word::Cancel => &["Abbrechen", "Zurück", "Nein"],
        Word::ConfirmTitle => &["Passwort ändern?", "Bist du sicher?"],
        Word::ConfirmHint => &[
            "Auf deinen anderen Geräten musst du dich vielleicht neu anmelden.",
            "Bitte bestätige die Änderung deines Passworts.",
        ],
        Word::Changed => &[
            "Dein Passwort wurde geändert.",
            "Passwort aktualisiert.",
            "Fertig! Dein neues Passwort gilt.",
            "Passwort erfolgreich geändert.",
        ],
        Word::BackToSettings => &["Zurück zu den Einstellungen", "Fertig", "Weiter"],
        Word::SignInAgain => &["Bitte melde dich mit dem neuen Passwort an.", "Du wurdest abgemeldet."],
        Word::NewMailAddress => &["Neue E-Mail-Adresse", "E-Mail"],
        Word::ChangeMail => &["E-Mail ändern", "E-Mail aktualisieren"],
        Word::DeleteAccount => &["Konto löschen", "Mein Konto schließen"],
        Word::DeleteHint => &["Das lässt sich nicht rückgängig machen.", "Alle deine Beiträge gehen verloren."],
        Word::EndSession => &["Sitzung beenden", "Dort abmelden"],
        Word::ThisBrowser => &["dieser Browser", "aktuelle Sitzung"],
        Word::TwoFactorOn => &["Dein Konto fragt nach einem Token.", "Zwei-Faktor-Authentisierung ist an."],
        Word::TwoFactorOff => &["Scanne das Bild mit deiner Authenticator-App und gib den Code ein, den sie zeigt."],
        Word::Post => &["Posten", "Teilen", "Veröffentlichen"],
        Word::PostHint => &["Was machst du gerade?", "Was gibt es Neues?"],
        Word::More => &["Weitere Beiträge", "Mehr laden"],
        Word::Follow => &["Folgen", "Gefällt mir"],
        Word::WrongSignIn => &[
            "Benutzername oder Passwort ist falsch.",
            "Die Angaben stimmen nicht.",
            "Leider war das Passwort falsch. Bitte prüfe es noch einmal.",
            "Ungültige Anmeldedaten.",
        ],
        Word::WrongToken => &[
            "Dieser Code stimmt nicht.",
            "Ungültiger Code. Bitte versuche es erneut.",
            "Der Code ist falsch oder abgelaufen.",
        ],
        Word::UsedToken => {
            &["Dieser Code wurde schon benutzt. Warte auf den nächsten.", "Du hast diesen Code bereits verwendet."]
        }
        Word::Locked => &[
            "Dein Konto ist nach zu vielen Versuchen gesperrt.",
            "Zu viele Fehlversuche. Dein Konto ist vorübergehend gesperrt.",
        ],
        Word::TooMany => {
            &["Zu viele Anfragen. Bitte warte einen Augenblick.", "Langsam! Versuche es in ein paar Minuten wieder."]
        }
        Word::WrongCaptcha => &["Die Antwort war falsch.", "Das ist nicht das richtige Ergebnis."],
        Word::WrongMailCode => &["Das ist nicht der Code aus der E-Mail.", "Falscher oder abgelaufener Code."],
        Word::WrongOld => &["Dein aktuelles Passwort stimmt nicht.", "Das alte Passwort ist falsch."],
        Word::Mismatch => &["Die beiden Passwörter sind verschieden.", "Die Passwörter stimmen nicht überein."],
        Word::Refused => &["Dieses Passwort geht nicht.", "Bitte wähle ein anderes Passwort."],
        Word::Broken => &[
            "Etwas ist schiefgegangen. Dein Passwort wurde nicht geändert.",
            "Ein Fehler ist aufgetreten. Bitte versuche es später.",
        ],
        Word::NotFound => &["Diese Seite gibt es nicht.", "Diese Seite ist leider nicht verfügbar."],
        Word::Expired => &["Dieses Formular ist zu alt. Bitte lade die Seite neu.", "Deine Sitzung ist abgelaufen."],
        Word::NameTaken => &["Dieser Benutzername ist vergeben.", "Der Name gehört schon jemandem."],
        Word::TooShort => &["Das Passwort braucht mindestens {} Zeichen.", "Zu kurz: mindestens {} Zeichen."],
        Word::TooLong => &["Das Passwort darf höchstens {} Zeichen haben.", "Zu lang: höchstens {} Zeichen."],
        Word::NeedsLower => &["Das Passwort braucht einen Kleinbuchstaben.", "Mindestens ein Kleinbuchstabe fehlt."],
        Word::NeedsUpper => &["Das Passwort braucht einen Großbuchstaben.", "Mindestens ein Großbuchstabe fehlt."],
        Word::NeedsDigit => &["Das Passwort braucht eine Ziffer.", "Mindestens eine Zahl fehlt."],
        Word::NeedsSpecial => &["Das Passwort braucht ein Sonderzeichen.", "Mindestens ein Sonderzeichen fehlt."],
        Word::NeedsOneOf => &["Das Passwort braucht eines von {}.", "Mindestens eines dieser Zeichen fehlt: {}"],
        Word::NotAllowed => &["Das Zeichen {} ist nicht erlaubt.", "Passwörter dürfen {} nicht enthalten."],
        Word::TooManyInARow => {
            &["Höchstens {} gleiche Zeichen hintereinander.", "Wiederhole kein Zeichen öfter als {} Mal."]
        }
        Word::Reused => {
            &["Dieses Passwort hattest du schon einmal.", "Wähle ein Passwort, das du noch nicht benutzt hast."]
        }
        Word::HasName => &["Das Passwort darf deinen Namen nicht enthalten.", "Verwende nicht deinen Benutzernamen."],
        Word::ErrorLike => &[
            "Falsches Passwort? Du kannst es jederzeit zurücksetzen.",
            "Fehler gefunden? Sag uns, was schiefgegangen ist.",
            "Deine E-Mail-Adresse ist noch nicht bestätigt.",
            "Ungültige oder abgelaufene Einladungen können Freunde erneuern.",
            "Achtung: Gib deinen Code niemals weiter.",
            "Felder mit * sind Pflichtfelder.",
        ],
        Word::Cookies => {
            &["Wir verwenden Cookies, damit es hier netter ist.", "Bevor es weitergeht: deine Datenschutz-Auswahl."]
        }
        Word::Accept => &["Alle akzeptieren", "OK", "Einverstanden"],
        Word::Reject => &["Alle ablehnen", "Nur notwendige"],
        Word::Toast => &["Ines und 3 anderen gefällt dein Beitrag", "Probier unser neues dunkles Design!"],
    }
}
