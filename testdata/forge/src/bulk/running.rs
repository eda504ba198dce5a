//! The processes that run on the hosts of a bulk log: who starts a process, opens another or ends is
//! one that was seen to start, and every copy of a program has the same hash.

use crate::identity::Guid;
use crate::random::Random;

/// How many processes run on a host at a time.
const RUNNING: usize = 60;
/// How many programs there are.
const PROGRAMS: usize = 90;

/// A process on one of the hosts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Process {
    pub(super) guid: Guid,
    pub(super) pid: u32,
    program: usize,
}

/// All processes that run now, and the programs.
pub(super) struct Running {
    hosts: Vec<Vec<Process>>,
    hashes: Vec<String>,
}

impl Running {
    /// What runs on so many hosts when the log begins.
    pub(super) fn new(hosts: usize, random: &mut Random) -> Self {
        let mut hash = || format!("SHA256={}", random.text("0123456789ABCDEF", 64));
        let hashes = (0..PROGRAMS).map(|_| hash()).collect();
        let mut of_host = || (0..RUNNING).map(|_| Process::new(random)).collect();
        Running {
            hosts: (0..hosts).map(|_| of_host()).collect(),
            hashes,
        }
    }

    /// One that runs on a host.
    pub(super) fn any(&self, host: usize, random: &mut Random) -> Process {
        let running = self
            .hosts
            .get(host)
            .and_then(|running| random.pick(running));
        running.copied().unwrap_or_else(|| Process::new(random))
    }

    /// Starts one on a host, in the place of another.
    pub(super) fn start(&mut self, host: usize, random: &mut Random) -> Process {
        let started = Process::new(random);
        let place = usize::try_from(random.below(RUNNING as u64)).unwrap_or(0);
        let running = self.hosts.get_mut(host);
        if let Some(ended) = running.and_then(|running| running.get_mut(place)) {
            *ended = started;
        }
        started
    }

    /// The hash of a process's program, as Sysmon lists it.
    pub(super) fn hash(&self, process: Process) -> &str {
        self.hashes.get(process.program).map_or("", String::as_str)
    }
}

impl Process {
    fn new(random: &mut Random) -> Self {
        Process {
            guid: random.guid(),
            pid: 4 * (100 + random.below32(4000)),
            program: usize::try_from(random.below(PROGRAMS as u64)).unwrap_or(0),
        }
    }

    /// The path of its program.
    pub(super) fn image(self) -> String {
        format!(r"C:\Program Files\Vendor{0}\tool{0}.exe", self.program)
    }
}
