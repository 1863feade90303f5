package dev.tributary.vertx.internal.goqueue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** An HTTP server that answers as a test says, and remembers what it was asked. What nothing was said about is a 404 with an error in JSON. */
final class ScriptedPeer implements AutoCloseable {
  final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final List<Script> scripts = new CopyOnWriteArrayList<>();
  private final HttpServer http;

  /** A request. Whether its client broke it off can be asked later. */
  static final class Asked {
    final String what;
    final JsonObject body;
    private final HttpServerRequest request;
    volatile boolean broken;

    private Asked(HttpServerRequest request, Buffer body) {
      this.request = request;
      this.what = request.method() + " " + request.path();
      this.body = body.length() == 0 ? new JsonObject() : body.toJsonObject();
      request.connection().closeHandler(gone -> broken = true);
    }

    String query(String name) {
      return request.getParam(name);
    }

    void answer(int status, Object body) {
      if (!broken) {
        request.response().setStatusCode(status).end(Json.encode(body));
      }
    }

    void breakOff() {
      request.connection().close();
    }

    @Override
    public String toString() {
      return what + (request.query() == null ? "" : "?" + request.query()) + " " + body.encode();
    }
  }

  /** Says no. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refusal(int status, String message) {
      super(message, null, false, false);
      this.status = status;
    }
  }

  private record Script(String what, Predicate<Asked> deal) {}

  ScriptedPeer(Vertx vertx) throws Exception {
    http =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.body().onSuccess(body -> handle(new Asked(request, body))))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
  }

  private void handle(Asked request) {
    asked.add(request);
    for (int i = scripts.size() - 1; i >= 0; i--) {
      Script script = scripts.get(i);
      if (script.what().equals(request.what) && script.deal().test(request)) {
        return;
      }
    }
    request.answer(404, error(404, "group not found"));
  }

  private static JsonObject error(int status, String text) {
    return new JsonObject().put("error", text).put("status", status);
  }

  int port() {
    return http.actualPort();
  }

  /** Answers a request like {@code POST /messages/ack}; the latest script for one goes first. */
  ScriptedPeer on(String what, Function<Asked, Object> answer) {
    return later(
        what,
        request -> {
          try {
            request.answer(200, answer.apply(request));
          } catch (Refusal refusal) {
            request.answer(refusal.status, error(refusal.status, refusal.getMessage()));
          }
          return true;
        });
  }

  /** Deals with a request, now or later; or leaves it to the scripts before this. */
  ScriptedPeer later(String what, Predicate<Asked> deal) {
    scripts.add(new Script(what, deal));
    return this;
  }

  /** What it was asked of this kind. */
  List<Asked> asked(String what) {
    return asked.stream().filter(request -> request.what.equals(what)).toList();
  }

  Stream<String> order() {
    return asked.stream().map(request -> request.what);
  }

  @Override
  public void close() {
    http.close();
  }
}
