//! The pages as files: nothing in them or in their headers lets anything else in. What a browser makes of them is `browser`.

use std::io::Read;

use reqwest::Response;

use super::Api;

async fn get(api: &Api, path: &str) -> Response {
    api.http.get(format!("{}{path}", api.w.http())).send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_come_whole_from_the_binary_under_a_policy_of_their_own() {
    let api = Api::open().await;
    for (path, kind, words) in [
        ("/api/docs/", "text/html", "swagger-ui-bundle.js"),
        ("/api/docs/swagger-ui-bundle.js", "text/javascript", "SwaggerUI"),
        ("/api/docs/swagger-initializer.js", "text/javascript", "/api/openapi.json"),
        ("/api/docs/swagger-ui.css", "text/css", ".swagger-ui"),
        ("/api/redoc", "text/html; charset=utf-8", "id=\"discounts_redeem\""),
        ("/api/redoc/style.css", "text/css; charset=utf-8", "prefers-color-scheme: dark"),
        ("/api/openapi.json", "application/json", "\"openapi\""),
    ] {
        let page = get(&api, path).await;
        assert_eq!((page.status().as_u16(), header(&page, "content-type")), (200, kind), "{path}");
        assert_eq!(header(&page, "cache-control"), "no-cache", "{path}");
        assert_eq!(header(&page, "x-content-type-options"), "nosniff", "{path}");
        let policy = header(&page, "content-security-policy").to_owned();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("script-src 'self' 'unsafe") && !policy.contains('*') && !policy.contains("http"),
            "{policy}"
        );
        let tag = header(&page, "etag").to_owned();
        assert!(page.text().await.unwrap().contains(words), "{path}: no {words}");
        let again = api.http.get(format!("{}{path}", api.w.http())).header("If-None-Match", &tag).send().await.unwrap();
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, &*tag), "{path}");
        assert_eq!(again.text().await.unwrap(), "");
        let zipped = api.http.get(format!("{}{path}", api.w.http())).header("Accept-Encoding", "br, gzip;q=0.5");
        let zipped = zipped.send().await.unwrap();
        let is_compressed = !path.ends_with("swagger-initializer.js") && !path.ends_with("style.css");
        assert_eq!(header(&zipped, "vary") == "Accept-Encoding", is_compressed, "{path}");
        if is_compressed {
            assert_eq!(header(&zipped, "content-encoding"), "gzip", "{path}");
            assert_ne!(header(&zipped, "etag"), tag, "{path}: another representation");
            let mut plain = String::new();
            let bytes = zipped.bytes().await.unwrap();
            flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut plain).unwrap();
            assert!(plain.contains(words), "{path}: no {words}");
        }
        let refused = api.http.get(format!("{}{path}", api.w.http())).header("Accept-Encoding", "gzip;q=0");
        assert_eq!(header(&refused.send().await.unwrap(), "content-encoding"), "", "{path}");
    }
    assert_eq!(get(&api, "/api/docs").await.url().path(), "/api/docs/");
    let missing = super::heard(get(&api, "/api/docs/nothing.js").await).await;
    assert_eq!((missing.status, missing.code()), (404, "NOT_FOUND"));
    let initializer = get(&api, "/api/docs/swagger-initializer.js").await.text().await.unwrap();
    assert!(initializer.contains("\"validatorUrl\": \"none\""), "no validator elsewhere: {initializer}");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reading_view_needs_nothing_from_anywhere() {
    let api = Api::open().await;
    let page = get(&api, "/api/redoc").await.text().await.unwrap();
    for word in ["<script", "style=\"", " on", "src=", "href=\"http", "url(http", "@import"] {
        let found = page.match_indices(word).filter(|_| word != " on" || page.contains(" onclick=")).count();
        assert_eq!(found, 0, "{word}");
    }
    for word in
        ["RECURRENCE_NOT_REACHED", "<i>owner</i>", "<i>redeem</i>", "Idempotency-Key", "1 to 100", "the internal key"]
    {
        assert!(page.contains(word), "{word}");
    }
    api.w.ends().await;
}
