//! The routes: one table, from which the router is made and against which the API's description is tested.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use serde::Deserialize;

use super::assets::{ASSETS, OPENAPI, PAGE};
use super::refusal::Refusal;
use super::{Server, channels, events, films, gate, jobs, known, pictures};

type Handler = MethodRouter<Arc<Server>>;

/// The query parameters of the page's address.
#[derive(Debug, Default, Deserialize)]
struct Arrival {
    token: Option<String>,
}

/// Method, path and handler of everything under `/api`.
fn table() -> Vec<(&'static str, &'static str, Handler)> {
    vec![
        ("get", "/api/health", get(known::health)),
        ("get", "/api/capabilities", get(known::capabilities)),
        ("get", "/api/settings", get(known::settings)),
        ("get", "/api/presets", get(known::presets)),
        ("get", "/api/layers", get(known::layers)),
        ("get", "/api/classes", get(known::classes)),
        ("get", "/api/channels", get(channels::list)),
        ("get", "/api/channels/{sheet}", get(channels::sheet)),
        ("get", "/api/openapi.json", get(async || OPENAPI.into_response())),
        ("put", "/api/pictures", put(pictures::put)),
        ("get", "/api/pictures/{sha256}", get(pictures::get)),
        ("get", "/api/pictures/{sha256}/view", get(pictures::view)),
        ("put", "/api/films", put(films::put)),
        ("get", "/api/films/{sha256}", get(films::get)),
        ("get", "/api/events", get(events::listen)),
        ("get", "/api/jobs", get(jobs::list)),
        ("post", "/api/jobs", post(jobs::order)),
        ("delete", "/api/jobs", delete(jobs::remove_all)),
        ("get", "/api/jobs/{id}", get(jobs::get)),
        ("delete", "/api/jobs/{id}", delete(jobs::remove)),
        ("post", "/api/jobs/{id}/cancel", post(jobs::cancel)),
        ("get", "/api/jobs/{id}/preview", get(jobs::preview)),
        ("get", "/api/jobs/{id}/thumbnail", get(jobs::thumbnail)),
        ("get", "/api/jobs/{id}/recipe", get(jobs::recipe)),
        ("get", "/api/jobs/{id}/result", get(jobs::result)),
    ]
}

/// All routes and assets, behind the gate.
pub(super) fn router(server: &Arc<Server>) -> Router {
    let mut router = Router::new().route("/", get(page));
    for (_, path, handler) in table() {
        router = router.route(path, handler);
    }
    for asset in ASSETS {
        router = router.route(asset.path, get(async move || asset.into_response()));
    }
    router
        .fallback(async || Refusal::absent("there is nothing here"))
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this method is not accepted here")
        })
        .layer(from_fn_with_state(Arc::clone(&server.gate), gate::guard))
        .with_state(Arc::clone(server))
}

/// `GET /`: the page. With a token, sets the cookie and redirects to the same address without the token.
async fn page(State(server): State<Arc<Server>>, Query(Arrival { token }): Query<Arrival>) -> Response {
    let Some(token) = token else { return (&PAGE).into_response() };
    match server.gate.redeem(&token) {
        Ok(cookie) => {
            let mut headers = HeaderMap::new();
            headers.insert(header::SET_COOKIE, cookie);
            headers.insert(header::LOCATION, HeaderValue::from_static("/"));
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        // A browser that has the cookie sees its dreams; on any other, the page says where to find the new
        // address.
        Err(_) => (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_description_has_every_route_and_no_other() {
        let described: serde_json::Value =
            serde_json::from_str(include_str!("openapi.json")).expect("it is JSON");
        let paths = described["paths"].as_object().expect("it has paths");
        let described: BTreeSet<(String, String)> = paths
            .iter()
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().expect("a path has methods").keys();
                methods.filter(|key| *key != "parameters").map(|method| (method.clone(), path.clone()))
            })
            .collect();
        let there =
            table().into_iter().map(|(method, path, _)| (method.to_owned(), path.to_owned())).collect();
        assert_eq!(described, there);
    }
}
