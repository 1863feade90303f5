package dev.tributary.testkit.server.internal.http;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a route answers.
 *
 * @param status the status code
 * @param headers the headers, its content type among them
 * @param body the body
 * @param undelivered runs if the client does not get it
 */
public record HttpReply(int status, Map<String, String> headers, String body, Runnable undelivered) {
  private static final Runnable NOTHING = () -> {};

  /** There is nothing at this path. */
  public static final HttpReply NOT_FOUND = text(404, "404 page not found");

  /** No answer: the connection ends. */
  public static final HttpReply HANG_UP = new HttpReply(0, Map.of(), "", NOTHING);

  /** Text of any kind. */
  public static HttpReply of(int status, String type, String body) {
    return new HttpReply(status, Map.of("content-type", type), body, NOTHING);
  }

  /** Only a status. */
  public static HttpReply empty(int status) {
    return new HttpReply(status, Map.of(), "", NOTHING);
  }

  /** An object, with this status. */
  public static HttpReply json(int status, JsonObject body) {
    return of(status, "application/json", body.encode());
  }

  /** An object. */
  public static HttpReply json(JsonObject body) {
    return json(200, body);
  }

  /** One line of text. */
  public static HttpReply text(int status, String line) {
    return of(status, "text/plain; charset=utf-8", line + "\n");
  }

  boolean hangsUp() {
    return status == HANG_UP.status;
  }

  /** The same, with these headers too. */
  public HttpReply with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(more);
    return new HttpReply(status, Map.copyOf(all), body, undelivered);
  }

  /** The same, and whether it arrives matters. */
  public HttpReply orElse(Runnable undelivered) {
    return new HttpReply(status, headers, body, undelivered);
  }
}
