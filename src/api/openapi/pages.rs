//! The pages for browsers: the OpenAPI document, Swagger UI (`/api/docs`) and the reading view (`/api/redoc`). All
//! content comes from this binary: the security policies allow nothing else. Responses have an `ETag`, so a repeated
//! request mostly gets 304.

use std::io::Read;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::read::GzDecoder;
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

/// A file of the pages, ready to be sent.
struct File {
    kind: &'static str,
    policy: Option<&'static str>,
    tag: HeaderValue,
    bytes: Bytes,
}

impl File {
    fn new(kind: &'static str, policy: Option<&'static str>, text: String) -> Self {
        Self { kind, policy, tag: tag_of(&secret::sha256(&text)), bytes: text.into() }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = fresh_or(&self.tag, asked, || Body::from(self.bytes.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        if let Some(policy) = self.policy {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        response
    }
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
        self.document.get_or_init(|| File::new("application/json", None, shipped()))
    }

    fn reading(&self) -> &File {
        self.reading.get_or_init(|| {
            let document: Value = serde_json::from_str(&shipped()).unwrap_or_default();
            File::new("text/html; charset=utf-8", Some(READING_POLICY), reading::page(&document))
        })
    }

    fn style(&self) -> &File {
        self.style.get_or_init(|| File::new("text/css; charset=utf-8", None, reading::STYLE.to_owned()))
    }

    fn swagger(&self) -> Arc<Config<'static>> {
        Arc::clone(self.swagger.get_or_init(|| Arc::new(swagger())))
    }
}

/// The OpenAPI document.
fn shipped() -> String {
    let mut text = String::new();
    // Cannot fail: the bytes were compressed when the program was built.
    let _ = GzDecoder::new(SHIPPED).read_to_string(&mut text);
    text
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
    // The tag is made from the version, because the files change only with the binary.
    let tag = tag_of(&secret::sha256(&format!("{path} {}", env!("CARGO_PKG_VERSION"))));
    let mut response = fresh_or(&tag, asked, || Body::from(file.bytes.into_owned()));
    let headers = response.headers_mut();
    if file.gzpipped {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_str(&file.content_type).unwrap_or(HeaderValue::from_static("text/html")),
    );
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(SWAGGER_POLICY));
    response
}

fn tag_of(hash: &str) -> HeaderValue {
    let short = hash.get(..16).unwrap_or_default();
    HeaderValue::from_str(&format!("\"{short}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// 304 if the client has this version of the file, else the file.
fn fresh_or(tag: &HeaderValue, asked: &HeaderMap, body: impl FnOnce() -> Body) -> Response {
    let known = asked.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    let is_known = tag.to_str().is_ok_and(|tag| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = Response::new(if is_known { Body::empty() } else { body() });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response.headers_mut().insert(ETAG, tag.clone());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
