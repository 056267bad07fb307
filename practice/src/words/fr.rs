//! French.

use super::Word;

pub(super) fn wordings(word: Word) -> &'static [&'static str] {
    match word {
        Word::Tagline => &["Ce dont parlent vos voisins", "Petits mots, grands cœurs", "L'endroit pour les vôtres"],
        Word::Home => &["Accueil", "Début"],
        Word::Feed => &["Fil", "Actualités", "Récents"],
        Word::Profile => &["Profil", "Ma page"],
        Word::Settings => &["Paramètres", "Réglages", "Préférences", "Paramètres et confidentialité"],
        Word::Menu => &["Menu", "Plus", "Vous"],
        Word::SignIn => &["Se connecter", "Connexion", "S'identifier"],
        Word::SignUp => &["S'inscrire", "Créer un compte", "Rejoindre"],
        Word::SignOut => &["Se déconnecter", "Déconnexion"],
        Word::Search => &["Rechercher", "Chercher des gens et des publications"],
        Word::Help => &["Aide", "Assistance"],
        Word::Privacy => &["Confidentialité", "Vie privée"],
        Word::Newsletter => &["Notre lettre, une fois par mois", "Le meilleur par e-mail"],
        Word::Subscribe => &["S'abonner", "Tenez-moi au courant"],
        Word::MailAddress => &["Adresse e-mail", "Votre e-mail"],
        Word::Close => &["Fermer", "Masquer", "×"],
        Word::SignInTitle => {
            &["Connexion", "Bon retour parmi nous", "Connectez-vous à votre compte", "Content de vous revoir"]
        }
        Word::Username => {
            &["Nom d'utilisateur", "Identifiant", "Nom d'utilisateur ou e-mail", "E-mail ou identifiant", "Pseudo"]
        }
        Word::Password => &["Mot de passe", "Votre mot de passe"],
        Word::Next => &["Suivant", "Continuer"],
        Word::SignInButton => &["Se connecter", "Connexion", "Valider", "Continuer"],
        Word::Forgot => &["Mot de passe oublié ?", "Un problème pour vous connecter ?"],
        Word::Remember => &["Se souvenir de moi", "Rester connecté"],
        Word::ShowPassword => &["Afficher le mot de passe", "Afficher"],
        Word::ContinueWith => &["Continuer avec {}", "Se connecter avec {}"],
        Word::NoAccount => &["Nouveau ici ?", "Pas encore de compte ?"],
        Word::TokenTitle => &[
            "Authentification à deux facteurs",
            "Validation en deux étapes",
            "Encore une étape",
            "Saisissez votre code de sécurité",
        ],
        Word::TokenHint => &[
            "Ouvrez votre application d'authentification et saisissez le code affiché.",
            "Saisissez le code à 6 chiffres de votre application.",
            "Votre compte est protégé par un second facteur.",
        ],
        Word::Token => &[
            "Code d'authentification",
            "Code à 6 chiffres",
            "Code de sécurité",
            "Code de vérification",
            "Code à usage unique",
        ],
        Word::Digit => &["Chiffre {}", "Caractère {}"],
        Word::Verify => &["Vérifier", "Confirmer", "Valider", "Continuer"],
        Word::TrustTitle => {
            &["Faire confiance à ce navigateur ?", "Mémoriser cet appareil ?", "Est-ce votre appareil ?"]
        }
        Word::TrustHint => &[
            "Si vous lui faites confiance, nous ne demanderons plus de code ici.",
            "Ne faites pas confiance à un ordinateur partagé.",
        ],
        Word::TrustYes => {
            &["Faire confiance à ce navigateur", "Oui, faire confiance", "Faire confiance 30 jours", "Enregistrer"]
        }
        Word::TrustNo => &["Ne pas faire confiance", "Pas maintenant", "Non, merci", "Ignorer"],
        Word::TrustBox => &[
            "Ne plus demander sur ce navigateur",
            "Faire confiance à cet appareil pendant 30 jours",
            "Mémoriser ce navigateur",
        ],
        Word::LocationTitle => &["Était-ce vous ?", "Connexion inhabituelle", "Confirmez votre identité"],
        Word::LocationHint => &[
            "Quelqu'un se connecte depuis {}. Si c'est vous, continuez.",
            "Nous avons remarqué une connexion près de {}.",
        ],
        Word::LocationYes => &["Oui, c'était moi", "C'était moi"],
        Word::LocationNo => &["Non, ce n'était pas moi", "Sécuriser mon compte"],
        Word::MailTitle => &["Consultez vos e-mails", "Nous ne connaissons pas cet appareil", "Nouvel appareil"],
        Word::MailHint => &["Nous avons envoyé un code à {}.", "Saisissez le code envoyé à {}."],
        Word::MailCode => &["Code reçu par e-mail", "Code de confirmation"],
        Word::CaptchaTitle => &["Êtes-vous humain ?", "Contrôle de sécurité"],
        Word::CaptchaHint => &["Quelle est la somme dans l'image ?", "Résolvez l'addition de l'image."],
        Word::CaptchaField => &["Résultat", "Votre réponse", "Somme"],
        Word::ReauthTitle => &["Confirmez votre mot de passe", "Confirmer l'accès", "Veuillez vous reconnecter"],
        Word::ReauthHint => {
            &["Pour votre sécurité, saisissez votre mot de passe.", "Vous entrez dans une zone protégée."]
        }
        Word::Account => &["Compte", "Votre compte"],
        Word::Security => &["Sécurité", "Sécurité et connexion", "Mot de passe et sécurité"],
        Word::Sessions => &["Sessions", "Où vous êtes connecté", "Sessions actives"],
        Word::TwoFactor => &["Authentification à deux facteurs", "Validation en deux étapes", "2FA"],
        Word::ChangeLink => {
            &["Changer le mot de passe", "Mot de passe", "Modifier le mot de passe", "Modifier mon mot de passe"]
        }
        Word::ChangeTitle => &[
            "Changer le mot de passe",
            "Choisir un nouveau mot de passe",
            "Modifier votre mot de passe",
            "Mot de passe",
        ],
        Word::Old => &["Mot de passe actuel", "Ancien mot de passe", "Votre mot de passe actuel"],
        Word::New => &["Nouveau mot de passe", "Votre nouveau mot de passe"],
        Word::Repeat => &[
            "Répétez le nouveau mot de passe",
            "Confirmez le nouveau mot de passe",
            "Confirmation du mot de passe",
            "Saisissez-le encore une fois",
        ],
        Word::Save => &["Enregistrer", "Enregistrer les modifications", "Changer le mot de passe", "Mettre à jour"],
        Word::Yes => &["Oui, changer", "Confirmer", "Continuer"],
        Word::Cancel => &["Annuler", "Retour", "Non"],
        Word::ConfirmTitle => &["Changer votre mot de passe ?", "Êtes-vous sûr ?"],
        Word::ConfirmHint => &[
            "Vous devrez peut-être vous reconnecter sur vos autres appareils.",
            "Veuillez confirmer le changement de mot de passe.",
        ],
        Word::Changed => &[
            "Votre mot de passe a été changé.",
            "Mot de passe mis à jour.",
            "C'est fait ! Votre nouveau mot de passe est actif.",
            "Mot de passe modifié avec succès.",
        ],
        Word::BackToSettings => &["Retour aux paramètres", "Terminé", "Continuer"],
        Word::SignInAgain => &["Connectez-vous avec votre nouveau mot de passe.", "Vous avez été déconnecté."],
        Word::NewMailAddress => &["Nouvelle adresse e-mail", "E-mail"],
        Word::ChangeMail => &["Changer l'e-mail", "Mettre à jour l'e-mail"],
        Word::DeleteAccount => &["Supprimer le compte", "Fermer mon compte"],
        Word::DeleteHint => &["C'est irréversible.", "Toutes vos publications seront perdues."],
        Word::EndSession => &["Terminer la session", "Déconnecter"],
        Word::ThisBrowser => &["ce navigateur", "session en cours"],
        Word::TwoFactorOn => &["Votre compte demande un code.", "L'authentification à deux facteurs est activée."],
        Word::TwoFactorOff => &["Scannez l'image avec votre application, puis saisissez le code affiché."],
        Word::Post => &["Publier", "Partager"],
        Word::PostHint => &["À quoi pensez-vous ?", "Quoi de neuf ?"],
        Word::More => &["Plus de publications", "Charger plus"],
        Word::Follow => &["Suivre", "J'aime"],
        Word::WrongSignIn => &[
            "Nom d'utilisateur ou mot de passe erroné.",
            "Les informations saisies sont incorrectes.",
            "Désolé, votre mot de passe est incorrect. Veuillez le vérifier.",
            "Identifiants invalides.",
        ],
        Word::WrongToken => {
            &["Ce code n'est pas le bon.", "Code invalide. Veuillez réessayer.", "Le code est incorrect ou a expiré."]
        }
        Word::UsedToken => &["Ce code a déjà servi. Attendez le suivant.", "Vous avez déjà utilisé ce code."],
        Word::Locked => &[
            "Votre compte est bloqué après trop de tentatives.",
            "Trop d'échecs. Votre compte est temporairement verrouillé.",
        ],
        Word::TooMany => {
            &["Trop de requêtes. Veuillez patienter un instant.", "Doucement ! Réessayez dans quelques minutes."]
        }
        Word::WrongCaptcha => &["La réponse était fausse.", "Ce n'est pas le bon résultat."],
        Word::WrongMailCode => &["Ce n'est pas le code de l'e-mail.", "Code erroné ou expiré."],
        Word::WrongOld => &["Votre mot de passe actuel n'est pas le bon.", "L'ancien mot de passe est incorrect."],
        Word::Mismatch => &["Les deux mots de passe sont différents.", "Les mots de passe ne correspondent pas."],
        Word::Refused => &["Ce mot de passe ne peut pas servir.", "Veuillez choisir un autre mot de passe."],
        Word::Broken => &[
            "Une erreur s'est produite. Votre mot de passe n'a pas été changé.",
            "Un problème est survenu. Réessayez plus tard.",
        ],
        Word::NotFound => &["Cette page n'existe pas.", "Cette page n'est pas disponible."],
        Word::Expired => &["Ce formulaire est trop ancien. Rechargez la page.", "Votre session a expiré."],
        Word::NameTaken => &["Ce nom est déjà pris.", "Ce nom appartient à quelqu'un d'autre."],
        Word::TooShort => {
            &["Le mot de passe doit avoir au moins {} caractères.", "Trop court : {} caractères ou plus."]
        }
        Word::TooLong => {
            &["Le mot de passe peut avoir {} caractères au plus.", "Trop long : pas plus de {} caractères."]
        }
        Word::NeedsLower => &["Il faut une lettre minuscule.", "Utilisez au moins une minuscule."],
        Word::NeedsUpper => &["Il faut une lettre majuscule.", "Utilisez au moins une majuscule."],
        Word::NeedsDigit => &["Il faut un chiffre.", "Utilisez au moins un chiffre."],
        Word::NeedsSpecial => &["Il faut un caractère spécial.", "Utilisez au moins un symbole."],
        Word::NeedsOneOf => &["Il faut un de ces caractères : {}", "Utilisez au moins un de : {}"],
        Word::NotAllowed => &["Le caractère {} n'est pas autorisé.", "Le mot de passe ne peut pas contenir {}."],
        Word::TooManyInARow => {
            &["Pas plus de {} caractères identiques de suite.", "Ne répétez pas un caractère plus de {} fois."]
        }
        Word::Reused => &[
            "Vous avez déjà utilisé ce mot de passe.",
            "Choisissez un mot de passe que vous n'avez pas utilisé récemment.",
        ],
        Word::HasName => &["Le mot de passe ne peut pas contenir votre nom.", "N'utilisez pas votre identifiant."],
        Word::ErrorLike => &[
            "Mauvais mot de passe ? Vous pouvez le réinitialiser à tout moment.",
            "Une erreur ? Dites-nous ce qui n'a pas marché.",
            "Votre adresse e-mail n'est pas encore vérifiée.",
            "Les invitations invalides ou expirées peuvent être renouvelées.",
            "Attention : ne donnez jamais votre code.",
            "Les champs marqués * sont obligatoires.",
        ],
        Word::Cookies => &[
            "Nous utilisons des cookies pour rendre ce lieu plus agréable.",
            "Avant de continuer : vos choix de confidentialité.",
        ],
        Word::Accept => &["Tout accepter", "OK", "J'accepte"],
        Word::Reject => &["Tout refuser", "Seulement les nécessaires"],
        Word::Toast => &["Inès et 3 autres aiment votre publication", "Essayez notre nouveau mode sombre !"],
    }
}
