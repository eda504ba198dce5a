//! The questions that the two seed articles ask of such an alert, answered from evidence or left
//! open; and every question that the site profile could answer, asked in words when it does not.

use std::time::Duration;

use super::alert::{Artefact, How, ProcessRef, Question, Role};
use super::history::Earlier;
use super::signals::{Scene, accounts, group};
use super::wording::{counted, cut, distinct, listed, moment};
use crate::detect::ToolKind;
use crate::detect::session_zero::Door;
use crate::environment::Answer;
use crate::event::fact::Fact;
use crate::event::identity::{admin_group, file_name};

/// Where to write what the site knows about itself.
const PROFILE: &str = "Say so in the site profile: `dualuse config template`";
/// How a profile's answer is known.
const BY_PROFILE: &str = "site profile";
/// What Windows writes of one logon, it writes in one moment.
const SAME_MOMENT: Duration = Duration::from_secs(2);
/// Commands shown, and how much of each.
const SHOWN: usize = 5;
const COMMAND: usize = 100;

/// All questions of an alert.
pub(super) fn questions(scene: &Scene<'_, '_>) -> Vec<Question> {
    let mut questions = vec![who(scene), whence(scene)];
    questions.extend(linux(scene));
    questions.push(what_ran(scene));
    questions.push(usual(scene));
    questions.push(change_window(scene));
    questions.extend(admin_account(scene));
    questions.extend(admin_rights(scene));
    questions.extend(admin_source(scene));
    questions.extend(management_server(scene));
    questions.extend(service_account(scene));
    questions.extend(admin_groups(scene));
    questions.extend(own_service(scene));
    questions.extend(other_ends(scene));
    questions.extend(working_hours(scene));
    questions
}

fn answered(ask: impl Into<String>, answer: impl Into<String>, how: impl Into<String>) -> Question {
    Question {
        ask: ask.into(),
        answer: Some(answer.into()),
        how: Some(how.into()),
    }
}

fn open(ask: impl Into<String>) -> Question {
    Question {
        ask: ask.into(),
        answer: None,
        how: None,
    }
}

fn who(scene: &Scene<'_, '_>) -> Question {
    const ASK: &str = "Who did it?";
    let alert = &scene.draft.alert;
    let Some(account) = &alert.account else {
        return open(ASK);
    };
    let client = alert
        .client
        .as_ref()
        .and_then(|client| client.account.as_deref())
        .filter(|client| !crate::event::same_account(client, &account.name));
    let sid = account.sid.as_deref().filter(|sid| *sid != account.name);
    let mut answer = account.name.clone();
    if let Some(sid) = sid {
        answer.push_str(&format!(" ({sid})"));
    }
    if let Some(client) = client {
        answer.push_str(&format!("; the client ran as {client}"));
    }
    answered(ASK, answer, account.how.words())
}

/// What kind of host it came from, and how that is known.
fn whence(scene: &Scene<'_, '_>) -> Question {
    const ASK: &str = "From where, and is that a Linux host?";
    let alert = &scene.draft.alert;
    let Some(source) = scene.source() else {
        let host = &alert.host;
        if scene.door == Some(Door::ScheduledTask) {
            let answer = format!("From {host} itself: a scheduled task started it");
            return answered(ASK, answer, How::SameProcessId.words());
        }
        let local = !scene.came_over_network() && scene.client().is_some();
        return if local {
            answered(
                ASK,
                format!("From {host} itself"),
                How::SameProcessId.words(),
            )
        } else {
            open(ASK)
        };
    };
    let mut how = source_how(scene).to_owned();
    if scene.ends.source_by_address && scene.ends.client.is_none() {
        how.push_str("; the address is the host's by its own connections or machine account");
    }
    if let Some(host) = scene.source_host() {
        let name = scene.around.timeline.host_name(host);
        let answer = format!("From {source}, a Windows host: logs of {name} are loaded");
        return answered(ASK, answer, how);
    }
    if scene.tool.from_linux {
        let answer = format!(
            "From {source}, probably a Linux host: {} is run from Linux, and no Windows log of it is loaded",
            scene.tool.title
        );
        return answered(ASK, answer, format!("{how}; the tool"));
    }
    let answer =
        format!("From {source}; no log of it is loaded to tell whether it is a Linux host");
    answered(ASK, answer, how)
}

fn source_how(scene: &Scene<'_, '_>) -> &'static str {
    let alert = &scene.draft.alert;
    match (&alert.client, &alert.logon) {
        (Some(client), _) if client.host.is_some() => client.how.words(),
        (_, Some(logon)) => logon.how.words(),
        _ => How::NearestInTime.words(),
    }
}

fn linux(scene: &Scene<'_, '_>) -> Option<Question> {
    const ASK: &str = "Does this site administer Windows from Linux?";
    // A source whose Windows logs are loaded is none.
    if !scene.tool.from_linux || scene.source_host().is_some() {
        return None;
    }
    Some(match scene.around.environment.linux {
        Answer::Yes => answered(ASK, "Yes", BY_PROFILE),
        Answer::No => answered(
            ASK,
            "No, so this needs an investigation all the more",
            BY_PROFILE,
        ),
        Answer::Unknown => open(format!("{ASK} {PROFILE}")),
    })
}

fn what_ran(scene: &Scene<'_, '_>) -> Question {
    const ASK: &str = "What was installed or run?";
    let alert = &scene.draft.alert;
    let text = |process: &ProcessRef| {
        let line = process.command_line.as_deref().or(process.image.as_deref());
        line.map(|line| cut(line.trim(), COMMAND))
    };
    let lines = |role: Role| {
        let processes = alert.processes.iter();
        let of_role = processes.filter(|process| process.role == role && !is_console(process));
        distinct(of_role.filter_map(text))
    };
    let ran = lines(Role::Child);
    let installs = scene.sightings(&[Artefact::ServiceInstall]);
    let installed = distinct(
        installs.filter_map(|event| match scene.around.fact(event)? {
            Fact::ServiceInstall(f) => {
                let text = |symbol| scene.around.timeline.text(symbol);
                let program = cut(text(f.image_path), COMMAND);
                Some(format!("service {} ({program})", text(f.name)))
            }
            _ => None,
        }),
    );
    let mut parts = Vec::new();
    if !installed.is_empty() {
        parts.push(format!("Installed: {}", listed(&installed, SHOWN)));
    }
    if !ran.is_empty() {
        parts.push(format!("Run: {}", listed(&ran, SHOWN)));
    }
    // What a client was told says what was meant to run, where nobody saw it run.
    if ran.is_empty()
        && scene
            .with_role(Role::Client)
            .any(|c| c.command_line.is_some())
    {
        let told = lines(Role::Client);
        parts.push(format!("Asked for: {}", listed(&told, SHOWN)));
    }
    if parts.is_empty() {
        return open(ASK);
    }
    answered(ASK, parts.join(". "), How::Named.words())
}

fn is_console(process: &ProcessRef) -> bool {
    process
        .image
        .as_deref()
        .is_some_and(|image| file_name(image).eq_ignore_ascii_case("conhost.exe"))
}

fn usual(scene: &Scene<'_, '_>) -> Question {
    const ASK: &str = "Is it usual for this account and host?";
    let past = scene.past;
    let (Some(on_host), by_account) = (past.on_host, past.by_account) else {
        return open(ASK);
    };
    let count = |earlier: Earlier| match earlier.uses {
        0 => "no earlier use".to_owned(),
        uses => counted(uses as u64, "earlier use"),
    };
    let begins = scene
        .around
        .coverage
        .host(scene.draft.host)
        .and_then(super::coverage::HostCoverage::begins)
        .map(moment)
        .unwrap_or_default();
    let mut answer = format!(
        "{} on {}: {}",
        scene.tool.title,
        scene.draft.alert.host,
        count(on_host)
    );
    if let (Some(earlier), Some(account)) = (by_account, scene.account()) {
        answer.push_str(&format!("; by {account}: {}", count(earlier)));
        if earlier.uses > 0 {
            let hosts = counted(earlier.hosts as u64, "host");
            answer.push_str(&format!(" on {hosts}"));
        }
    }
    answered(
        ASK,
        answer,
        format!("loaded logs; those of the host begin {begins}"),
    )
}

fn change_window(scene: &Scene<'_, '_>) -> Question {
    const ASK: &str = "Does a change window cover it?";
    let site = scene.around.environment;
    let alert = &scene.draft.alert;
    if site.change_windows.is_empty() {
        return open(format!("{ASK} {PROFILE}"));
    }
    let window = site
        .change_windows_at(alert.first_time, &alert.host, scene.account())
        .next();
    match window {
        Some(window) => {
            let ticket = window
                .ticket
                .as_deref()
                .map_or_else(String::new, |ticket| format!(" ({ticket})"));
            answered(ASK, format!("Yes: {}{ticket}", window.name), BY_PROFILE)
        }
        None => answered(ASK, "No", BY_PROFILE),
    }
}

fn admin_account(scene: &Scene<'_, '_>) -> Option<Question> {
    let account = scene.account()?;
    let ask = format!("Is {account} an administrator's account here?");
    Some(match scene.around.environment.is_admin_account(account) {
        Some(true) => answered(ask, "Yes", BY_PROFILE),
        Some(false) => answered(ask, "No", BY_PROFILE),
        None => open(format!("{ask} {PROFILE}")),
    })
}

/// What the session of the logon was allowed, where its own events say so.
fn admin_rights(scene: &Scene<'_, '_>) -> Option<Question> {
    let account = scene.account()?;
    let logon = scene.alert().logon.as_ref()?;
    let (event, fact) = scene.logon()?;
    let timeline = scene.around.timeline;
    let (host, id) = (timeline.host(event), fact.logon_id);
    let time = timeline.time(event);
    let window = timeline.window(time.minus(SAME_MOMENT), time.plus(SAME_MOMENT));
    let is_same = |event, other| timeline.host(event) == host && other == id;
    let tables = timeline.tables();
    let mut groups = tables.group_memberships.between(window.start, window.end);
    let mut privileged = tables.privileged_logons.between(window.start, window.end);
    let groups = groups
        .find(|(event, fact)| is_same(*event, fact.logon_id) && !fact.admin_groups.is_none())
        .map(|(_, fact)| timeline.text(fact.admin_groups).split(' '));
    let ask = format!("Had {account} administrators' rights there?");
    let answer = match groups {
        Some(sids) => {
            let named = sids.map(|sid| format!("{} ({sid})", admin_group(sid).unwrap_or("?")));
            let groups: Vec<String> = named.collect();
            format!("Yes: its session was in {}", listed(&groups, SHOWN))
        }
        None if privileged.any(|(event, fact)| is_same(event, fact.logon_id)) => {
            "Yes: its session was given special privileges (4672)".to_owned()
        }
        None => return None,
    };
    Some(answered(ask, answer, logon.how.words()))
}

fn admin_source(scene: &Scene<'_, '_>) -> Option<Question> {
    let source = scene.source()?;
    let site = scene.around.environment;
    let (name, address) = (scene.source_name(), scene.source_address());
    let ask = format!("Do administrators work from {source}?");
    Some(match site.is_admin_source(name, address) {
        Some(true) => answered(ask, "Yes", BY_PROFILE),
        Some(false) => answered(ask, "No", BY_PROFILE),
        None => open(format!("{ask} {PROFILE}")),
    })
}

fn management_server(scene: &Scene<'_, '_>) -> Option<Question> {
    let source = scene.source()?;
    let site = scene.around.environment;
    let (name, address) = (scene.source_name(), scene.source_address());
    let ask = format!("Is {source} a server that manages others?");
    Some(match site.management_server(name, address) {
        Some(server) => answered(ask, format!("Yes: {}", server.product), BY_PROFILE),
        None if site.management_servers.is_empty() => open(format!("{ask} {PROFILE}")),
        None => answered(ask, "No", BY_PROFILE),
    })
}

/// A user's process in session 0 is no rogue when the account is one of a service.
fn service_account(scene: &Scene<'_, '_>) -> Option<Question> {
    if scene.tool.id != "session-zero" {
        return None;
    }
    let account = scene.account()?;
    let ask = format!("Is {account} an account that services or scheduled jobs run under?");
    Some(match scene.around.environment.is_service_account(account) {
        Some(true) => answered(ask, "Yes", BY_PROFILE),
        Some(false) => answered(ask, "No", BY_PROFILE),
        None => open(format!("{ask} {PROFILE}")),
    })
}

/// Whoever is put into a group of administrators is one from then on.
fn admin_groups(scene: &Scene<'_, '_>) -> Vec<Question> {
    let joined = group::joined(scene).into_iter().map(|(group, _)| group);
    let groups = distinct(joined.chain(accounts::own_groups_joined(scene)));
    let question = |group: &String| {
        let ask = format!("Is {group} a group of administrators here?");
        match scene.around.environment.is_admin_group(group) {
            Some(true) => answered(ask, "Yes", BY_PROFILE),
            Some(false) => answered(ask, "No", BY_PROFILE),
            None => open(format!("{ask} {PROFILE}")),
        }
    };
    groups.iter().take(SHOWN).map(question).collect()
}

/// A service under another name that nothing but account and time ties to the tool.
fn own_service(scene: &Scene<'_, '_>) -> Option<Question> {
    let service = scene.alert().service.as_ref()?;
    let (name, tool) = (&service.name, &scene.tool.title);
    service.how.is_inferred().then(|| {
        open(format!(
            "Is {name} the service of {tool}, under another name? The same account installed it moments before"
        ))
    })
}

/// Other ends that fit, but not for certain.
fn other_ends(scene: &Scene<'_, '_>) -> Option<Question> {
    let candidates = &scene.ends.candidates;
    (!candidates.is_empty()).then(|| {
        open(format!(
            "Is the other end one of these: {}?",
            listed(candidates, SHOWN)
        ))
    })
}

fn working_hours(scene: &Scene<'_, '_>) -> Option<Question> {
    let unknown = scene.around.environment.time_zone.is_none();
    (unknown && scene.tool.kind != ToolKind::Management)
        .then(|| open(format!("In which time zone does this site work? {PROFILE}")))
}
