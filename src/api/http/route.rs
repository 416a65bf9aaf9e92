//! A route of the table of contents: what the program serves, and in tests also its part of the OpenAPI document.
//! Describing routes costs compile time and memory, so the program itself ships the finished document.

use axum::Router;
use axum::routing::MethodRouter;
#[cfg(test)]
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::api::Door;

/// A handler under a path.
pub(in crate::api) struct Route {
    pub(in crate::api) path: &'static str,
    /// The method in lower case, as in the OpenAPI document.
    #[cfg(test)]
    pub(in crate::api) method: &'static str,
    pub(in crate::api) served: MethodRouter<Door>,
    /// What the handler's `utoipa::path` attribute says.
    #[cfg(test)]
    pub(in crate::api) described: UtoipaMethodRouter<Door>,
}

/// `route!(get "/users" users::list)`: the route of a handler that has a `utoipa::path` attribute.
macro_rules! route {
    ($method:ident $path:literal $($handler:ident)::+) => {
        $crate::api::http::route::Route {
            path: $path,
            #[cfg(test)]
            method: stringify!($method),
            served: axum::routing::$method($($handler)::+),
            #[cfg(test)]
            described: utoipa_axum::routes!($($handler)::+),
        }
    };
}
pub(in crate::api) use route;

#[cfg(test)]
impl Route {
    /// The route with a changed description.
    pub(in crate::api) fn described_by(
        self,
        change: impl FnOnce(UtoipaMethodRouter<Door>) -> UtoipaMethodRouter<Door>,
    ) -> Self {
        Self { described: change(self.described), ..self }
    }
}

/// Routes of a part of the API.
#[derive(Default)]
pub(in crate::api) struct Routes {
    pub(in crate::api) served: Router<Door>,
    #[cfg(test)]
    pub(in crate::api) described: OpenApiRouter<Door>,
}

impl Routes {
    /// These routes and one more.
    pub(in crate::api) fn add(self, route: Route) -> Self {
        #[cfg(test)]
        assert_is_described(&route);
        Self {
            served: self.served.route(route.path, route.served),
            #[cfg(test)]
            described: self.described.routes(route.described),
        }
    }

    /// The routes of both.
    pub(in crate::api) fn merge(self, other: Self) -> Self {
        Self {
            served: self.served.merge(other.served),
            #[cfg(test)]
            described: self.described.merge(other.described),
        }
    }

    /// These routes below `path`.
    pub(in crate::api) fn below(self, path: &str) -> Self {
        Self {
            served: Router::new().nest(path, self.served),
            #[cfg(test)]
            described: OpenApiRouter::new().nest(path, self.described),
        }
    }
}

/// The attribute of a handler must name the method and the path under which the table serves the handler.
#[cfg(test)]
fn assert_is_described(route: &Route) {
    let (_, paths, _) = &route.described;
    let described: Vec<&String> = paths.paths.keys().collect();
    assert_eq!(described, [route.path], "the attribute of the handler names another path");
    let operations = serde_json::to_value(&paths.paths[route.path]).unwrap();
    assert!(operations[route.method].is_object(), "{}: the attribute names no {}", route.path, route.method);
}
