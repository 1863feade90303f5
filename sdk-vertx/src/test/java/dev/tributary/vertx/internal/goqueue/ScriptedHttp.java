package dev.tributary.vertx.internal.goqueue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An HTTP server that answers as a test says, and remembers what it was asked. What nothing was said about is a 404 with an error in JSON. */
public final class ScriptedHttp implements AutoCloseable {
  public final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final List<Script> scripts = new CopyOnWriteArrayList<>();
  private final Vertx vertx;
  private final String unknown;
  private volatile Function<Asked, @Nullable Reply> faults = q -> null;
  private @Nullable HttpServer http;

  ScriptedHttp(Vertx vertx) {
    this(vertx, "no script for this");
  }

  /** One that says this of what it has no script for. */
  ScriptedHttp(Vertx vertx, String unknown) {
    this.vertx = vertx;
    this.unknown = unknown;
  }

  /** A request. Whether its client broke it off can be asked later. */
  public static final class Asked {
    private final HttpServerRequest request;
    private final String body;
    private final Map<String, String> query = new HashMap<>();
    volatile boolean broken;

    private Asked(HttpServerRequest request, Buffer body) {
      this.request = request;
      this.body = body.toString();
      request.params().forEach(query::put);
      request.connection().closeHandler(gone -> broken = true);
    }

    /** Its method and path, without the query. */
    String line() {
      return request.method() + " " + request.path();
    }

    Map<String, String> query() {
      return query;
    }

    @Nullable String query(String name) {
      return query.get(name);
    }

    long number(String parameter) {
      return Long.parseLong(query.get(parameter));
    }

    String body() {
      return body;
    }

    JsonObject json() {
      return body.isEmpty() ? new JsonObject() : new JsonObject(body);
    }

    String authorization() {
      return String.valueOf(request.getHeader("authorization"));
    }

    void answer(Reply reply) {
      if (reply.status() == 0) {
        request.connection().close();
      } else if (reply.status() > 0 && !broken) {
        request.response().setStatusCode(reply.status()).end(reply.body());
      }
    }

    @Override
    public String toString() {
      return line() + (request.query() == null ? "" : "?" + request.query()) + " " + body;
    }
  }

  /** An answer; status 0 for a connection that is closed instead, -1 for none at all. */
  public record Reply(int status, String body) {
    static final Reply BREAK = new Reply(0, "");
    static final Reply SILENCE = new Reply(-1, "");

    /** This body, where {@code '} stands for {@code "}. */
    static Reply ok(String body) {
      return new Reply(200, body.replace('\'', '"'));
    }

    static Reply json(Object body) {
      return new Reply(200, Json.encode(body));
    }

    static Reply error(int status, String text) {
      return new Reply(status, new JsonObject().put("error", text).put("status", status).encode());
    }
  }

  /** Says no, where a script cannot return it. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Reply reply;

    Refusal(int status, String text) {
      super(text, null, false, false);
      this.reply = Reply.error(status, text);
    }
  }

  private record Script(String line, Predicate<Asked> deal) {}

  /** Runs for every request of this method and path, and says a {@link Reply} or what is one in JSON; the latest script goes first. */
  public ScriptedHttp on(String line, Function<Asked, ?> script) {
    return later(
        line,
        request -> {
          try {
            Object said = script.apply(request);
            request.answer(said instanceof Reply reply ? reply : Reply.json(said));
          } catch (Refusal refusal) {
            request.answer(refusal.reply);
          }
          return true;
        });
  }

  /** This body, where {@code '} stands for {@code "}. */
  public ScriptedHttp on(String line, String body) {
    return on(line, q -> Reply.ok(body));
  }

  /** Deals with a request, now or later; or leaves it to the scripts before this. */
  ScriptedHttp later(String line, Predicate<Asked> deal) {
    scripts.add(0, new Script(line, deal));
    return this;
  }

  /** Asked before the scripts: null where they answer. */
  void faults(Function<Asked, @Nullable Reply> faults) {
    this.faults = faults;
  }

  /** What it was asked of this kind. */
  public List<Asked> asked(String line) {
    return asked.stream().filter(q -> q.line().equals(line)).toList();
  }

  /** Answers from now on, at this port. */
  int listen() throws Exception {
    http =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.body().onSuccess(body -> handle(new Asked(request, body))))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    return http.actualPort();
  }

  private void handle(Asked request) {
    asked.add(request);
    Reply fault = faults.apply(request);
    if (fault != null) {
      request.answer(fault);
    } else if (scripts.stream().noneMatch(script -> script.line().equals(request.line()) && script.deal().test(request))) {
      request.answer(Reply.error(404, unknown));
    }
  }

  @Override
  public void close() {
    if (http != null) {
      http.close().toCompletionStage().toCompletableFuture().join();
    }
  }
}
