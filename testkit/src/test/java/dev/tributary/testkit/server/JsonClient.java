package dev.tributary.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks the HTTP side of a server, as somebody who knows nothing of this project would. */
public final class JsonClient {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final EmbeddedServer server;
  private final @Nullable String authorization;

  public JsonClient(EmbeddedServer server) {
    this(server, null);
  }

  private JsonClient(EmbeddedServer server, @Nullable String authorization) {
    this.server = server;
    this.authorization = authorization;
  }

  /** The same client with another {@code authorization} header. */
  public JsonClient as(String authorization) {
    return new JsonClient(server, authorization);
  }

  /** The body of an answer that must have this status. */
  public JsonObject expect(int status, String method, String path, @Nullable JsonObject body) {
    HttpResponse<String> reply = send(method, path, body == null ? null : body.encode());
    assertThat(reply.statusCode()).as("%s %s: %s", method, path, reply.body()).isEqualTo(status);
    assertThat(reply.headers().firstValue("content-type")).hasValue("application/json");
    return new JsonObject(reply.body());
  }

  public JsonObject get(String path) {
    return expect(200, "GET", path, null);
  }

  public JsonObject post(String path, JsonObject body) {
    return expect(200, "POST", path, body);
  }

  /** Whatever is answered. */
  public HttpResponse<String> send(String method, String path, @Nullable String body) {
    try {
      return CLIENT.send(request(method, path, body), HttpResponse.BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new AssertionError(method + " " + path, failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** Whatever will be answered. */
  public CompletableFuture<HttpResponse<String>> start(String method, String path, @Nullable String body, String... headers) {
    return CLIENT.sendAsync(request(method, path, body, headers), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest request(String method, String path, @Nullable String body, String... headers) {
    HttpRequest.BodyPublisher content = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
    URI uri = URI.create("http://" + server.host() + ":" + server.httpPort() + path);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).method(method, content);
    if (authorization != null) {
      request.header("authorization", authorization);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return request.build();
  }
}
