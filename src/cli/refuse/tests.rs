use super::*;
use crate::clock::{Timestamp, Zone};
use crate::error::AuthError;
use crate::language::Language;
use crate::settings;

const AT: Timestamp = Timestamp(1_795_320_300);

/// One sample of each refusal; the match fails to compile when a refusal is added, so that it is added here too.
fn samples() -> Vec<Refusal> {
    let day = Zone::UTC.day(AT);
    let known = vec![String::from("birthday")];
    let all = vec![
        Refusal::Validation { field: "name", value: "?".into(), rule: "rule.name" },
        Refusal::UserNotFound("99".into()),
        Refusal::UserBlocked,
        Refusal::CodeNotFound,
        Refusal::CodeAlreadyUsed { at: AT, by_you: false },
        Refusal::CodeExpired { last_day: day },
        Refusal::CodeRevoked,
        Refusal::CodeSpaceExhausted,
        Refusal::CustomerBlocked,
        Refusal::RecurrenceNotReached { next: Some(AT) },
        Refusal::RecurrenceNotReached { next: None },
        Refusal::TemplateNotFound { name: "birthdy".into(), known },
        Refusal::TemplateInactive("birthday".into()),
        Refusal::CashierNotFound("99".into()),
        Refusal::CashierNotActive,
        Refusal::CashierLocked { until: AT },
        Refusal::CashierState { status: "declined" },
        Refusal::UserIsStaff { command: "dvorik cashier suspend 1".into() },
        Refusal::TooManyTags,
        Refusal::TagTooLong,
        Refusal::PhoneInvalid,
        Refusal::BirthdayInvalid,
        Refusal::UndoWindowPassed,
        Refusal::NothingToUndo,
        Refusal::TemplateNameTaken("x".into()),
        Refusal::AdminNotFound("x".into()),
        Refusal::AdminNotActive,
        Refusal::LastOwner,
        Refusal::OrderNotFound("7".into()),
        Refusal::TextNotFound { key: "welcom".into(), known: vec!["welcome"] },
        Refusal::TextPlaceholderUnknown { name: "frist_name".into(), allowed: vec!["first_name".into()] },
        Refusal::TextHtmlInvalid { reason: "text.tag_unknown", what: "<div>".into() },
        Refusal::BroadcastNotFound("x".into()),
        Refusal::AdminUnreached("x".into()),
        Refusal::BroadcastInvalidTransition { verb: "pause", status: "draft" },
        Refusal::BroadcastNotEditable { status: "sent" },
        Refusal::BroadcastAudienceEmpty,
        Refusal::BroadcastConfirmationStale { count: 5 },
        Refusal::BroadcastTextInvalid { field: "buttons", reason: "link.host", what: "x".into() },
        Refusal::BroadcastMediaInvalid { reason: "media.empty", what: "x.jpg".into() },
        Refusal::BroadcastTooLarge { field: "buttons", most: 10 },
        Refusal::OwnerOnly,
        Refusal::Barred(AuthError::Role),
        Refusal::ServiceTokenNotFound("x".into()),
        Refusal::IdempotencyKeyReused,
        Refusal::CampaignNotFound("x".into()),
        Refusal::CampaignKeyTaken("x".into()),
        Refusal::SegmentNotFound { name: "VIPP".into(), known: vec!["VIP".into()] },
        Refusal::SegmentInvalid {
            path: "agee".into(),
            rule: "rule.filter_unknown",
            range: String::new(),
            known: vec!["age"],
        },
        Refusal::SegmentInvalid {
            path: "age.from".into(),
            rule: "rule.filter_between",
            range: "0–120".into(),
            known: vec![],
        },
        Refusal::SegmentInUse { name: "VIP".into(), uses: vec!["12".into()] },
        Refusal::SegmentNameTaken("VIP".into()),
        Refusal::SettingNotFound { key: "x".into(), known: vec!["birthday_hour"] },
        Refusal::SettingInvalidValue { key: "birthday_hour", rule: "setting.rule.int", range: "0–23".into() },
    ];
    for refusal in &all {
        match refusal {
            Refusal::Validation { .. }
            | Refusal::UserNotFound(_)
            | Refusal::UserBlocked
            | Refusal::UserIsStaff { .. }
            | Refusal::CodeNotFound
            | Refusal::CodeAlreadyUsed { .. }
            | Refusal::CodeExpired { .. }
            | Refusal::CodeRevoked
            | Refusal::CodeSpaceExhausted
            | Refusal::CustomerBlocked
            | Refusal::RecurrenceNotReached { .. }
            | Refusal::TemplateNotFound { .. }
            | Refusal::TemplateInactive(_)
            | Refusal::CashierNotFound(_)
            | Refusal::CashierNotActive
            | Refusal::CashierLocked { .. }
            | Refusal::CashierState { .. }
            | Refusal::TooManyTags
            | Refusal::TagTooLong
            | Refusal::PhoneInvalid
            | Refusal::BirthdayInvalid
            | Refusal::UndoWindowPassed
            | Refusal::NothingToUndo
            | Refusal::TemplateNameTaken(_)
            | Refusal::AdminNotFound(_)
            | Refusal::AdminNotActive
            | Refusal::LastOwner
            | Refusal::OrderNotFound(_)
            | Refusal::TextNotFound { .. }
            | Refusal::TextPlaceholderUnknown { .. }
            | Refusal::TextHtmlInvalid { .. }
            | Refusal::BroadcastNotFound(_)
            | Refusal::AdminUnreached(_)
            | Refusal::BroadcastInvalidTransition { .. }
            | Refusal::BroadcastNotEditable { .. }
            | Refusal::BroadcastAudienceEmpty
            | Refusal::BroadcastConfirmationStale { .. }
            | Refusal::BroadcastTextInvalid { .. }
            | Refusal::BroadcastMediaInvalid { .. }
            | Refusal::BroadcastTooLarge { .. }
            | Refusal::OwnerOnly
            | Refusal::Barred(_)
            | Refusal::ServiceTokenNotFound(_)
            | Refusal::IdempotencyKeyReused
            | Refusal::CampaignNotFound(_)
            | Refusal::CampaignKeyTaken(_)
            | Refusal::SegmentNotFound { .. }
            | Refusal::SegmentInvalid { .. }
            | Refusal::SegmentInUse { .. }
            | Refusal::SegmentNameTaken(_)
            | Refusal::SettingNotFound { .. }
            | Refusal::SettingInvalidValue { .. } => {}
        }
    }
    all
}

fn said(refusal: &Refusal, lang: Language) -> FailureReport {
    failure(&Wrong::from(refusal.clone()), &Voice { lang, zone: Zone::UTC, currency: "RUB".into() })
}

#[test]
fn every_refusal_has_a_whole_sentence_in_both_languages() {
    for refusal in samples() {
        for lang in Language::ALL {
            let FailureReport { code, message, hint, .. } = said(&refusal, lang);
            let text = message + "\n" + hint.as_deref().unwrap_or_default();
            // Placeholders of bot texts are shown in their own braces.
            let filled = text.replace("{{", "").replace("}}", "");
            assert!(!text.contains(code) && !filled.contains(['{', '}']), "{code}: {text}");
            let dotted = ["rule.", "status.", "refusal.", "text."].iter().any(|key| text.contains(key));
            assert!(!dotted, "{code}: a key without words in {text}");
        }
    }
}

#[test]
fn every_rule_a_setting_may_break_has_words() {
    for setting in settings::ALL {
        for typed in ["\u{7}", "x y", &"я".repeat(5000), "-", "[", "12"] {
            if let Err(Error::Refused(refusal)) = setting.parse(typed) {
                let said = said(&refusal, Language::En);
                assert_eq!(said.exit, ExitCode::Usage);
                assert!(!said.message.contains("setting.rule") && !said.message.contains('{'), "{}", said.message);
            }
        }
    }
}

#[test]
fn a_kind_of_refusal_is_an_exit_code() {
    let exits = [
        RefusalKind::Invalid,
        RefusalKind::NotFound,
        RefusalKind::Forbidden,
        RefusalKind::Conflict,
        RefusalKind::Unavailable,
        RefusalKind::Internal,
    ];
    assert_eq!(exits.map(|kind| exit(kind).number()), [2, 3, 4, 5, 75, 1]);
}
