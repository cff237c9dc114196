//! What folders are called where a server does not mark them: Exchange marks none, and names them in the user's language.
//! Compared whole and case-folded: a folder "Spam reports" is no junk folder.

/// Names of the junk folder, lower-case.
const JUNK: &[&str] = &[
    "junk",
    "junk mail",
    "junk e-mail",
    "junk email",
    "spam",
    "bulk",
    "bulk mail",
    "unerwünscht",
    "junk-e-mail",
    "spamverdacht",
    "werbung",
    "courrier indésirable",
    "pourriel",
    "indésirables",
    "correo no deseado",
    "correo basura",
    "no deseado",
    "posta indesiderata",
    "lixo eletrônico",
    "lixo eletrónico",
    "lixo electrónico",
    "correio não solicitado",
    "ongewenste e-mail",
    "ongewenst",
    "reclame",
    "skräppost",
    "søppelpost",
    "uønsket e-post",
    "uønsket mail",
    "uønskede mails",
    "roskaposti",
    "wiadomości-śmieci",
    "niechciane",
    "nevyžádaná pošta",
    "nevyžiadaná pošta",
    "levélszemét",
    "gereksiz e-posta",
    "istenmeyen e-posta",
    "önemsiz e-posta",
    "mesaje nedorite",
    "neželjena pošta",
    "bezvēlama pošta",
    "спам",
    "нежелательная почта",
    "небажана пошта",
    "нежелана поща",
    "ανεπιθύμητη αλληλογραφία",
    "ανεπιθύμητα",
    "דואר זבל",
    "البريد الإلكتروني غير الهام",
    "البريد غير الهام",
    "هرزنامه",
    "สแปม",
    "อีเมลขยะ",
    "thư rác",
    "垃圾邮件",
    "垃圾郵件",
    "垃圾電郵",
    "迷惑メール",
    "정크 메일",
    "스팸",
    "스팸메일함",
];

/// Names of the trash, lower-case.
const TRASH: &[&str] = &[
    "trash",
    "bin",
    "deleted",
    "deleted items",
    "deleted messages",
    "gelöschte elemente",
    "gelöschte objekte",
    "papierkorb",
    "éléments supprimés",
    "corbeille",
    "elementos eliminados",
    "posta eliminata",
    "itens excluídos",
    "verwijderde items",
    "удаленные",
    "已删除邮件",
    "削除済みアイテム",
];

/// Names of the archive, lower-case.
const ARCHIVE: &[&str] = &[
    "archive",
    "archives",
    "archiv",
    "archivo",
    "archivio",
    "arquivo",
    "archief",
    "архив",
    "存档",
];

/// Is it a known name of a junk folder?
pub fn is_junk(name: &str) -> bool {
    JUNK.contains(&name)
}

/// Is it a known name of the trash?
pub fn is_trash(name: &str) -> bool {
    TRASH.contains(&name)
}

/// Is it a known name of the archive?
pub fn is_archive(name: &str) -> bool {
    ARCHIVE.contains(&name)
}
