//! `puppyslug serve`: a private web page on this computer.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::terminal::{say, stop_on_interrupt};
use crate::serve::{Service, serve};
use crate::store::data_folder;
use crate::studio::Room;

#[derive(Args)]
#[command(after_help = "\
Examples:
  puppyslug serve --open             opens the page in the browser
  puppyslug serve --port 8080        on another port
  puppyslug serve --listen 10.0.0.5  for others in a trusted network

The page works on this computer only and contacts no other. Each printed address opens it once, in
one browser. Dreams are kept in the user's data folder, in `dreams`.")]
pub(crate) struct Arguments {
    /// Port to listen on; 0 for any free one
    #[arg(long, value_name = "N", default_value_t = 7317)]
    port: u16,

    /// Open the page in the browser
    #[arg(long)]
    open: bool,

    /// Listen on this address of the computer instead. Anyone who can read the network can read the pictures
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,

    /// Show the channels of this atlas in the search, with their pictures: what `puppyslug atlas` wrote
    #[arg(long, value_name = "FILE")]
    atlas: Option<PathBuf>,

    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let network = arguments.weights.network()?;
    let folder = data_folder()?.join("dreams");
    let atlas = arguments.atlas.clone();
    let room = Room::on(arguments.device.open()?);
    let stop = stop_on_interrupt()?;
    let opens = AtomicBool::new(arguments.open);
    let tell = move |address: &str| {
        // The first address is for the browser that we open; each later one is printed for another browser.
        if opens.swap(false, Ordering::Relaxed) {
            say(format_args!("opening {address}"));
            open(address);
        } else {
            say(format_args!("open {address}"));
        }
    };
    let Arguments { port, listen: address, .. } = *arguments;
    serve(Service { address, port, network, room, folder, atlas, tell: Arc::new(tell) }, &stop)?;
    say("stopped by Ctrl-C; unfinished dreams continue when the page is served again");
    Ok(())
}

/// Asks the system to open an address. If that fails, the user can open it by hand: it is on the terminal.
fn open(address: &str) {
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.spawn() {
        Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
        Err(error) => say(format_args!("'{program}' cannot open it: {error}")),
    }
}
