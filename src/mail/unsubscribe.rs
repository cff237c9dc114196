//! Is this a link that unsubscribes? A link check must never request one, so this errs towards yes: by the List-Unsubscribe
//! headers, by the forms of the sending services, by the words in the URL, by the visible text, through every wrapper.

use super::vendors;
use percent_encoding::percent_decode_str;
use url::Url;

/// Words of a visible text, lower-case without accents.
const TEXTS: &[&str] = &[
    // English
    "unsubscribe",
    "unsubscription",
    "opt out",
    "opt-out",
    "optout",
    "email preferences",
    "e-mail preferences",
    "manage preferences",
    "manage your preferences",
    "update preferences",
    "update your preferences",
    "change your preferences",
    "preference center",
    "preference centre",
    "communication preferences",
    "subscription preferences",
    "mailing list preferences",
    "stop receiving",
    "stop these emails",
    "remove me from",
    // German
    "abmelden",
    "abmeldung",
    "abbestellen",
    "abbestellung",
    "austragen",
    "e-mail-einstellungen",
    "newsletter kundigen",
    // French
    "desabonn",
    "desinscri",
    "desinscription",
    "preferences d'e-mail",
    "ne plus recevoir",
    // Spanish
    "darse de baja",
    "darme de baja",
    "date de baja",
    "dar de baja",
    "cancelar suscripcion",
    "cancelar la suscripcion",
    "cancelar tu suscripcion",
    "anular suscripcion",
    "anular la suscripcion",
    "desuscri",
    "dejar de recibir",
    // Italian
    "disiscri",
    "annulla iscrizione",
    "annulla l'iscrizione",
    "cancella iscrizione",
    "cancella l'iscrizione",
    "cancellati",
    "disdici",
    // Dutch
    "afmelden",
    "uitschrijven",
    "schrijf je uit",
    "meld je af",
    "voorkeuren aanpassen",
    // Portuguese
    "cancelar inscricao",
    "cancelar a inscricao",
    "cancelar subscricao",
    "cancelar a subscricao",
    "cancelar assinatura",
    "anular subscricao",
    "anular a subscricao",
    "descadastr",
    "deixar de receber",
    "remover inscricao",
    // Danish, Norwegian, Swedish, Finnish
    "afmeld",
    "frameld",
    "meld deg av",
    "avmeld",
    "avregistrera",
    "avprenumerera",
    "avsluta prenumeration",
    "peruuta tilaus",
    "peru tilaus",
    "lopeta tilaus",
    // Polish, Czech and Slovak, Hungarian, Romanian, Turkish
    "wypisz",
    "zrezygnuj",
    "anuluj subskrypcj",
    "odhlas",
    "leiratkoz",
    "dezabon",
    "abonelikten",
    // Russian and Ukrainian, Greek
    "отписа",
    "отпиш",
    "відписа",
    "απεγγραφ",
    // Japanese, Chinese, Korean
    "配信停止",
    "配信解除",
    "購読解除",
    "購読を解除",
    "退订",
    "退訂",
    "取消订阅",
    "取消訂閱",
    "수신거부",
    "수신 거부",
    "구독 취소",
    "구독취소",
    // Arabic, Hebrew, Vietnamese, Indonesian
    "إلغاء الاشتراك",
    "הסרה מרשימ",
    "להסרה",
    "hủy đăng ký",
    "berhenti berlangganan",
];

/// Words in host, path or query of a URL, lower-case without accents.
const URL_WORDS: &[&str] = &[
    "unsubscrib",
    "unsubscription",
    "opt-out",
    "opt_out",
    "optout",
    "list-manage.com/u",
    "abmelden",
    "abmeldung",
    "abbestell",
    "desabonn",
    "desinscri",
    "darse-de-baja",
    "cancelar-suscripcion",
    "desuscri",
    "disiscri",
    "annulla-iscrizione",
    "afmelden",
    "uitschrijven",
    "cancelar-inscricao",
    "cancelar-subscricao",
    "descadastr",
    "email-preferences",
    "emailpreferences",
    "email_preferences",
    "preference-center",
    "preferencecenter",
    "subscription-preferences",
    "subscription_preferences",
    "manage_subscription_preferences",
];
/// Short words that count only as a whole word.
const URL_TOKENS: &[&str] = &["unsub", "unsubs"];

/// Why a URL unsubscribes, in words; `None` where nothing says so. `listed` are the URIs of List-Unsubscribe. Every wrapper
/// that can be peeled is peeled.
pub fn by_url(url: &str, listed: &[String]) -> Option<String> {
    let peeled = vendors::peel(url);
    let same = |uri: &String| {
        let listed = vendors::peel(uri);
        let mut inner = peeled.urls();
        inner.any(|url| listed.urls().any(|other| same_url(url, other)))
    };
    if listed.iter().any(same) {
        return Some("it is the URL of List-Unsubscribe".to_owned());
    }
    peeled.urls().find_map(|url| {
        let vendor = vendors::unsubscribe(url).map(|vendor| format!("it has the form of {vendor}'s unsubscribe links"));
        vendor.or_else(|| word_in(url).map(|word| format!("its URL says '{word}'")))
    })
}

/// Why a visible text says that its link unsubscribes.
pub fn by_text(text: &str) -> Option<String> {
    let folded = fold(text);
    let found = TEXTS.iter().find(|word| folded.contains(*word));
    found.map(|word| format!("its text says '{word}'"))
}

fn same_url(one: &str, other: &str) -> bool {
    one == other || matches!((Url::parse(one), Url::parse(other)), (Ok(one), Ok(other)) if one == other)
}

fn word_in(url: &str) -> Option<&'static str> {
    let parsed = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    // An opaque wrapper's own parameters and a fragment say nothing.
    let told = format!(
        "{}{}?{}",
        parsed.host_str()?,
        parsed.path(),
        parsed.query().unwrap_or_default()
    );
    let folded = fold(&percent_decode_str(&told).decode_utf8_lossy());
    let within = URL_WORDS.iter().find(|word| folded.contains(*word));
    let token = |word: &&&str| {
        folded
            .split(|char: char| !char.is_alphanumeric())
            .any(|token| token == **word)
    };
    within.or_else(|| URL_TOKENS.iter().find(token)).copied()
}

/// Lower-case, accents of Western European letters removed, white space collapsed.
fn fold(text: &str) -> String {
    let plain: String = text
        .chars()
        .take(4096)
        .flat_map(char::to_lowercase)
        .map(plain_letter)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain_letter(char: char) -> char {
    match char {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        '’' => '\'',
        other => other,
    }
}
