//! Portuguese.

use super::Word;

pub(super) fn wordings(word: Word) -> &'static [&'static str] {
    match word {
        Word::Tagline => &["Do que fala a vizinhança", "Poucas palavras, grande coração", "O lugar da sua gente"],
        Word::Home => &["Início", "Página inicial"],
        Word::Feed => &["Novidades", "Publicações", "Recentes"],
        Word::Profile => &["Perfil", "Minha página"],
        Word::Settings => &["Configurações", "Definições", "Preferências", "Configurações e privacidade"],
        Word::Menu => &["Menu", "Mais", "Você"],
        Word::SignIn => &["Entrar", "Iniciar sessão", "Fazer login", "Acessar"],
        Word::SignUp => &["Cadastre-se", "Criar conta", "Participe"],
        Word::SignOut => &["Sair", "Terminar sessão"],
        Word::Search => &["Pesquisar", "Procurar pessoas e publicações"],
        Word::Help => &["Ajuda", "Suporte"],
        Word::Privacy => &["Privacidade", "Política de privacidade"],
        Word::Newsletter => &["O nosso boletim, uma vez por mês", "O melhor por e-mail"],
        Word::Subscribe => &["Assinar", "Quero receber"],
        Word::MailAddress => &["Endereço de e-mail", "Seu e-mail"],
        Word::Close => &["Fechar", "Ocultar", "×"],
        Word::SignInTitle => &["Entrar", "Bem-vindo de volta", "Entre na sua conta", "Que bom ver você"],
        Word::Username => {
            &["Nome de usuário", "Usuário", "Usuário ou e-mail", "E-mail ou usuário", "Nome de utilizador"]
        }
        Word::Password => &["Senha", "Palavra-passe", "Sua senha"],
        Word::Next => &["Avançar", "Continuar", "Próximo"],
        Word::SignInButton => &["Entrar", "Iniciar sessão", "Acessar", "Continuar"],
        Word::Forgot => &["Esqueceu a senha?", "Problemas para entrar?"],
        Word::Remember => &["Lembrar de mim", "Manter sessão iniciada"],
        Word::ShowPassword => &["Mostrar senha", "Mostrar"],
        Word::ContinueWith => &["Continuar com {}", "Entrar com {}"],
        Word::NoAccount => &["Novo por aqui?", "Ainda sem conta?"],
        Word::TokenTitle => &[
            "Autenticação de dois fatores",
            "Verificação em duas etapas",
            "Mais um passo",
            "Digite o código de segurança",
        ],
        Word::TokenHint => &[
            "Abra o aplicativo autenticador e digite o código que aparece.",
            "Digite o código de 6 dígitos do seu aplicativo.",
            "A sua conta está protegida por um segundo fator.",
        ],
        Word::Token => &[
            "Código de autenticação",
            "Código de 6 dígitos",
            "Código de segurança",
            "Código de verificação",
            "Código de uso único",
        ],
        Word::Digit => &["Dígito {}", "Caractere {}"],
        Word::Verify => &["Verificar", "Confirmar", "Enviar", "Continuar"],
        Word::TrustTitle => &["Confiar neste navegador?", "Lembrar este dispositivo?", "É o seu próprio dispositivo?"],
        Word::TrustHint => {
            &["Se confiar, não pediremos mais um código aqui.", "Não confie em um computador partilhado."]
        }
        Word::TrustYes => &["Confiar neste navegador", "Sim, confiar", "Confiar por 30 dias", "Salvar"],
        Word::TrustNo => &["Não confiar", "Agora não", "Não, obrigado", "Pular"],
        Word::TrustBox => {
            &["Não perguntar mais neste navegador", "Confiar neste dispositivo por 30 dias", "Lembrar este navegador"]
        }
        Word::LocationTitle => &["Foi você?", "Acesso incomum", "Confirme que é você"],
        Word::LocationHint => &["Alguém está entrando de {}. Se é você, continue.", "Notamos um acesso perto de {}."],
        Word::LocationYes => &["Sim, fui eu", "Fui eu"],
        Word::LocationNo => &["Não fui eu", "Proteger minha conta"],
        Word::MailTitle => &["Veja o seu e-mail", "Não conhecemos este dispositivo", "Dispositivo novo"],
        Word::MailHint => &["Enviamos um código para {}.", "Digite o código que enviamos para {}."],
        Word::MailCode => &["Código do e-mail", "Código de confirmação"],
        Word::CaptchaTitle => &["Você é humano?", "Verificação de segurança"],
        Word::CaptchaHint => &["Qual é a soma na imagem?", "Resolva a soma da imagem."],
        Word::CaptchaField => &["Resultado", "Sua resposta", "Soma"],
        Word::ReauthTitle => &["Confirme a sua senha", "Confirmar acesso", "Entre novamente"],
        Word::ReauthHint => &["Para a sua segurança, digite a senha.", "Você está entrando em uma área protegida."],
        Word::Account => &["Conta", "Sua conta"],
        Word::Security => &["Segurança", "Segurança e login", "Senha e segurança"],
        Word::Sessions => &["Sessões", "Onde você está conectado", "Sessões ativas"],
        Word::TwoFactor => &["Autenticação de dois fatores", "Verificação em duas etapas", "2FA"],
        Word::ChangeLink => &["Alterar senha", "Senha", "Mudar a senha", "Alterar palavra-passe"],
        Word::ChangeTitle => &["Alterar senha", "Escolha uma nova senha", "Mudar a senha", "Senha"],
        Word::Old => &["Senha atual", "Senha antiga", "Palavra-passe atual"],
        Word::New => &["Nova senha", "Nova palavra-passe", "Sua nova senha"],
        Word::Repeat => &["Repita a nova senha", "Confirme a nova senha", "Repetir senha", "Digite outra vez"],
        Word::Save => &["Salvar", "Salvar alterações", "Alterar senha", "Guardar", "Atualizar"],
        Word::Yes => &["Sim, alterar", "Confirmar", "Continuar"],
        Word::Cancel => &["Cancelar", "Voltar", "Não"],
        Word::ConfirmTitle => &["Alterar a sua senha?", "Tem certeza?"],
        Word::ConfirmHint => {
            &["Talvez precise entrar de novo nos outros dispositivos.", "Confirme a alteração da senha."]
        }
        Word::Changed => &[
            "A sua senha foi alterada.",
            "Senha atualizada.",
            "Pronto! A nova senha está ativa.",
            "Senha alterada com sucesso.",
        ],
        Word::BackToSettings => &["Voltar às configurações", "Pronto", "Continuar"],
        Word::SignInAgain => &["Entre com a nova senha.", "A sua sessão foi encerrada."],
        Word::NewMailAddress => &["Novo endereço de e-mail", "E-mail"],
        Word::ChangeMail => &["Alterar e-mail", "Atualizar e-mail"],
        Word::DeleteAccount => &["Excluir conta", "Encerrar minha conta"],
        Word::DeleteHint => &["Não é possível desfazer.", "Todas as suas publicações serão perdidas."],
        Word::EndSession => &["Encerrar sessão", "Sair de lá"],
        Word::ThisBrowser => &["este navegador", "sessão atual"],
        Word::TwoFactorOn => &["A sua conta pede um código.", "A autenticação de dois fatores está ativa."],
        Word::TwoFactorOff => &["Leia a imagem com o seu aplicativo e digite o código que ele mostra."],
        Word::Post => &["Publicar", "Compartilhar"],
        Word::PostHint => &["No que você está pensando?", "O que há de novo?"],
        Word::More => &["Mais publicações", "Carregar mais"],
        Word::Follow => &["Seguir", "Curtir"],
        Word::WrongSignIn => &[
            "Usuário ou senha incorretos.",
            "Os dados informados não estão certos.",
            "A senha está incorreta. Verifique-a.",
            "Credenciais inválidas.",
        ],
        Word::WrongToken => {
            &["Este código não está certo.", "Código inválido. Tente de novo.", "O código está incorreto ou expirou."]
        }
        Word::UsedToken => &["Este código já foi usado. Espere o próximo.", "Você já usou este código."],
        Word::Locked => &[
            "A sua conta está bloqueada após muitas tentativas.",
            "Muitas tentativas falhadas. Conta temporariamente bloqueada.",
        ],
        Word::TooMany => &["Pedidos demais. Aguarde um momento.", "Devagar! Tente daqui a alguns minutos."],
        Word::WrongCaptcha => &["A resposta estava errada.", "Esse não é o resultado."],
        Word::WrongMailCode => &["Este não é o código do e-mail.", "Código errado ou expirado."],
        Word::WrongOld => &["A senha atual não está certa.", "A senha antiga está incorreta."],
        Word::Mismatch => &["As duas senhas são diferentes.", "As senhas não coincidem."],
        Word::Refused => &["Esta senha não serve.", "Escolha outra senha."],
        Word::Broken => &["Algo deu errado. A sua senha não foi alterada.", "Ocorreu um erro. Tente mais tarde."],
        Word::NotFound => &["Esta página não existe.", "Esta página não está disponível."],
        Word::Expired => &["Este formulário é antigo demais. Recarregue a página.", "A sua sessão expirou."],
        Word::NameTaken => &["Este nome já existe.", "O nome pertence a outra pessoa."],
        Word::TooShort => &["A senha precisa de pelo menos {} caracteres.", "Curta demais: {} caracteres ou mais."],
        Word::TooLong => &["A senha pode ter no máximo {} caracteres.", "Longa demais: até {} caracteres."],
        Word::NeedsLower => &["Falta uma letra minúscula.", "Use pelo menos uma minúscula."],
        Word::NeedsUpper => &["Falta uma letra maiúscula.", "Use pelo menos uma maiúscula."],
        Word::NeedsDigit => &["Falta um número.", "Use pelo menos um número."],
        Word::NeedsSpecial => &["Falta um caractere especial.", "Use pelo menos um símbolo."],
        Word::NeedsOneOf => &["Falta um destes caracteres: {}", "Use pelo menos um de: {}"],
        Word::NotAllowed => &["O caractere {} não é permitido.", "A senha não pode conter {}."],
        Word::TooManyInARow => {
            &["Não mais de {} caracteres iguais seguidos.", "Não repita um caractere mais de {} vezes."]
        }
        Word::Reused => &["Você já usou esta senha.", "Escolha uma senha que não tenha usado."],
        Word::HasName => &["A senha não pode conter o seu nome.", "Não use o nome de usuário."],
        Word::ErrorLike => &[
            "Senha incorreta? Você pode redefini-la a qualquer momento.",
            "Um erro? Conte-nos o que falhou.",
            "O seu e-mail ainda não foi verificado.",
            "Convites inválidos ou expirados podem ser renovados.",
            "Atenção: nunca dê o seu código a ninguém.",
            "Os campos com * são obrigatórios.",
        ],
        Word::Cookies => &[
            "Usamos cookies para deixar este lugar mais agradável.",
            "Antes de continuar: as suas opções de privacidade.",
        ],
        Word::Accept => &["Aceitar tudo", "OK", "Concordo"],
        Word::Reject => &["Rejeitar tudo", "Só os necessários"],
        Word::Toast => &["Inês e mais 3 curtiram a sua publicação", "Experimente o novo modo escuro!"],
    }
}
