package dev.tributary.vertx.internal.goqueue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An HTTP server that answers as a test says, and remembers what it was asked. */
public final class ScriptedHttp implements AutoCloseable {
  public final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final Map<String, Function<Asked, Reply>> scripts = new ConcurrentHashMap<>();
  private final Vertx vertx;
  private volatile Function<Asked, @Nullable Reply> faults = q -> null;
  private HttpServer http;

  ScriptedHttp(Vertx vertx) {
    this.vertx = vertx;
  }

  /** A request: {@code line} is its method and path, without the query. */
  public record Asked(String line, Map<String, String> query, String body, String authorization) {
    JsonObject json() {
      return new JsonObject(body);
    }

    long number(String parameter) {
      return Long.parseLong(query.get(parameter));
    }
  }

  /** An answer; status 0 for a connection that is closed instead, -1 for none at all. */
  public record Reply(int status, String body) {
    static Reply ok(String body) {
      return new Reply(200, body.replace('\'', '"'));
    }

    static Reply error(int status, String text) {
      return new Reply(status, new JsonObject().put("error", text).put("status", status).encode());
    }

    static final Reply BREAK = new Reply(0, "");
    static final Reply SILENCE = new Reply(-1, "");
  }

  /** The script runs for every request of this method and path; it replaces the one before. */
  public ScriptedHttp on(String line, Function<Asked, Reply> script) {
    scripts.put(line, script);
    return this;
  }

  /** This body, where {@code '} stands for {@code "}. */
  public ScriptedHttp on(String line, String body) {
    return on(line, q -> Reply.ok(body));
  }

  /** Asked before the scripts: null where they answer. */
  void faults(Function<Asked, @Nullable Reply> faults) {
    this.faults = faults;
  }

  public List<Asked> asked(String line) {
    return asked.stream().filter(q -> q.line().equals(line)).toList();
  }

  int listen() throws Exception {
    http =
        vertx
            .createHttpServer()
            .requestHandler(this::handle)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    return http.actualPort();
  }

  private void handle(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              Map<String, String> query = new ConcurrentHashMap<>();
              request.params().forEach(query::put);
              Asked question =
                  new Asked(
                      request.method() + " " + request.path(), query, body.toString(), String.valueOf(request.getHeader("authorization")));
              asked.add(question);
              Function<Asked, Reply> script = scripts.get(question.line());
              Reply fault = faults.apply(question);
              Reply reply = fault != null ? fault : script == null ? Reply.error(404, "no script for " + question.line()) : script.apply(question);
              if (reply.status() == 0) {
                request.connection().close();
              } else if (reply.status() > 0) {
                request.response().setStatusCode(reply.status()).end(reply.body());
              }
            });
  }

  @Override
  public void close() {
    if (http != null) {
      http.close().toCompletionStage().toCompletableFuture().join();
    }
  }
}
