//! Opens the shop of a demo in which people take part: its history, its cast, its clock, and the daemon.

use chrono::NaiveDateTime;

use super::cast::{self, Cast};
use super::crowd::Crowd;
use super::phones::Contact;
use crate::clock::{Clock, ClockPiece, Instants, Timestamp, Zone};
use crate::daemon;
use crate::db::{Database, set_demo_clock};
use crate::demo::fixture::{CUSTOMER_BOT, Fixture, SHOP};
use crate::demo::people::full_name;
use crate::demo::report::Miss;
use crate::demo::settle::{config, settle};
use crate::demo::{Options, history};

/// When the shop's clock starts, in seconds after midnight: 14:05, when people come to a shop.
const START: i64 = 14 * 3600 + 5 * 60;

/// The shop of the demo, open.
pub(in crate::demo) struct Opened {
    pub database: Database,
    pub(super) cast: Cast,
    pub(super) people: Vec<Contact>,
    pub(super) crowd: Crowd,
}

/// Makes the shop, its history and its people, and starts the daemon.
///
/// # Errors
/// The shop cannot be made, or its daemon does not start.
pub(in crate::demo) async fn open(
    fixture: &mut Fixture,
    options: &Options,
    begins: Option<NaiveDateTime>,
) -> Result<Opened, Miss> {
    fixture.found_in(SHOP).await?;
    let config = config(fixture)?;
    let start = start(begins, config.timezone);
    let residents = settle(fixture, options, start).await?;
    let people = residents.iter().map(|resident| Contact {
        id: resident.person.id,
        name: full_name(&resident.person),
        note: String::new(),
    });
    let people: Vec<Contact> = people.collect();
    let broken = |why: String| Miss::new(format!("{} d", history::DAYS), why);
    let (roles, language) = (fixture.roles.clone(), options.language);
    let written = tokio::task::spawn_blocking(move || {
        let database = daemon::open(&config, Clock::System).map_err(|error| error.to_string())?;
        let pieces = [ClockPiece { from_ms: Clock::System.now_ms().0, shop_ms: start.millis().0, rate: 1 }];
        let write = database.write(move |tx| {
            set_demo_clock(tx, &pieces)?;
            cast::write(tx, &roles, &residents, language, start)
        });
        let cast = write.map_err(|error| error.to_string())?;
        // Opened again, the database has the shop's clock.
        drop(database);
        let database = daemon::open(&config, Clock::System).map_err(|error| error.to_string())?;
        Ok((database, cast))
    });
    let (database, cast) = written.await.map_err(|error| broken(error.to_string()))?.map_err(broken)?;
    // It was not set before: a shop is opened once.
    let _ = fixture.clock.set(database.clock().clone());
    for person in &cast.added {
        fixture.telegram.add_person(person.clone());
        fixture.telegram.has_started(CUSTOMER_BOT, person.id);
    }
    fixture.open_shop().await?;
    let offered = |id: i64| cast.customers.iter().any(|contact| contact.id == id);
    let customers = people.iter().map(|contact| contact.id).filter(|id| !offered(*id)).collect();
    let cashier = fixture.roles.third_cashier.id;
    let crowd = Crowd::new((options.seed, language), &database, (customers, cashier));
    Ok(Opened { database, cast, people, crowd })
}

/// The instant at which the shop's clock starts.
fn start(local: Option<NaiveDateTime>, zone: Zone) -> Timestamp {
    let today = zone.start_of(zone.day(Clock::System.now())).plus(START);
    match local.map(|local| zone.instants(local)) {
        None => today,
        Some(Instants::One(at) | Instants::Two(at, _)) => at,
        Some(Instants::Never { to, .. }) => zone.start_of(to.date()),
    }
}
