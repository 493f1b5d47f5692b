//! Runs the user's clients over TCP. Each trial gets a listener, a folder for its
//! file, and a process that keeps the client.

use std::{
    fs,
    future::Future,
    io,
    path::{Path, PathBuf},
    process::Stdio,
    rc::Rc,
    time::Duration,
};

use shortread_server::{clock::Clock, scenario::Scenario};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, Command},
};

use super::{
    ClientOrder, FromKeeper, Options, RunEnd, RunEvent, ServerError,
    family::{self, Family},
    queue::{self, Events, RunEnded},
    server::{ServerAccount, Servers},
    unable,
};
use crate::{
    command::{ClientEnd, ClientTrial, Known},
    measure::Histograms,
    results::{ClientCame, Detail, Record, build_client, timeline},
    suite::{FirstPart, Left, object_at_the_end},
    verify::examine,
};

/// The file's name in its folder: some clients look at the end of names.
const FILE: &str = "download";

/// Time after a client's limit until its keeper counts as stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `trials`, each with its place in the plan, until they end or `stop` does,
/// which ends every client. Must be called within a [`tokio::task::LocalSet`].
///
/// # Errors
/// The server cannot be started, or `observe` fails (it writes the records).
pub async fn run_clients(
    trials: Vec<(usize, ClientTrial)>,
    known: Known,
    options: &Options,
    stop: impl Future<Output = ()>,
    mut observe: impl FnMut(RunEvent) -> io::Result<()>,
) -> Result<RunEnd, ServerError> {
    family::adopt_orphans();
    let family = Rc::new(Family::default());
    let servers = Rc::new(Servers::new(options.program.clone(), Rc::clone(&family)));
    servers.get().await?;
    let known = Rc::new(known);
    let alone = |trial: &ClientTrial| trial.scenario.tcp.measure;
    let start = |_, trial: ClientTrial, events: Events| {
        let (servers, known, options) = (Rc::clone(&servers), Rc::clone(&known), options.clone());
        let family = Rc::clone(&family);
        async move {
            let ended = events.run_ended();
            run_trial(&servers, &trial, &known, &options, &family, ended).await
        }
    };
    let end = queue::play(trials, options.jobs, alone, start, stop, &mut observe).await;
    servers.end().await;
    Ok(end?)
}

/// Runs one trial, from its listener to its record; `None` if the run was ended.
async fn run_trial(
    servers: &Servers,
    trial: &ClientTrial,
    known: &Known,
    options: &Options,
    family: &Family,
    ended: RunEnded,
) -> Option<(Record, Detail)> {
    let failed = |scenario: &Scenario, why: &str, told: &ServerAccount| {
        let record = build_client(trial, scenario, Err(why), &told.events, known);
        Some((record, detail(scenario, told)))
    };
    let nothing = ServerAccount::default();
    let scaled = match trial.played() {
        Ok(scaled) => scaled,
        Err(error) => return failed(&trial.scenario, &error.to_string(), &nothing),
    };
    let folder = match Scratch::new(&options.scratch, &trial.file_name()) {
        Ok(folder) => folder,
        Err(error) => {
            return failed(
                &scaled,
                &format!("cannot make a folder for its file: {error}"),
                &nothing,
            );
        }
    };
    let (came, told) =
        match attempt(servers, trial, &scaled, options, &folder, family, ended).await? {
            Ok(attempt) => attempt,
            Err(error) => return failed(&scaled, &error.to_string(), &nothing),
        };
    match (unable(&told.events), came) {
        (Some(why), _) => failed(&scaled, why, &told),
        (None, Err(why)) => failed(&scaled, &why, &told),
        (None, Ok(came)) => {
            let record = build_client(trial, &scaled, Ok(&came), &told.events, known);
            Some((record, detail(&scaled, &told)))
        }
    }
}

/// The trial over time, as far as the server tells.
fn detail(scaled: &Scenario, told: &ServerAccount) -> Detail {
    Detail {
        timeline: timeline(scaled, None, &told.events, &told.progress),
        histograms: Histograms::default(),
    }
}

type ClientResult = Result<ClientCame, String>;

async fn attempt(
    servers: &Servers,
    trial: &ClientTrial,
    scaled: &Scenario,
    options: &Options,
    folder: &Scratch,
    family: &Family,
    ended: RunEnded,
) -> Option<Result<(ClientResult, ServerAccount), ServerError>> {
    let (server, addr) = match servers.open(&trial.id, scaled, trial.seed).await {
        Ok(opened) => opened,
        Err(error) => return Some(Err(error)),
    };
    let file = folder.0.join(FILE);
    let client = &trial.client;
    let begun = match begin(trial, scaled, &file) {
        Ok(begun) => begun,
        Err(why) => {
            let told = server.close(&trial.id).await;
            return Some(told.map(|told| (Err(why), told)));
        }
    };
    let url = format!("http://{addr}{}", path_of(scaled, begun.is_some()));
    let offers = offers(&url, &file, begun.as_ref());
    let order = ClientOrder {
        words: client.words(
            &offers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect::<Vec<_>>(),
        ),
        stdout: (!client.writes_file()).then(|| file.clone()),
        variables: match begun {
            Some(_) => variables(&offers),
            None => Vec::new(),
        },
        folder: folder.0.clone(),
        limit: trial.limit(scaled),
        preload: trial.preload(),
    };
    let end = keep(&options.program, &order, family, ended).await?;
    // A stopped client may have left a file of any length. It is examined anyway,
    // to see how much the client had.
    let came = end.and_then(|end| {
        came_of(end, &file, scaled, client.writes_file(), begun)
            .map_err(|error| format!("cannot read the saved file: {error}"))
    });
    match server.close(&trial.id).await {
        Ok(told) => Some(Ok((came, told))),
        Err(error) => Some(Err(error)),
    }
}

/// The path to ask for: that of a case, else the scenario's name; the server plays the
/// trial whatever it is.
fn path_of(scenario: &Scenario, is_case: bool) -> String {
    if let Some(alias) = scenario.alias.first().filter(|_| is_case) {
        return alias.clone();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let name = scenario.name.chars();
    let name: String = name.map(|c| if plain(c) { c } else { '_' }).collect();
    format!("/{name}")
}

/// Saves the first part of a case at `file`; `None` if the trial is of none.
fn begin(trial: &ClientTrial, scaled: &Scenario, file: &Path) -> Result<Option<FirstPart>, String> {
    let Some((_, case)) = trial.case else {
        return Ok(None);
    };
    let part = FirstPart::of(case, scaled).map_err(|error| error.to_string())?;
    fs::write(file, &part.bytes).map_err(|error| format!("cannot save the first part: {error}"))?;
    Ok(Some(part))
}

/// What a command can take, by name; what is not known is empty.
fn offers(url: &str, file: &Path, begun: Option<&FirstPart>) -> Vec<(&'static str, String)> {
    let mut offers = vec![
        ("url", url.to_owned()),
        ("out", file.to_string_lossy().into_owned()),
    ];
    if let Some(part) = begun {
        let known = |field: &Option<String>| field.clone().unwrap_or_default();
        offers.extend([
            ("offset", part.offset().to_string()),
            ("etag", known(&part.etag)),
            ("last_modified", known(&part.last_modified)),
            ("date", known(&part.date)),
        ]);
    }
    offers
}

/// The same as variables: `SHORTREAD_OFFSET`.
fn variables(offers: &[(&'static str, String)]) -> Vec<(String, String)> {
    let name = |name: &str| format!("SHORTREAD_{}", name.to_ascii_uppercase());
    let each = offers.iter();
    each.map(|(word, value)| (name(word), value.clone()))
        .collect()
}

/// What came of a client that has `end`ed, and had `begun` with a first part.
fn came_of(
    end: ClientEnd,
    file: &Path,
    scaled: &Scenario,
    by_client: bool,
    begun: Option<FirstPart>,
) -> io::Result<ClientCame> {
    let Some(part) = begun else {
        let saved = examine(file, scaled, by_client)?;
        return Ok(ClientCame {
            end,
            saved,
            begun: None,
        });
    };
    let saved = examine(file, &object_at_the_end(scaled), by_client)?;
    let replaced = !scaled.versions.is_empty();
    let left = Left::of(file, &part, &saved.finding, replaced)?;
    Ok(ClientCame {
        end,
        saved,
        begun: Some((part, left)),
    })
}

/// Runs a client under a keeper. The error says why nothing is known of it.
/// `None` if the run was ended; then nothing of the client is left.
async fn keep(
    program: &Path,
    order: &ClientOrder,
    family: &Family,
    mut ended: RunEnded,
) -> Option<Result<ClientEnd, String>> {
    let mut keeper = match spawn(program) {
        Ok(keeper) => keeper,
        Err(error) => {
            return Some(Err(format!(
                "cannot start the keeper of the client: {error}"
            )));
        }
    };
    let id = keeper.id();
    family.started(id);
    let input = keeper.stdin.take();
    let clock = Clock::real();
    let deadline = clock.now() + order.limit + PATIENCE;
    let told = tokio::select! {
        biased;
        () = ended.wait() => None,
        told = clock.timeout_at(deadline, talk(&mut keeper, input, order)) => Some(told),
    };
    // A client can also stop its keeper (SIGSTOP). It continues now, finds that
    // its input has ended, and ends the client.
    family::resume(id);
    let waited = clock
        .timeout_at(clock.now() + PATIENCE, keeper.wait())
        .await;
    if waited.is_err() {
        let _ = keeper.kill().await;
    }
    family.ended(id);
    if !matches!(waited, Ok(Ok(status)) if status.success()) {
        // A client can kill its keeper; the run now ends what the client left
        // behind.
        family.end_strangers();
    }
    match told? {
        Ok(told) => Some(told),
        Err(_) => Some(Err("the process that keeps the client is stuck".into())),
    }
}

/// Starts a keeper. Dropping the handle does not kill it: its input ends then,
/// and it has to end its client first.
fn spawn(program: &Path) -> io::Result<Child> {
    let mut command = Command::new(program);
    command
        .arg("keep")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    // The terminal's Ctrl-C does not reach the keeper, so the run can end it in
    // order.
    #[cfg(unix)]
    command.process_group(0);
    command.spawn()
}

async fn talk(
    keeper: &mut Child,
    input: Option<ChildStdin>,
    order: &ClientOrder,
) -> Result<ClientEnd, String> {
    let words = |error: io::Error| format!("cannot reach the client's keeper: {error}");
    let mut line = serde_json::to_string(order).map_err(|error| error.to_string())?;
    line.push('\n');
    // The input stays open until the last message: its end would end the client.
    let mut input = input.ok_or("the client's keeper has no input")?;
    let output = keeper
        .stdout
        .take()
        .ok_or("the client's keeper has no output")?;
    // If the keeper died at once, the end of its output shows it.
    let _ = input.write_all(line.as_bytes()).await;
    let mut lines = BufReader::new(output).lines();
    match lines.next_line().await.map_err(words)? {
        Some(line) => match serde_json::from_str(&line) {
            Ok(FromKeeper::Ended(end)) => Ok(end),
            Ok(FromKeeper::Failed(why)) => Err(why),
            Err(error) => Err(format!("the client's keeper said `{line}`: {error}")),
        },
        None => Err("the client's keeper ended without a word".into()),
    }
}

/// A folder that is removed after its trial.
struct Scratch(PathBuf);

impl Scratch {
    fn new(place: &Path, name: &str) -> io::Result<Self> {
        // The client may run in another folder.
        let folder = std::path::absolute(place.join(name))?;
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that cannot be removed stays; records are not affected.
        let _ = fs::remove_dir_all(&self.0);
    }
}
