//! Invitations: one link makes one admin, and every other link makes none. Straight on the database, with a clock moved
//! by hand; the last tests go through the staff bot and the command.

use std::sync::Barrier;

use dvorik::error::{Error, Refusal};
use dvorik::ids::{AdminId, TelegramId};
use dvorik::realm::Realm;
use dvorik::staff::{self, Acceptance, AdminEdit, Group, Owner, Role, StaffStatus};
use dvorik::user::Person;

use crate::counter::Shop;
use crate::harness::{PATIENCE, World, becomes_true};

const REFUSED: Acceptance = Acceptance::Refused;

fn person(id: i64) -> Person {
    Person { id: TelegramId(id), username: None, first_name: Some(format!("Маша {id}")), last_name: None }
}

impl Shop {
    /// The token of a new invitation.
    fn invites(&self, role: Role) -> String {
        let made = self.db.write(move |tx| staff::invite(tx, role, &Owner::of_shell("test"))).unwrap();
        made.parameter.strip_prefix("a_").unwrap().to_owned()
    }

    fn opens_in(&self, realm: Realm, id: i64, token: &str) -> Acceptance {
        let token = token.to_owned();
        self.db.write(move |tx| staff::accept_invitation(tx, realm, &person(id), &token)).unwrap()
    }

    fn opens(&self, id: i64, token: &str) -> Acceptance {
        self.opens_in(Realm::Real, id, token)
    }

    /// The token of a new invitation for a cashier.
    fn invites_cashier(&self, name: Option<&'static str>) -> String {
        let invite = move |tx: &dvorik::db::Tx<'_>| staff::invite_cashier(tx, name, &Owner::of_shell("test"));
        self.db.write(invite).unwrap().parameter.strip_prefix("a_").unwrap().to_owned()
    }

    fn known_cashier(&self, id: i64) -> Option<staff::Cashier> {
        self.db.read(|view| staff::find_cashier(view, Realm::Real, TelegramId(id))).unwrap()
    }

    /// What so many people get who open the same link at the same moment.
    fn opened_at_once(&self, people: usize, token: &str) -> Vec<Acceptance> {
        let begin = Barrier::new(people);
        std::thread::scope(|threads| {
            let press = |id: i64| {
                let begin = &begin;
                threads.spawn(move || {
                    begin.wait();
                    self.opens(id, token)
                })
            };
            let pressed: Vec<_> = (1000..).take(people).map(press).collect();
            pressed.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }

    fn admin(&self, id: i64) -> Option<staff::Admin> {
        self.db.read(|view| staff::find_admin(view, TelegramId(id))).unwrap()
    }
}

#[test]
fn one_link_makes_one_owner_however_many_press_at_once() {
    let shop = Shop::open();
    let token = shop.invites(Role::Owner);
    let accepted = shop.opened_at_once(64, &token);
    assert_eq!(accepted.iter().filter(|one| **one == Acceptance::Paired(Role::Owner)).count(), 1);
    assert_eq!(accepted.iter().filter(|one| **one == REFUSED).count(), 63);
    assert_eq!(shop.count("SELECT count(*) FROM admins WHERE role = 'owner' AND status = 'active'"), 2);
    assert_eq!(shop.count("SELECT count(*) FROM audit_log WHERE action = 'accept_invitation'"), 1);
    let told = "SELECT count(*) FROM outbox WHERE chat_id = 900 AND payload LIKE '%теперь владелец%'";
    assert_eq!(shop.count(told), 1, "the first owner is told once");
}

#[test]
fn a_link_that_was_used_is_over_replaced_or_foreign_makes_nobody() {
    let shop = Shop::open();
    let used = shop.invites(Role::Readonly);
    assert_eq!(shop.opens(1000, &used), Acceptance::Paired(Role::Readonly));
    assert_eq!(shop.opens(1001, &used), REFUSED);
    let over = shop.invites(Role::Readonly);
    shop.passes(staff::INVITATION_SECONDS);
    assert_eq!(shop.opens(1002, &over), REFUSED);
    let (replaced, last) = (shop.invites(Role::Owner), shop.invites(Role::Owner));
    assert_eq!(shop.opens(1003, &replaced), REFUSED);
    assert_eq!(shop.opens(1004, &"A".repeat(22)), REFUSED);
    assert_eq!(shop.opens(1005, ""), REFUSED);
    assert_eq!(shop.opens_in(Realm::Test, 1006, &last), REFUSED, "the test pair has no admins");
    assert_eq!(shop.opens(1007, &last), Acceptance::Paired(Role::Owner), "what failed did not use it up");
    assert_eq!(shop.count("SELECT count(*) FROM admins"), 3);
    let stored = format!("SELECT count(*) FROM invitations WHERE token_hash LIKE '%{used}%'");
    assert_eq!(shop.count(&stored), 0, "a token is stored as its hash");
}

#[test]
fn a_role_is_raised_and_never_lowered_and_a_suspended_admin_stays_out() {
    let shop = Shop::open();
    let (first, second) = (shop.invites(Role::Marketing), shop.invites(Role::Readonly));
    assert_eq!(shop.opens(1000, &first), Acceptance::Paired(Role::Marketing));
    assert_eq!(shop.admin(1000).unwrap().groups, []);
    assert_eq!(shop.opens(1000, &second), Acceptance::Paired(Role::Marketing), "used up, and not lowered");
    let third = shop.invites(Role::Owner);
    assert_eq!(shop.opens(1000, &third), Acceptance::Paired(Role::Owner));
    let owner = shop.admin(1000).unwrap();
    assert_eq!((owner.name.as_str(), owner.groups.as_slice()), ("Маша 1000", Group::ALL));

    let edit = AdminEdit { status: Some(StaffStatus::Suspended), ..AdminEdit::default() };
    let id = owner.id;
    let suspend =
        move |tx: &dvorik::db::Tx<'_>| staff::edit_admin(tx, id, &edit, &Owner::of_shell("t"), |_, _: AdminId| Ok(()));
    shop.db.write(suspend).unwrap();
    let fourth = shop.invites(Role::Owner);
    assert_eq!(shop.opens(1000, &fourth), REFUSED);
    assert_eq!(shop.admin(1000).unwrap().status, StaffStatus::Suspended);
    assert_eq!(shop.opens(1001, &fourth), Acceptance::Paired(Role::Owner));
}

#[test]
fn an_owner_who_opens_a_link_changes_nothing_and_no_owner_is_told() {
    let shop = Shop::open();
    let first = shop.invites(Role::Owner);
    shop.opens(1000, &first);
    shop.sql("UPDATE admins SET groups = '[\"reports\"]'");
    let told = shop.count("SELECT count(*) FROM outbox");
    let second = shop.invites(Role::Readonly);
    assert_eq!(shop.opens(1000, &second), Acceptance::Paired(Role::Owner));
    assert_eq!(shop.admin(1000).unwrap().groups, [Group::Reports], "what the owner has chosen stays");
    assert_eq!(shop.count("SELECT count(*) FROM outbox"), told);
    let audited = "SELECT count(*) FROM audit_log WHERE action = 'accept_invitation' AND before LIKE '%owner%'";
    assert_eq!(shop.count(audited), 1);
}

#[test]
fn what_is_opened_in_the_test_pair_silences_nobody() {
    let shop = Shop::open();
    let good = shop.invites(Role::Readonly);
    for _ in 0..6 {
        assert_eq!(shop.opens_in(Realm::Test, 1000, "guess"), REFUSED);
    }
    assert_eq!(shop.opens(1000, &good), Acceptance::Paired(Role::Readonly));
}

#[test]
fn a_request_for_access_ends_when_its_person_opens_an_invitation() {
    let shop = Shop::open();
    shop.db.write(|tx| staff::ask(tx, Realm::Real, &person(1000))).unwrap();
    let token = shop.invites(Role::Marketing);
    assert_eq!(shop.opens(1000, &token), Acceptance::Paired(Role::Marketing));
    assert_eq!(shop.count("SELECT count(*) FROM cashiers WHERE status = 'requested'"), 0);
}

#[test]
fn at_most_ten_invitations_of_other_roles_are_open() {
    let shop = Shop::open();
    for _ in 0..10 {
        shop.invites(Role::Marketing);
    }
    let more = |role| shop.db.write(move |tx| staff::invite(tx, role, &Owner::of_shell("test")));
    let refused = more(Role::Readonly).unwrap_err();
    let rule = |error: &Error| matches!(error, Error::Refused(Refusal::Validation { rule, .. }) if *rule == "rule.ten_invitations");
    assert!(rule(&refused), "{refused:?}");
    assert!(more(Role::Owner).is_ok(), "an owner's link is one of its own");
    shop.passes(staff::INVITATION_SECONDS + 1);
    assert!(more(Role::Readonly).is_ok());
}

#[test]
fn one_link_makes_one_cashier_under_the_name_that_the_owner_chose() {
    let shop = Shop::open();
    let before = shop.count("SELECT count(*) FROM cashiers");
    let token = shop.invites_cashier(Some(" Касса 1 "));
    let accepted = shop.opened_at_once(16, &token);
    assert_eq!(accepted.iter().filter(|one| **one == Acceptance::CashierPaired).count(), 1);
    assert_eq!(shop.count("SELECT count(*) FROM cashiers WHERE name = 'Касса 1' AND status = 'active'"), 1);
    assert_eq!(shop.count("SELECT count(*) FROM cashiers"), before + 1);
    assert_eq!(
        shop.count("SELECT count(*) FROM audit_log WHERE action = 'accept_invitation' AND entity = 'cashier'"),
        1
    );
    let told = "SELECT count(*) FROM outbox WHERE chat_id = 900 AND payload LIKE '%Касса 1 теперь кассир%'";
    assert_eq!(shop.count(told), 1, "the owner is told once");
    assert_eq!(shop.count("SELECT count(*) FROM invitations WHERE name IS NOT NULL"), 0, "a used one has no name");
}

#[test]
fn a_cashiers_link_lets_in_who_asked_or_was_declined_and_nobody_who_was_suspended() {
    let shop = Shop::open();
    let owner = Owner::of_shell("test");
    for id in [1000, 1001, 1002] {
        shop.db.write(move |tx| staff::ask(tx, Realm::Real, &person(id))).unwrap();
    }
    let (declined, suspended) = (shop.known_cashier(1001).unwrap().id, shop.known_cashier(1002).unwrap().id);
    let by = owner.clone();
    shop.db.write(move |tx| staff::decline(tx, declined, &by)).unwrap();
    let by = owner.clone();
    shop.db.write(move |tx| staff::approve(tx, suspended, None, &by)).unwrap();
    shop.db.write(move |tx| staff::suspend(tx, suspended, &owner)).unwrap();

    for id in [1000, 1001] {
        let token = shop.invites_cashier(None);
        assert_eq!(shop.opens(id, &token), Acceptance::CashierPaired);
        let cashier = shop.known_cashier(id).unwrap();
        assert_eq!((cashier.status, cashier.name), (StaffStatus::Active, format!("Маша {id}")));
        assert_eq!(shop.opens(id, &token), REFUSED, "used");
    }
    let token = shop.invites_cashier(None);
    assert_eq!(shop.opens(1002, &token), REFUSED);
    assert_eq!(shop.known_cashier(1002).unwrap().status, StaffStatus::Suspended);
    assert_eq!(shop.opens_in(Realm::Test, 1003, &token), REFUSED, "the test pair");
    shop.passes(staff::INVITATION_SECONDS);
    assert_eq!(shop.opens(1003, &token), REFUSED, "over");
    assert_eq!(shop.known_cashier(1003).map(|cashier| cashier.name), None);
}

#[test]
fn a_name_of_a_cashier_is_checked_before_the_link_is_made() {
    let shop = Shop::open();
    for name in ["", "  ", "a\nb"] {
        let made = shop.db.write(move |tx| staff::invite_cashier(tx, Some(name), &Owner::of_shell("test")));
        assert!(matches!(made.unwrap_err(), Error::Refused(Refusal::Validation { field: "name", .. })));
    }
    assert_eq!(shop.count("SELECT count(*) FROM invitations"), 0);
}

#[test]
fn an_invitation_that_is_over_is_deleted_with_the_name_in_it() {
    let shop = Shop::open();
    shop.invites_cashier(Some("Касса 1"));
    let tidy = || shop.db.write(staff::forget_old_invitations).unwrap();
    tidy();
    assert_eq!(shop.count("SELECT count(*) FROM invitations"), 1);
    shop.passes(staff::INVITATION_SECONDS + 1);
    tidy();
    assert_eq!(shop.count("SELECT count(*) FROM invitations"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cashier_comes_by_the_link_and_is_at_the_counter_at_once() {
    let w = World::open().await;
    knows_its_staff_bot(&w).await;
    let told = w.ran(&["cashier", "invite", "--name", "Касса 2", "--json"]).json();
    assert_eq!(told["schema"], "dvorik.cashier.invite/1");
    let start = told["link"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned();
    let petya = w.stranger("Петя");
    petya.says(&format!("/start {start}"));
    petya.hears("Готово, вы кассир.").await;
    w.owner().hears_ever("Касса 2 теперь кассир").await;
    petya.says("АВС1234");
    petya.hears("Такого кода нет").await;
}

#[test]
fn five_links_in_vain_silence_the_bot_for_ten_minutes() {
    let shop = Shop::open();
    let good = shop.invites(Role::Readonly);
    for _ in 0..4 {
        assert_eq!(shop.opens(1000, "guess"), REFUSED);
        shop.passes(30);
    }
    assert_eq!(shop.opens(1000, "guess"), REFUSED);
    assert_eq!(shop.opens(1000, &good), Acceptance::Silenced, "also a good link: a guesser learns nothing");
    assert_eq!(shop.opens(1001, "guess"), REFUSED, "others are answered");
    shop.passes(10 * 60 - 1);
    assert_eq!(shop.opens(1000, &good), Acceptance::Silenced);
    shop.passes(1);
    assert_eq!(shop.opens(1000, &good), Acceptance::Paired(Role::Readonly));
    shop.passes(30 * 60);
    shop.opens(1002, "guess");
    assert_eq!(shop.count("SELECT count(*) FROM invitation_misses"), 1, "old ones are deleted");
}

/// Waits until Telegram has told the daemon the staff bot's name.
async fn knows_its_staff_bot(w: &World) {
    let name = "SELECT count(*) FROM meta WHERE key = 'bot.staff.username'";
    assert!(becomes_true(PATIENCE, async || w.count(name) == 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_comes_by_the_link_that_the_command_prints() {
    let w = World::open().await;
    knows_its_staff_bot(&w).await;
    let ran = w.ran(&["admin", "invite", "--role", "owner"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let link = ran.out.trim();
    let start = link.strip_prefix("https://t.me/dvorik_staff_bot?start=").unwrap();
    assert_eq!((link.lines().count(), start.len()), (1, 24));
    let (masha, petya) = (w.stranger("Маша"), w.stranger("Петя"));
    masha.says(&format!("/start {start}"));
    masha.hears("Готово, Маша: вы владелец «Мармеладный дворик».").await;
    w.owner().hears_ever("Маша теперь владелец").await;
    masha.says("/stats");
    masha.hears("Погашено сегодня").await;
    petya.says(&format!("/start {start}"));
    petya.hears("Ссылка не действует: она на один раз и на 30 минут. Попросите новую.").await;

    let json = w.ran(&["admin", "invite", "--json", "-vv"]);
    let told = json.json();
    assert_eq!((&told["schema"], &told["role"]), (&"dvorik.admin.invite/1".into(), &"readonly".into()));
    let start = told["link"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned();
    assert!(!json.err.contains(&start), "{}", json.err);
    petya.says(&format!("/start {start}"));
    petya.hears("Готово, Петя: вы админ").await;
    let w = w.ends().await;
    let audit = w.texts("SELECT action FROM audit_log WHERE action LIKE '%invit%' ORDER BY id");
    assert_eq!(audit, ["invite_admin", "accept_invitation", "invite_admin", "accept_invitation"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_bots_name_there_is_no_link() {
    let w = World::closed().await;
    let ran = w.ran(&["admin", "invite", "--json"]);
    assert_eq!((ran.code, &ran.error()["code"]), (5, &"SERVICE_UNAVAILABLE".into()));
    assert!(ran.error()["hint"].as_str().unwrap().ends_with(" bot sync"), "{}", ran.err);
}
