//! Spanish.

use super::Word;

pub(super) fn wordings(word: Word) -> &'static [&'static str] {
    match word {
        Word::Tagline => &["De lo que habla tu barrio", "Pocas palabras, gran corazón", "El lugar de tu gente"],
        Word::Home => &["Inicio", "Portada"],
        Word::Feed => &["Novedades", "Publicaciones", "Lo último"],
        Word::Profile => &["Perfil", "Mi página"],
        Word::Settings => &["Configuración", "Ajustes", "Preferencias", "Configuración y privacidad"],
        Word::Menu => &["Menú", "Más", "Tú"],
        Word::SignIn => &["Iniciar sesión", "Entrar", "Acceder", "Ingresar"],
        Word::SignUp => &["Registrarse", "Crear cuenta", "Únete"],
        Word::SignOut => &["Cerrar sesión", "Salir"],
        Word::Search => &["Buscar", "Buscar gente y publicaciones"],
        Word::Help => &["Ayuda", "Soporte"],
        Word::Privacy => &["Privacidad", "Política de privacidad"],
        Word::Newsletter => &["Nuestro boletín, una vez al mes", "Lo mejor por correo"],
        Word::Subscribe => &["Suscribirse", "Mantenme al día"],
        Word::MailAddress => &["Correo electrónico", "Tu correo"],
        Word::Close => &["Cerrar", "Ocultar", "×"],
        Word::SignInTitle => &["Iniciar sesión", "Hola de nuevo", "Entra en tu cuenta", "Qué bueno verte"],
        Word::Username => &["Nombre de usuario", "Usuario", "Usuario o correo", "Correo o usuario", "Identificador"],
        Word::Password => &["Contraseña", "Tu contraseña", "Clave"],
        Word::Next => &["Siguiente", "Continuar"],
        Word::SignInButton => &["Iniciar sesión", "Entrar", "Acceder", "Continuar"],
        Word::Forgot => &["¿Olvidaste tu contraseña?", "¿Problemas para entrar?"],
        Word::Remember => &["Recordarme", "Mantener la sesión iniciada"],
        Word::ShowPassword => &["Mostrar contraseña", "Mostrar"],
        Word::ContinueWith => &["Continuar con {}", "Entrar con {}"],
        Word::NoAccount => &["¿Primera vez aquí?", "¿Aún sin cuenta?"],
        Word::TokenTitle => &[
            "Autenticación en dos pasos",
            "Verificación en dos pasos",
            "Un paso más",
            "Escribe tu código de seguridad",
        ],
        Word::TokenHint => &[
            "Abre tu aplicación de autenticación y escribe el código que muestra.",
            "Escribe el código de 6 dígitos de tu aplicación.",
            "Tu cuenta está protegida por un segundo factor.",
        ],
        Word::Token => &[
            "Código de autenticación",
            "Código de 6 dígitos",
            "Código de seguridad",
            "Código de verificación",
            "Código de un solo uso",
        ],
        Word::Digit => &["Dígito {}", "Carácter {}"],
        Word::Verify => &["Verificar", "Confirmar", "Enviar", "Continuar"],
        Word::TrustTitle => {
            &["¿Confiar en este navegador?", "¿Recordar este dispositivo?", "¿Es tu propio dispositivo?"]
        }
        Word::TrustHint => {
            &["Si confías en él, aquí no volveremos a pedir un código.", "No confíes en un ordenador compartido."]
        }
        Word::TrustYes => &["Confiar en este navegador", "Sí, confiar", "Confiar 30 días", "Guardar"],
        Word::TrustNo => &["No confiar", "Ahora no", "No, gracias", "Omitir"],
        Word::TrustBox => &[
            "No volver a preguntar en este navegador",
            "Confiar en este dispositivo 30 días",
            "Recordar este navegador",
        ],
        Word::LocationTitle => &["¿Fuiste tú?", "Inicio de sesión inusual", "Confirma que eres tú"],
        Word::LocationHint => {
            &["Alguien está entrando desde {}. Si eres tú, sigue.", "Vimos un inicio de sesión cerca de {}."]
        }
        Word::LocationYes => &["Sí, fui yo", "Fui yo"],
        Word::LocationNo => &["No, no fui yo", "Proteger mi cuenta"],
        Word::MailTitle => &["Revisa tu correo", "No conocemos este dispositivo", "Dispositivo nuevo"],
        Word::MailHint => &["Hemos enviado un código a {}.", "Escribe el código que enviamos a {}."],
        Word::MailCode => &["Código del correo", "Código de confirmación"],
        Word::CaptchaTitle => &["¿Eres humano?", "Control de seguridad"],
        Word::CaptchaHint => &["¿Cuánto suma la imagen?", "Resuelve la suma de la imagen."],
        Word::CaptchaField => &["Resultado", "Tu respuesta", "Suma"],
        Word::ReauthTitle => &["Confirma tu contraseña", "Confirmar acceso", "Vuelve a iniciar sesión"],
        Word::ReauthHint => &["Por tu seguridad, escribe tu contraseña.", "Entras en una zona protegida."],
        Word::Account => &["Cuenta", "Tu cuenta"],
        Word::Security => &["Seguridad", "Seguridad e inicio de sesión", "Contraseña y seguridad"],
        Word::Sessions => &["Sesiones", "Dónde has iniciado sesión", "Sesiones activas"],
        Word::TwoFactor => &["Autenticación en dos pasos", "Verificación en dos pasos", "2FA"],
        Word::ChangeLink => &["Cambiar contraseña", "Contraseña", "Actualizar contraseña", "Cambiar la contraseña"],
        Word::ChangeTitle => {
            &["Cambiar contraseña", "Elige una contraseña nueva", "Actualizar la contraseña", "Contraseña"]
        }
        Word::Old => &["Contraseña actual", "Contraseña anterior", "Tu contraseña actual"],
        Word::New => &["Contraseña nueva", "Nueva contraseña", "Tu nueva contraseña"],
        Word::Repeat => {
            &["Repite la contraseña nueva", "Confirma la contraseña nueva", "Repetir contraseña", "Escríbela otra vez"]
        }
        Word::Save => &["Guardar", "Guardar cambios", "Cambiar contraseña", "Actualizar"],
        Word::Yes => &["Sí, cambiarla", "Confirmar", "Continuar"],
        Word::Cancel => &["Cancelar", "Volver", "No"],
        Word::ConfirmTitle => &["¿Cambiar tu contraseña?", "¿Seguro?"],
        Word::ConfirmHint => {
            &["Quizá tengas que volver a entrar en tus otros dispositivos.", "Confirma el cambio de contraseña."]
        }
        Word::Changed => &[
            "Tu contraseña ha sido cambiada.",
            "Contraseña actualizada.",
            "¡Listo! Tu nueva contraseña está activa.",
            "Contraseña cambiada correctamente.",
        ],
        Word::BackToSettings => &["Volver a la configuración", "Listo", "Continuar"],
        Word::SignInAgain => &["Entra con tu nueva contraseña.", "Se ha cerrado tu sesión."],
        Word::NewMailAddress => &["Nuevo correo electrónico", "Correo"],
        Word::ChangeMail => &["Cambiar correo", "Actualizar correo"],
        Word::DeleteAccount => &["Eliminar cuenta", "Cerrar mi cuenta"],
        Word::DeleteHint => &["No se puede deshacer.", "Perderás todas tus publicaciones."],
        Word::EndSession => &["Terminar sesión", "Cerrar allí"],
        Word::ThisBrowser => &["este navegador", "sesión actual"],
        Word::TwoFactorOn => &["Tu cuenta pide un código.", "La autenticación en dos pasos está activada."],
        Word::TwoFactorOff => &["Escanea la imagen con tu aplicación y escribe el código que muestra."],
        Word::Post => &["Publicar", "Compartir"],
        Word::PostHint => &["¿Qué estás pensando?", "¿Qué hay de nuevo?"],
        Word::More => &["Más publicaciones", "Cargar más"],
        Word::Follow => &["Seguir", "Me gusta"],
        Word::WrongSignIn => &[
            "Usuario o contraseña incorrectos.",
            "Los datos introducidos no son correctos.",
            "Lo sentimos, tu contraseña no es correcta. Compruébala.",
            "Credenciales no válidas.",
        ],
        Word::WrongToken => &[
            "Este código no es correcto.",
            "Código no válido. Inténtalo de nuevo.",
            "El código es incorrecto o ha caducado.",
        ],
        Word::UsedToken => &["Este código ya se ha usado. Espera al siguiente.", "Ya has usado este código."],
        Word::Locked => &[
            "Tu cuenta está bloqueada tras demasiados intentos.",
            "Demasiados intentos fallidos. Tu cuenta está bloqueada temporalmente.",
        ],
        Word::TooMany => {
            &["Demasiadas solicitudes. Espera un momento.", "¡Más despacio! Prueba dentro de unos minutos."]
        }
        Word::WrongCaptcha => &["La respuesta no era correcta.", "Ese no es el resultado."],
        Word::WrongMailCode => &["Este no es el código del correo.", "Código incorrecto o caducado."],
        Word::WrongOld => &["Tu contraseña actual no es correcta.", "La contraseña anterior es incorrecta."],
        Word::Mismatch => &["Las dos contraseñas son distintas.", "Las contraseñas no coinciden."],
        Word::Refused => &["Esta contraseña no sirve.", "Elige otra contraseña."],
        Word::Broken => {
            &["Algo ha salido mal. Tu contraseña no se ha cambiado.", "Se ha producido un error. Inténtalo más tarde."]
        }
        Word::NotFound => &["Esta página no existe.", "Esta página no está disponible."],
        Word::Expired => &["Este formulario es demasiado antiguo. Recarga la página.", "Tu sesión ha caducado."],
        Word::NameTaken => &["Ese nombre está ocupado.", "Ese nombre ya es de alguien."],
        Word::TooShort => &["La contraseña necesita al menos {} caracteres.", "Demasiado corta: {} caracteres o más."],
        Word::TooLong => {
            &["La contraseña puede tener {} caracteres como máximo.", "Demasiado larga: no más de {} caracteres."]
        }
        Word::NeedsLower => &["Falta una letra minúscula.", "Usa al menos una minúscula."],
        Word::NeedsUpper => &["Falta una letra mayúscula.", "Usa al menos una mayúscula."],
        Word::NeedsDigit => &["Falta un número.", "Usa al menos un número."],
        Word::NeedsSpecial => &["Falta un carácter especial.", "Usa al menos un símbolo."],
        Word::NeedsOneOf => &["Falta uno de estos caracteres: {}", "Usa al menos uno de: {}"],
        Word::NotAllowed => &["El carácter {} no está permitido.", "La contraseña no puede contener {}."],
        Word::TooManyInARow => {
            &["No más de {} caracteres iguales seguidos.", "No repitas un carácter más de {} veces."]
        }
        Word::Reused => &["Ya has usado esta contraseña.", "Elige una contraseña que no hayas usado."],
        Word::HasName => &["La contraseña no puede contener tu nombre.", "No uses tu nombre de usuario."],
        Word::ErrorLike => &[
            "¿Contraseña incorrecta? Puedes restablecerla cuando quieras.",
            "¿Un error? Cuéntanos qué ha fallado.",
            "Tu correo electrónico aún no está verificado.",
            "Las invitaciones no válidas o caducadas se pueden renovar.",
            "Atención: no des nunca tu código a nadie.",
            "Los campos con * son obligatorios.",
        ],
        Word::Cookies => {
            &["Usamos cookies para que este lugar sea más agradable.", "Antes de seguir: tus opciones de privacidad."]
        }
        Word::Accept => &["Aceptar todo", "OK", "De acuerdo"],
        Word::Reject => &["Rechazar todo", "Solo las necesarias"],
        Word::Toast => &["A Inés y 3 más les gusta tu publicación", "¡Prueba el nuevo modo oscuro!"],
    }
}
