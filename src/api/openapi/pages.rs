//! The pages for browsers: the OpenAPI document, Swagger UI (`/api/docs`) and the reading view (`/api/redoc`). All
//! content comes from this binary: the security policies allow nothing else. Responses have an `ETag`, so a repeated
//! request mostly gets 304.

use std::borrow::Cow;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    LOCATION, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use serde_json::Value;
use utoipa_swagger_ui::Config;

use super::reading;
use crate::api::http::problem::Problem;
use crate::catalogue::Code;
use crate::secret;

const DOCUMENT: &str = "/api/openapi.json";
const SWAGGER: &str = "/api/docs/";
/// The security policy of Swagger UI, which loads its icons from `data:` and adds inline styles.
const SWAGGER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const READING_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// A file of the pages.
struct File {
    kind: Cow<'static, str>,
    policy: Option<&'static str>,
    tag: String,
    content: Content,
}

/// What a file holds. Compressed content is sent as it is to a client that reads gzip, and is decompressed anew for each
/// other client: browsers all read it.
enum Content {
    Plain(Bytes),
    Gzip(Bytes),
}

impl File {
    fn new(kind: &'static str, policy: Option<&'static str>, content: Content) -> Self {
        let (Content::Plain(bytes) | Content::Gzip(bytes)) = &content;
        let tag = short(&secret::sha256(bytes));
        Self { kind: kind.into(), policy, tag, content }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let is_gzip = matches!(self.content, Content::Gzip(_)) && reads_gzip(asked);
        // Each form of the content is a representation with a tag of its own (RFC 9110, 8.8.3.3).
        let tag = format!("\"{}{}\"", self.tag, if is_gzip { "-gzip" } else { "" });
        let mut response = fresh_or(&tag, asked, || self.body(is_gzip));
        let headers = response.headers_mut();
        let kind = HeaderValue::from_str(&self.kind).unwrap_or(HeaderValue::from_static("text/html"));
        headers.insert(CONTENT_TYPE, kind);
        if let Content::Gzip(_) = self.content {
            headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if is_gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(policy) = self.policy {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        response
    }

    fn body(&self, is_gzip: bool) -> Body {
        match &self.content {
            Content::Plain(bytes) => Body::from(bytes.clone()),
            Content::Gzip(bytes) if is_gzip => Body::from(bytes.clone()),
            Content::Gzip(bytes) => Body::from(decompressed(bytes)),
        }
    }
}

/// Whether `Accept-Encoding` names gzip, and not with the weight 0.
fn reads_gzip(asked: &HeaderMap) -> bool {
    let accepted = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight, Some(Ok(0.0)))
    })
}

/// Cannot fail for the bytes that were compressed when the program was built.
fn decompressed(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let _ = GzDecoder::new(bytes).read_to_end(&mut plain);
    plain
}

/// The OpenAPI document, compressed: readers of the shop's figures never ask for it, and plain it takes a megabyte.
const SHIPPED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

/// The files of the pages, each built when a client first asks for it.
#[derive(Default)]
struct Pages {
    document: OnceLock<File>,
    reading: OnceLock<File>,
    style: OnceLock<File>,
    swagger: OnceLock<Arc<Config<'static>>>,
}

impl Pages {
    fn document(&self) -> &File {
        let content = || Content::Gzip(Bytes::from_static(SHIPPED));
        self.document.get_or_init(|| File::new("application/json", None, content()))
    }

    fn reading(&self) -> &File {
        self.reading.get_or_init(|| {
            let document: Value = serde_json::from_slice(&decompressed(SHIPPED)).unwrap_or_default();
            let page = compressed(&reading::page(&document));
            File::new("text/html; charset=utf-8", Some(READING_POLICY), Content::Gzip(page))
        })
    }

    fn style(&self) -> &File {
        let content = || Content::Plain(Bytes::from_static(reading::STYLE.as_bytes()));
        self.style.get_or_init(|| File::new("text/css; charset=utf-8", None, content()))
    }

    fn swagger(&self) -> Arc<Config<'static>> {
        Arc::clone(self.swagger.get_or_init(|| Arc::new(swagger())))
    }
}

fn compressed(text: &str) -> Bytes {
    let mut bytes = Vec::new();
    // Cannot fail: it is written to memory.
    let _ = GzEncoder::new(text.as_bytes(), Compression::default()).read_to_end(&mut bytes);
    bytes.into()
}

/// The configuration of Swagger UI, which uses no external service: no validator, no fonts.
fn swagger() -> Config<'static> {
    Config::new([DOCUMENT])
        .validator_url("none")
        .try_it_out_enabled(true)
        .display_request_duration(true)
        .show_extensions(true)
        .doc_expansion("list")
        .default_models_expand_depth(0)
        .filter(true)
}

/// The routes of the pages for browsers, which have a state of their own.
pub(in crate::api) fn routes<S>() -> Router<S> {
    Router::new()
        .route(DOCUMENT, get(document))
        .route("/api/redoc", get(read))
        .route("/api/redoc/", get(|| moved("/api/redoc")))
        .route("/api/redoc/style.css", get(style))
        .route("/api/docs", get(|| moved(SWAGGER)))
        .route(SWAGGER, get(index))
        .route("/api/docs/{*file}", get(file))
        .with_state(Arc::<Pages>::default())
}

/// `GET /api/openapi.json`
async fn document(State(pages): State<Arc<Pages>>, asked: HeaderMap) -> Response {
    pages.document().answer(&asked)
}

/// `GET /api/redoc`
async fn read(State(pages): State<Arc<Pages>>, asked: HeaderMap) -> Response {
    pages.reading().answer(&asked)
}

async fn style(State(pages): State<Arc<Pages>>, asked: HeaderMap) -> Response {
    pages.style().answer(&asked)
}

async fn index(State(pages): State<Arc<Pages>>, asked: HeaderMap) -> Response {
    swagger_file(&pages, "index.html", &asked)
}

async fn file(State(pages): State<Arc<Pages>>, Path(path): Path<String>, asked: HeaderMap) -> Response {
    swagger_file(&pages, &path, &asked)
}

async fn moved(to: &'static str) -> Response {
    (StatusCode::PERMANENT_REDIRECT, [(LOCATION, to)]).into_response()
}

fn swagger_file(pages: &Pages, path: &str, asked: &HeaderMap) -> Response {
    let found = utoipa_swagger_ui::serve(path, pages.swagger()).ok().flatten();
    let Some(file) = found else { return Problem::of(Code::NotFound).into_response() };
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    let content = if file.gzpipped { Content::Gzip(bytes) } else { Content::Plain(bytes) };
    // The tag is made from the version, because the files change only with the binary.
    let tag = short(&secret::sha256(format!("{path} {}", env!("CARGO_PKG_VERSION"))));
    File { kind: file.content_type.into(), policy: Some(SWAGGER_POLICY), tag, content }.answer(asked)
}

fn short(hash: &str) -> String {
    hash.get(..16).unwrap_or_default().to_owned()
}

/// 304 if the client has this version of the file, else the file.
fn fresh_or(tag: &str, asked: &HeaderMap, body: impl FnOnce() -> Body) -> Response {
    let known = asked.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    let is_known = known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut response = Response::new(if is_known { Body::empty() } else { body() });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response.headers_mut().insert(ETAG, HeaderValue::from_str(tag).unwrap_or(HeaderValue::from_static("\"\"")));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
