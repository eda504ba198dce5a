//! Scheduled tasks: Security 4698 and TaskScheduler 106, 129, 200, 201.

use crate::act::{Args, logon_of, need, process_of, take_or};
use crate::error::Result;
use crate::scenario::draft::Draft;
use crate::scenario::names::Scope;
use crate::scenario::world::World;

/// The act `task-registered`.
pub(crate) fn registered(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let name = need(args, "task")?;
    let logon = world
        .logon(logon_of(world, scope, args, "by", "console")?)?
        .clone();
    let author = world.account(&logon.account)?;
    let author = format!("{}\\{}", author.domain, author.name);
    let runs_as = take_or(args, "runs_as", &author);
    let (command, arguments) = (need(args, "command")?, take_or(args, "arguments", ""));
    let local = world.host(host)?.clock(scope.now).to_string();
    let date = local.split('.').next().unwrap_or_default();
    let (command, arguments) = (escape(&command), escape(&arguments));
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <RegistrationInfo>\r\n    <Date>{date}</Date>\r\n    <Author>{author}</Author>\r\n    <URI>{name}</URI>\r\n  </RegistrationInfo>\r\n  <Triggers>\r\n    <TimeTrigger>\r\n      <StartBoundary>{date}</StartBoundary>\r\n      <Enabled>true</Enabled>\r\n    </TimeTrigger>\r\n  </Triggers>\r\n  <Principals>\r\n    <Principal id=\"Author\">\r\n      <UserId>{runs_as}</UserId>\r\n      <LogonType>Password</LogonType>\r\n      <RunLevel>HighestAvailable</RunLevel>\r\n    </Principal>\r\n  </Principals>\r\n  <Actions Context=\"Author\">\r\n    <Exec>\r\n      <Command>{command}</Command>\r\n      <Arguments>{arguments}</Arguments>\r\n    </Exec>\r\n  </Actions>\r\n</Task>"
    );
    let draft = world
        .subject(&logon)?
        .with("TaskName", name.clone())
        .with("TaskContent", content);
    world.emit(host, "security-4698", scope.now, &draft)?;
    let draft = Draft::new([("TaskName", name), ("UserContext", author)]);
    world.emit(host, "task-106", scope.now, &draft)
}

/// The act `task-started`.
pub(crate) fn started(
    world: &mut World,
    scope: &mut Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let name = need(args, "task")?;
    let process = world.process(process_of(world, scope, args, "process", "")?)?;
    let (pid, image) = (process.pid.to_string(), process.image.clone());
    let instance = args
        .remove("instance")
        .unwrap_or_else(|| instance(world, scope));
    let engine = world
        .process(process_of(
            world,
            scope,
            args,
            "engine",
            "svchost.schedule",
        )?)?
        .pid
        .to_string();
    let draft = Draft::new([
        ("TaskName", name.clone()),
        ("Path", image.clone()),
        ("ProcessID", pid),
    ]);
    world.emit(host, "task-129", scope.now, &draft)?;
    let draft = Draft::new([
        ("TaskName", name),
        ("ActionName", image),
        ("TaskInstanceId", instance),
        ("EnginePID", engine),
    ]);
    world.emit(host, "task-200", scope.now, &draft)
}

/// The act `task-ended`.
pub(crate) fn ended(
    world: &mut World,
    scope: &mut Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let name = need(args, "task")?;
    let image = world
        .process(process_of(world, scope, args, "process", "")?)?
        .image
        .clone();
    let instance = args
        .remove("instance")
        .unwrap_or_else(|| instance(world, scope));
    let engine = world
        .process(process_of(
            world,
            scope,
            args,
            "engine",
            "svchost.schedule",
        )?)?
        .pid
        .to_string();
    let draft = Draft::new([
        ("TaskName", name),
        ("ActionName", image),
        ("TaskInstanceId", instance),
        ("ResultCode", take_or(args, "result", "0")),
        ("EnginePID", engine),
    ]);
    world.emit(host, "task-201", scope.now, &draft)
}

fn instance(world: &mut World, scope: &mut Scope) -> String {
    scope
        .random
        .as_mut()
        .unwrap_or(&mut world.random)
        .guid()
        .to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
