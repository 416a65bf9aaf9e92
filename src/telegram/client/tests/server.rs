//! A fake Bot API with scripted answers, also those that no HTTP library would send: one answer per connection, on
//! plain sockets.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

pub enum Reply {
    Json(u16, String),
    Raw(String),
    /// The server reads the request and closes the connection.
    Reset,
    /// The server reads the request and does not answer until the test ends.
    Silence,
}

pub struct Server {
    pub base: String,
    replies: Sender<Reply>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (replies, script) = channel();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || serve(&listener, &script, &seen));
        Self { base, replies, requests }
    }

    pub fn will(&self, reply: Reply) {
        self.replies.send(reply).unwrap();
    }

    pub fn says(&self, status: u16, json: &serde_json::Value) {
        self.will(Reply::Json(status, json.to_string()));
    }

    /// All requests so far: first line, headers and body as text.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(listener: &TcpListener, script: &Receiver<Reply>, seen: &Mutex<Vec<String>>) {
    let mut held = Vec::new();
    while let Ok((mut stream, _)) = listener.accept() {
        let request = read_request(&mut stream);
        seen.lock().unwrap().push(request);
        let answer = match script.recv() {
            Ok(Reply::Json(status, body)) => format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{body}",
                body.len()
            ),
            Ok(Reply::Raw(answer)) => answer,
            Ok(Reply::Reset) => continue,
            Ok(Reply::Silence) => {
                held.push(stream);
                continue;
            }
            Err(_) => return,
        };
        stream.write_all(answer.as_bytes()).unwrap();
    }
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.split_once("content-length: ").map(|(_, rest)| rest.lines().next().unwrap());
            let whole = head.len() + 4 + length.map_or(0, |length| length.trim().parse::<usize>().unwrap());
            let chunked = head.contains("transfer-encoding: chunked");
            if if chunked { text.ends_with("0\r\n\r\n") } else { bytes.len() >= whole } {
                return text;
            }
        }
        let read = stream.read(&mut chunk).unwrap();
        assert_ne!(read, 0, "the request ended early: {text}");
        bytes.extend_from_slice(&chunk[..read]);
    }
}
