//! Uploaded files. Each file gets an id that only the uploading bot may use. Used by sends and by getFile.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::call_context::{CallContext, Done};
use super::call_log::Keep;
use super::message::Media;
use super::params::Upload;
use super::refusal::Refusal;
use super::shared_state::StoredFile;

const PHOTO_LIMIT: usize = 10 * 1024 * 1024;
const FILE_LIMIT: usize = 50 * 1024 * 1024;

impl CallContext<'_> {
    /// The media that the parameter `kind` (`photo`, `video` or `document`) names: a new upload, or the id of a file
    /// that this bot has uploaded before.
    pub(super) fn media(&mut self, kind: &'static str) -> Result<Media, Refusal> {
        if let Some(upload) = self.params.upload(kind).cloned() {
            return self.store(kind, upload);
        }
        let Some(id) = self.params.text(kind) else {
            return Err(Refusal::bad(&format!("there is no {kind} in the request")));
        };
        if id.starts_with("http://") || id.starts_with("https://") {
            return Err(Refusal::bad("failed to get HTTP URL content"));
        }
        let known = self.shared.files.get(id).filter(|file| file.bot == self.bot.id);
        let file = known.ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))?;
        if file.media.kind != kind {
            let (is, wanted) = (type_name(file.media.kind), type_name(kind));
            return Err(Refusal::bad(&format!("can't use file of type {is} as {wanted}")));
        }
        Ok(file.media.clone())
    }

    fn store(&mut self, kind: &'static str, upload: Upload) -> Result<Media, Refusal> {
        check_upload(kind, &upload.bytes)?;
        let size = upload.bytes.len();
        let serial = self.shared.serial();
        let unique = format!("AQAD{serial:08}");
        let file_id = format!("{}{unique}-{}", prefix(kind), self.bot.id);
        let json = match kind {
            "photo" => photo_sizes(&file_id, &unique, &upload.bytes),
            _ => document(kind, &file_id, &unique, &upload),
        };
        let media = Media { kind, file_id: file_id.clone(), json };
        let path = format!("{kind}s/file_{serial}");
        let bytes = (self.shared.keep != Keep::Compact).then_some(upload.bytes);
        if self.shared.keep == Keep::Recent {
            self.shared.forget_old_bytes(&file_id);
        }
        self.shared.files.insert(file_id, StoredFile { bot: self.bot.id, media: media.clone(), path, size, bytes });
        Ok(media)
    }
}

/// Executes `getFile`.
pub(super) fn get_file(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let id = call.params.text("file_id").unwrap_or_default();
    let file = call.shared.files.get(id).filter(|file| file.bot == call.bot.id);
    let file = file.ok_or_else(|| Refusal::bad("invalid file_id"))?;
    Ok(Done::with(json!({
        "file_id": id, "file_unique_id": format!("AQAD{}", file.path), "file_size": file.size, "file_path": file.path,
    })))
}

fn check_upload(kind: &str, bytes: &Bytes) -> Result<(), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::bad("file must be non-empty"));
    }
    let limit = if kind == "photo" { PHOTO_LIMIT } else { FILE_LIMIT };
    if bytes.len() > limit {
        return Err(Refusal::new(413, "Request Entity Too Large"));
    }
    if kind != "photo" {
        return Ok(());
    }
    if !is_picture(bytes) {
        return Err(Refusal::bad("IMAGE_PROCESS_FAILED"));
    }
    match png_size(bytes) {
        Some((width, height)) if !photo_fits(width, height) => Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS")),
        _ => Ok(()),
    }
}

fn is_picture(bytes: &[u8]) -> bool {
    let signatures: [&[u8]; 4] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF"];
    signatures.iter().any(|signature| bytes.starts_with(signature))
}

/// Width and height from the header of a PNG; `None` for other files.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |from: usize| Some(u32::from_be_bytes(bytes.get(from..from + 4)?.try_into().ok()?));
    (bytes.get(12..16)? == b"IHDR").then(|| Some((number(16)?, number(20)?)))?
}

/// Whether Telegram accepts a photo of this size: width and height together at most 10,000, their ratio at most 20.
fn photo_fits(width: u32, height: u32) -> bool {
    let (small, large) = (u64::from(width.min(height)), u64::from(width.max(height)));
    small > 0 && small + large <= 10_000 && large <= small * 20
}

fn photo_sizes(file_id: &str, unique: &str, bytes: &[u8]) -> Value {
    let (width, height) = png_size(bytes).unwrap_or((800, 600));
    json!([{
        "file_id": file_id, "file_unique_id": unique, "width": width, "height": height, "file_size": bytes.len(),
    }])
}

fn document(kind: &str, file_id: &str, unique: &str, upload: &Upload) -> Value {
    let mut value = json!({
        "file_id": file_id, "file_unique_id": unique, "file_name": upload.name, "file_size": upload.bytes.len(),
    });
    if let (true, Some(map)) = (kind == "video", value.as_object_mut()) {
        map.extend([("width".into(), json!(640)), ("height".into(), json!(360)), ("duration".into(), json!(1))]);
    }
    value
}

fn prefix(kind: &str) -> &'static str {
    match kind {
        "photo" => "AgACAgIAAxkB",
        "video" => "BAACAgIAAxkB",
        _ => "BQACAgIAAxkB",
    }
}

fn type_name(kind: &str) -> &'static str {
    match kind {
        "photo" => "Photo",
        "video" => "Video",
        _ => "Document",
    }
}
