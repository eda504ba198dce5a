//! Single records: of a known kind, or of any provider that the scenario describes itself.

use std::sync::Arc;

use crate::act::object::by_process;
use crate::act::{Args, logon_of, need, process_of, take, take_or};
use crate::error::Result;
use crate::kind::{self, Body, Field, Layout, Provider, Style};
use crate::scenario::draft::Draft;
use crate::scenario::names::Scope;
use crate::scenario::world::World;
use crate::value::{ValueType, number};

/// What may stand beside the fields.
const OWN_KEYS: [&str; 6] = ["layout", "record", "pid", "user", "subject", "process"];

/// One record of a kind: the parameters are its fields.
pub(crate) fn of_kind(
    world: &mut World,
    scope: &mut Scope,
    name: &str,
    mut args: Args,
) -> Result<()> {
    let host = scope.host.unwrap_or_default();
    let (mut helpers, mut draft) = helpers(world, scope, host, &mut args)?;
    draft.layout = take(&mut args, "layout");
    draft.strict = true;
    draft.fields = args.into_iter().collect();
    // What the helpers know stands first, so the scenario's own word wins, and fields the kind lacks do not matter.
    let wanted = kind::kind(name)?.layout(draft.layout.as_deref())?;
    helpers
        .fields
        .retain(|(field, _)| wanted.fields.iter().any(|known| known.name == *field));
    helpers.fields.append(&mut draft.fields);
    draft.fields = helpers.fields;
    let time = scope.now;
    // Reading a layout by the host's own choice may drop fields that the newest layout has.
    draft.strict = draft.layout.is_some() || !world.host(host)?.layouts.contains_key(name);
    world.emit(host, name, time, &draft)
}

/// `subject = "logon"` fills the four Subject fields, `process = "name"` those of Sysmon; every Sysmon record gets its time.
fn helpers(world: &World, scope: &Scope, host: usize, args: &mut Args) -> Result<(Draft, Draft)> {
    let mut known = Draft::new([("UtcTime", world.host(host)?.clock(scope.now).sysmon())]);
    if args.contains_key("process") {
        let process = process_of(world, scope, args, "process", "")?;
        known
            .fields
            .append(&mut by_process(world, scope, host, process)?.fields);
    }
    if args.contains_key("subject") {
        let logon = world.logon(logon_of(world, scope, args, "subject", "")?)?;
        known.fields.append(&mut world.subject(logon)?.fields);
    }
    let draft = Draft {
        user: args.remove("user"),
        process_id: take(args, "pid")
            .map(|text| number(&text).map_err(|error| error.at_key("pid")))
            .transpose()?,
        record_id: take(args, "record")
            .map(|text| number(&text).map_err(|error| error.at_key("record")))
            .transpose()?,
        ..Draft::default()
    };
    Ok((known, draft))
}

/// The kind `any`: the scenario says all itself.
pub(crate) fn any(world: &mut World, scope: &mut Scope, mut args: Args) -> Result<()> {
    let host = scope.host.unwrap_or_default();
    let (_, mut draft) = helpers(world, scope, host, &mut args)?;
    let style = match take(&mut args, "style").as_deref() {
        None | Some("manifest") => Style::Manifest,
        Some("fixed") => Style::Fixed,
        Some("classic") => Style::Classic,
        Some(other) => {
            let what = format!("`{other}` is no style; use manifest, fixed or classic");
            return Err(crate::Error::new(what).at_key("style"));
        }
    };
    let provider = Provider {
        name: need(&mut args, "provider")?,
        guid: take(&mut args, "guid"),
        source: take(&mut args, "source"),
        style,
        channel: need(&mut args, "channel")?,
        ..Provider::default()
    };
    let small = |args: &mut Args, key: &str| {
        number(&take_or(args, key, "0")).map_err(|error: crate::Error| error.at_key(key))
    };
    let mut layout = Layout {
        kind: "any".to_owned(),
        provider: Arc::new(provider),
        event_id: number(&need(&mut args, "id")?).map_err(|error| error.at_key("id"))?,
        qualifiers: take(&mut args, "qualifiers")
            .map(|text| number(&text))
            .transpose()
            .map_err(|e| e.at_key("qualifiers"))?,
        version: small(&mut args, "version")?,
        level: number(&take_or(&mut args, "level", "4")).map_err(|error| error.at_key("level"))?,
        task: number(&take_or(&mut args, "task", "0")).map_err(|error| error.at_key("task"))?,
        opcode: small(&mut args, "opcode")?,
        keywords: number(&take_or(&mut args, "keywords", "0x8000000000000000"))
            .map_err(|error| error.at_key("keywords"))?,
        body: Body::Named,
        fields: Vec::new(),
    };
    if let Some(texts) = args.remove("data") {
        layout.body = Body::Unnamed;
        layout.fields.push(Field {
            name: "Data".to_owned(),
            value_type: ValueType::TextList,
            default: Some(texts),
        });
    }
    if let Some(pair) = args.remove("user_data") {
        let (element, namespace) = pair.split_once('\u{1F}').ok_or_else(|| {
            crate::Error::new(
                "write the element and its namespace: user_data = [\"Element\", \"http://…\"]",
            )
            .at_key("user_data")
        })?;
        layout.body = Body::User(element.to_owned(), namespace.to_owned());
    }
    if let Some(fields) = args.remove("fields") {
        for field in fields.split('\u{1F}') {
            layout
                .fields
                .push(Field::parse(field).map_err(|error| error.at_key("fields"))?);
        }
    }
    if let Some(key) = args.keys().next() {
        let what = format!(
            "`any` takes no such parameter; fields go into fields = [\"Name:type=value\"]; beside it {}",
            OWN_KEYS.join(", ")
        );
        return Err(crate::Error::new(what).at_key(key));
    }
    draft.strict = false;
    world.emit_layout(host, Arc::new(layout), scope.now, &draft)
}

/// The act `log-cleared`: what the channel held before is gone.
pub(crate) fn log_cleared(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let channel = need(args, "channel")?;
    let logon = world
        .logon(logon_of(world, scope, args, "by", "logon-system")?)?
        .clone();
    let account = world.account(&logon.account)?;
    let (name, domain) = (account.name.clone(), account.domain.clone());
    let cleared = world.host(host)?.clock(scope.now);
    world.cleared.push((host, channel.clone(), cleared));
    if channel == "Security" {
        let draft = world.subject(&logon)?;
        let draft = draft
            .with("SubjectUserName", name)
            .with("SubjectDomainName", domain);
        return world.emit(host, "eventlog-1102", scope.now, &draft);
    }
    let draft = Draft::new([
        ("SubjectUserName", name),
        ("SubjectDomainName", domain),
        ("Channel", channel),
    ]);
    world.emit(host, "eventlog-104", scope.now, &draft)
}
